#include "interpose/quiescence/thread_states.h"

#include "interpose/footprint/descriptor.h"
#include "interpose/seccomp/filter.h"

#include <algorithm>
#include <charconv>
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

namespace fb {
namespace {

// Of ours; beyond that they are opened for each reading.
constexpr size_t kMaxOpenFiles = 256;

uint64_t number_at(std::string_view text, size_t at) {
  uint64_t value = 0;
  if (at < text.size()) std::from_chars(text.data() + at, text.data() + text.size(), value);
  return value;
}

// A parent stopped in vfork sleeps uninterruptibly until its child execs or ends: its child's
// doing, not a disk's. A plain fork does not: it may wait for its own memory map to be free, and
// goes on by itself.
bool waits_for_child(const Target& process, int tid) {
  // "NUMBER 0xARG0 0xARG1 …", or "running" (proc(5)).
  const auto text = process.text(fmt::format("task/{}/syscall", tid).c_str());
  if (!text) return false;
  const auto call = syscall_of_number(static_cast<int>(number_at(*text, 0)));
  if (!call) return false;
  const std::string_view name = row_of(*call).name;
  if (name == "vfork") return true;
  if (name != "clone" && name != "clone3") return false;
  const size_t first = text->find("0x");
  if (first == std::string::npos) return false;
  uint64_t flags = 0;
  std::from_chars(text->data() + first + 2, text->data() + text->size(), flags, 16);
  // clone3 takes a structure whose first member are the flags.
  if (name == "clone3") flags = process.read_value<uint64_t>(flags).value_or(0);
  return (flags & CLONE_VFORK) != 0;
}

}  // namespace

ThreadStates::Process* ThreadStates::process(int tgid) {
  if (auto found = processes_.find(tgid); found != processes_.end()) {
    // The files of a thread that has ended say nothing more, whoever has its number now.
    if (!found->second.threads.empty() || found->second.target.alive()) return &found->second;
    processes_.erase(found);
  }
  auto target = Target::open(tgid);
  if (!target) return nullptr;
  return &processes_.emplace(tgid, Process{.target = std::move(*target)}).first->second;
}

void ThreadStates::list_threads(Process& process) {
  const std::vector<int> tids = thread_ids(process.target);
  for (auto it = process.threads.begin(); it != process.threads.end();) {
    const bool there = std::find(tids.begin(), tids.end(), it->first) != tids.end();
    it = there ? std::next(it) : forget(process, it);
  }
  for (const int tid : tids) process.threads.try_emplace(tid);
}

ThreadStates::Threads::iterator ThreadStates::forget(Process& process, Threads::iterator thread) {
  for (const Fd* file : {&thread->second.stat, &thread->second.counters})
    if (*file) --open_files_;
  return process.threads.erase(thread);
}

// Empty: the thread is gone.
std::string_view ThreadStates::text(const Process& process, Fd& file, int tid,
                                    std::string_view name) {
  Fd passing;
  const Fd* open = &file;
  if (!file) {
    passing = Fd(openat(process.target.proc_dir(), fmt::format("task/{}/{}", tid, name).c_str(),
                        O_RDONLY | O_CLOEXEC));
    open = &passing;
  }
  if (!*open) return {};
  const ssize_t got = pread(open->get(), buffer_.data(), buffer_.size(), 0);
  if (passing && open_files_ < kMaxOpenFiles) {
    ++open_files_;
    file = std::move(passing);
  }
  return {buffer_.data(), static_cast<size_t>(std::max<ssize_t>(got, 0))};
}

bool ThreadStates::look_at(Process& process, int tid, Thread& thread, bool counters,
                           ThreadState& state) {
  // "TID (NAME) STATE …", where NAME may hold anything.
  const std::string_view stat = text(process, thread.stat, tid, "stat");
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 >= stat.size()) return false;
  state.state = stat[name_end + 2];
  if (state.state == 'D' && waits_for_child(process.target, tid)) state.state = 'S';
  if (!counters) return true;
  // "CPU-NS WAIT-NS TIMES-RUN"
  const std::string_view counts = text(process, thread.counters, tid, "schedstat");
  state.cpu_ns = number_at(counts, 0);
  state.runs = number_at(counts, counts.rfind(' ') + 1);
  return true;
}

std::vector<ThreadState> ThreadStates::read(const Wish& wish) {
  std::vector<ThreadState> states;
  for (const int tgid : wish.processes) {
    Process* known = process(tgid);
    if (known == nullptr) continue;
    if (known->was_busy || known->births != wish.births) list_threads(*known);
    known->births = wish.births;
    known->was_busy = false;
    for (auto it = known->threads.begin(); it != known->threads.end();) {
      const int tid = it->first;
      if (wish.skip && wish.skip(tid)) {
        ++it;
        continue;
      }
      ThreadState state{.tid = tid};
      if (!look_at(*known, tid, it->second, wish.counters, state)) {
        it = forget(*known, it);
        known->was_busy = true;  // ask again: it may have handed its number on by exec
        continue;
      }
      known->was_busy = known->was_busy || state.state == 'R' || state.state == 'D';
      states.push_back(state);
      ++it;
    }
  }
  return states;
}

}  // namespace fb
