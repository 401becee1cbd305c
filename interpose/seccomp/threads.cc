#include "interpose/seccomp/threads.h"

#include <algorithm>
#include <ctime>

namespace fb {
namespace {

// Handles are descriptors of ours. A service with more threads than this gets them reopened.
constexpr size_t kMaxHandles = 512;
// No machine gives a thread number away again this soon.
constexpr int64_t kTrustedMs = 100;

int64_t coarse_now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

std::shared_ptr<SupervisedThread> ThreadTable::find(ServiceId service, int tid) {
  const int64_t now_ms = coarse_now_ms();
  if (auto found = threads_.find(tid); found != threads_.end()) {
    SupervisedThread& thread = *found->second;
    const bool trusted = now_ms - thread.checked_ms < kTrustedMs;
    if (thread.actor.index == service.value && (trusted || thread.target.alive())) {
      thread.last_use = ++use_;
      if (!trusted) thread.checked_ms = now_ms;
      return found->second;
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
  auto thread = std::make_shared<SupervisedThread>(SupervisedThread{
      std::move(*target), ActorId::service(service, process->second.ordinal, ordinal->second),
      ++use_, now_ms});
  return threads_.insert_or_assign(tid, std::move(thread)).first->second;
}

void ThreadTable::forget_process(ServiceId service, int tgid) {
  auto owner = services_.find(service);
  if (owner == services_.end()) return;
  auto process = owner->second.processes.find(tgid);
  if (process == owner->second.processes.end()) return;
  for (const auto& [tid, ordinal] : process->second.threads) threads_.erase(tid);
  owner->second.processes.erase(process);
}

std::optional<ActorId> ThreadTable::actor(int tid) const {
  auto found = threads_.find(tid);
  return found == threads_.end() ? std::nullopt : std::optional(found->second->actor);
}

std::vector<int> ThreadTable::processes(ServiceId service) const {
  std::vector<int> tgids;
  if (auto owner = services_.find(service); owner != services_.end())
    for (const auto& [tgid, process] : owner->second.processes) tgids.push_back(tgid);
  return tgids;
}

void ThreadTable::make_room() {
  if (threads_.size() < kMaxHandles) return;
  auto oldest = std::min_element(
      threads_.begin(), threads_.end(),
      [](const auto& a, const auto& b) { return a.second->last_use < b.second->last_use; });
  threads_.erase(oldest);
}

}  // namespace fb
