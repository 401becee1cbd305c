// The processes of each supervised service at this moment, children included, found from the
// process above the service's main one (its init, which collects orphans).
#pragma once
#include "core/model/ids.h"
#include "interpose/sys/fd.h"

#include <map>
#include <vector>

namespace fb {

class ServiceProcesses {
 public:
  // The service has been started; an earlier start of it is forgotten.
  void started(ServiceId service, int main_pid);
  std::vector<ServiceId> services() const;
  // Ascending; empty when it has ended.
  std::vector<int> of(ServiceId service) const;

 private:
  struct Root {
    int pid = 0;
    bool is_member = false;  // the root is a process of the service itself
    Fd alive;                // pidfd: the number has not been given to another process
  };
  std::map<ServiceId, Root> roots_;
};

}  // namespace fb
