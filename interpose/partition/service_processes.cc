#include "interpose/partition/service_processes.h"

#include "interpose/footprint/descriptor.h"
#include "interpose/sys/posix.h"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <set>
#include <unistd.h>

namespace fb {
namespace {

// 0: it is gone.
int parent_of(int pid) {
  const auto status = posix::read_file(fmt::format("/proc/{}/status", pid));
  if (!status.ok()) return 0;
  constexpr std::string_view kKey = "\nPPid:\t";
  const size_t at = status->find(kKey);
  int parent = 0;
  if (at != std::string::npos)
    std::from_chars(status->data() + at + kKey.size(), status->data() + status->size(), parent);
  return parent;
}

bool has_ended(const Fd& pidfd) {
  const std::array<int, 1> fds{pidfd.get()};
  const auto ready = posix::poll_readable(fds, Duration::zero());
  return !ready.ok() || (*ready)[0];
}

}  // namespace

void ServiceProcesses::started(ServiceId service, int main_pid) {
  const int parent = parent_of(main_pid);
  // Started by this process itself: there is no init above it.
  const bool own_child = parent == getpid() || parent <= 1;
  const int pid = own_child ? main_pid : parent;
  auto pidfd = posix::pidfd_open(pid);
  if (!pidfd.ok()) {
    roots_.erase(service);
    return;
  }
  roots_.insert_or_assign(service, Root{pid, own_child, std::move(pidfd).value()});
}

std::vector<ServiceId> ServiceProcesses::services() const {
  std::vector<ServiceId> services;
  for (const auto& [service, root] : roots_) services.push_back(service);
  return services;
}

std::vector<int> ServiceProcesses::of(ServiceId service) const {
  const auto found = roots_.find(service);
  if (found == roots_.end() || has_ended(found->second.alive)) return {};
  const Root& root = found->second;
  std::set<int> pids;
  std::vector<int> unvisited{root.pid};
  while (!unvisited.empty()) {
    const int pid = unvisited.back();
    unvisited.pop_back();
    if (!pids.insert(pid).second) continue;
    for (const int child : child_pids(pid)) unvisited.push_back(child);
  }
  if (!root.is_member) pids.erase(root.pid);
  return {pids.begin(), pids.end()};
}

}  // namespace fb
