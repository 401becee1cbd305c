// The model programs with known counts (closed forms and published values): lock-free counters,
// pipes, philosophers, the classics of the reduction literature.
#pragma once
#include "tests/support/model/program.h"

#include <functional>
#include <optional>
#include <vector>

namespace fb::model {

// --- building blocks: a process as a list of steps. A step gives the next operation, or nothing
// when it only computes; it may set `pc` to go elsewhere.
using Step = std::function<std::optional<Op>(Local&)>;
Body sequence(std::vector<Step> steps);
Step op(Call call, int object = 0, int64_t a = 0, int64_t b = 0);
Step compute(std::function<void(Local&)> work);
inline Step read(int cell) {
  return op(Call::kRead, cell);
}
inline Step write(int cell, int64_t value) {
  return op(Call::kWrite, cell, value);
}
inline Step lock(int number) {
  return op(Call::kLock, number);
}
inline Step unlock(int number) {
  return op(Call::kUnlock, number);
}

// --- programs
Program independent(int processes, int operations);
Program writers(int n);
Program writers_and_reader(int n);
Program readers(int n);                 // one writer, n readers
Program appends(int n, int files);      // n × one append to each file
Program lost_update(int n);             // n × (pread, pwrite); bad: an update is lost
Program locked_increments(int n);       // n × (flock, read, write, unlock)
Program creators(int n);                // n × O_EXCL of one name
Program compare_and_swap_chain(int n);  // i-th: i-1 → i
Program writer_and_swaps(int n);        // writer + n × CAS
Program writer_and_increments(int n);
Program last_zero(int n);
Program indexer(int n);
Program filesystem(int n);
Program par_length(int k);
Program sdpor_blowup(int n);
Program popl14();
Program philosophers(int n);
Program ordered_philosophers(int n);
Program one_to_one_pipe(int messages);
Program many_to_one_pipe(int senders, int messages);
Program one_to_many_pipe(int receivers, int messages);
Program many_to_many_pipe(int senders, int sent, int receivers, int received);
Program poller(int writes, int polls);
Program reorder(int k);          // k-1 setters, 1 checker
Program reorder_spawned(int k);  // the same, started by one more process
Program two_stage(int k);
Program deadlock01();
Program lazy01();
Program token_ring();
Program wronglock();
Program bluetooth();
Program check_then_create(int n);         // n × (stat, creat); bad: two have created
Program swap_and_write(int n);            // n × (compare and swap, write)
Program deep(int n);                      // strict alternation of 2 × n/2 operations
Program data_choices(int n, int values);  // n × choose one value, write it
// Small letters read a cell, capital ones write it; one word per process.
Program accesses(std::vector<std::string> words);
Program fibonacci(int n);      // two that add to each other n times, one that looks
Program faulty_writes(int n);  // n × write that may fail, then read

}  // namespace fb::model
