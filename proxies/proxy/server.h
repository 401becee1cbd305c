// The proxies of one execution: takes connections, keeps them while they live, and tells them when
// rules end.
#pragma once
#include "core/model/topology.h"
#include "core/runtime/proxying.h"
#include "core/sched/clock.h"
#include "proxies/proxy/connection.h"

#include <list>

namespace fb {

class ProxyServer final : public ProxyFront {
 public:
  ProxyServer(const Topology& topology, MessageJudge& judge, Clock& clock);
  ~ProxyServer() override;
  ProxyServer(const ProxyServer&) = delete;
  ProxyServer& operator=(const ProxyServer&) = delete;

  void take(ProxiedConnection connection) override;
  void partitioned(const PartitionSet& partitions);
  size_t connections() const { return connections_.size(); }

 private:
  const Topology& topology_;
  MessageJudge& judge_;
  Clock& clock_;
  std::list<Connection> connections_;  // oldest first
};

}  // namespace fb
