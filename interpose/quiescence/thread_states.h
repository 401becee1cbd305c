// The scheduling states of the threads of some processes, read again and again: the files below
// /proc stay open between the readings, and a process is asked for its threads only when one may
// have been added.
#pragma once
#include "interpose/decode/target.h"
#include "interpose/sys/fd.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string_view>
#include <vector>

namespace fb {

struct ThreadState {
  int tid = 0;
  char state = '?';
  // How often it has run and how long; read only where asked for.
  uint64_t runs = 0;
  uint64_t cpu_ns = 0;
  bool same(const ThreadState& other) const {
    return tid == other.tid && state == other.state && runs == other.runs;
  }
};

class ThreadStates {
 public:
  struct Wish {
    std::span<const int> processes;  // tgids
    uint64_t births = 0;             // threads are only added when this has grown
    bool counters = false;
    std::function<bool(int tid)> skip;
  };
  // By process, then by tid. A parent in vfork counts as asleep: it is its child's doing.
  std::vector<ThreadState> read(const Wish& wish);

 private:
  struct Thread {
    Fd stat, counters;  // closed where there are too many
  };
  using Threads = std::map<int, Thread>;
  struct Process {
    Target target;
    uint64_t births = 0;
    bool was_busy = true;  // a thread that was running may be in the middle of a clone
    Threads threads;
  };
  Process* process(int tgid);
  void list_threads(Process& process);
  Threads::iterator forget(Process& process, Threads::iterator thread);
  bool look_at(Process& process, int tid, Thread& thread, bool counters, ThreadState& state);
  std::string_view text(const Process& process, Fd& file, int tid, std::string_view name);

  std::map<int, Process> processes_;
  size_t open_files_ = 0;
  std::array<char, 1024> buffer_{};
};

}  // namespace fb
