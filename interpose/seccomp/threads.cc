#include "interpose/seccomp/threads.h"

#include <algorithm>

namespace fb {
namespace {

// Handles are descriptors of ours. A service with more threads than this gets them reopened.
constexpr size_t kMaxHandles = 512;

}  // namespace

SupervisedThread* ThreadTable::find(ServiceId service, int tid) {
  if (auto found = threads_.find(tid); found != threads_.end()) {
    SupervisedThread& thread = *found->second;
    if (thread.actor.index == service.value && thread.target.alive()) {
      thread.last_use = ++use_;
      return &thread;
    }
    // The number has been given to another thread.
    const int tgid = thread.target.tgid();
    const ServiceId old{thread.actor.index};
    threads_.erase(found);
    if (auto it = services_[old].processes.find(tgid); it != services_[old].processes.end()) {
      it->second.threads.erase(tid);
      if (tgid == tid) services_[old].processes.erase(it);
    }
  }
  auto target = Target::open(tid);
  if (!target) return nullptr;
  Service& owner = services_[service];
  auto [process, fresh] = owner.processes.try_emplace(target->tgid());
  if (fresh) process->second.ordinal = owner.next_process++;
  auto [ordinal, new_thread] = process->second.threads.try_emplace(tid, 0);
  if (new_thread && tid != target->tgid()) ordinal->second = process->second.next_thread++;
  make_room();
  auto thread = std::make_unique<SupervisedThread>(SupervisedThread{
      std::move(*target), ActorId::service(service, process->second.ordinal, ordinal->second),
      ++use_});
  return threads_.insert_or_assign(tid, std::move(thread)).first->second.get();
}

void ThreadTable::forget_process(ServiceId service, int tgid) {
  auto owner = services_.find(service);
  if (owner == services_.end()) return;
  auto process = owner->second.processes.find(tgid);
  if (process == owner->second.processes.end()) return;
  for (const auto& [tid, ordinal] : process->second.threads) threads_.erase(tid);
  owner->second.processes.erase(process);
}

std::vector<int> ThreadTable::processes(ServiceId service) const {
  std::vector<int> tgids;
  if (auto owner = services_.find(service); owner != services_.end())
    for (const auto& [tgid, process] : owner->second.processes) tgids.push_back(tgid);
  return tgids;
}

void ThreadTable::make_room() {
  if (threads_.size() < kMaxHandles) return;
  auto oldest = std::min_element(threads_.begin(), threads_.end(), [](const auto& a, const auto& b) {
    return a.second->last_use < b.second->last_use;
  });
  threads_.erase(oldest);
}

}  // namespace fb
