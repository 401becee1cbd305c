// What partitions do to sockets that exist. interpose/partition implements it for local processes.
#pragma once
#include "core/base/result.h"
#include "core/sched/partitions.h"

namespace fb {

class NetworkCut : public PeerLocator {
 public:
  // Brings the sockets of all services in line with the open partitions: withholds, resets, heals.
  // Called whenever a partition was opened or closed. Error: some socket is out of reach.
  virtual Status enforce(const PartitionSet& partitions) = 0;
};

}  // namespace fb
