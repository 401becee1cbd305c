// Model programs: a few processes that issue syscall-shaped operations on cells (files of one
// value), names, locks, pipes and counters. A process is a function from its local state to its
// next operation, so a whole state is a plain value: it can be copied, compared and stepped
// anywhere. The explorer is tested against these; what they must yield is known exactly.
#pragma once
#include "core/model/footprint.h"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fb::model {

enum class Call : uint8_t {
  kDone,        // the process has ended
  kRead,        // result = cell
  kWrite,       // cell = a
  kAppend,      // cell = cell * b + a: every order of appends gives another content
  kCas,         // result = old cell; cell = b if it was a
  kFetchAdd,    // result = old cell; cell += a
  kCreate,      // exclusive: result = 1 and cell = a if it was 0, else result = 0
  kStat,        // result = (cell != 0)
  kUnlink,      // cell = 0, result = whether it was there
  kAwait,       // blocks until the cell is not 0
  kLock,        // exclusive, blocks
  kLockShared,  // blocks
  kTryLock,     // result = got it
  kUnlock,
  kSend,        // into pipe `object`, blocks when full
  kReceive,     // result = oldest, blocks when empty
  kTryReceive,  // result = oldest, or -1
  kCount,       // result = messages in the pipe
  kPost,        // counter += 1; commutes with other posts
  kTake,        // counter -= 1, blocks at 0
  kPrivate,     // touches only what nobody else knows
  kChoose,      // result = outcome, one of `outcomes`
  kSpawn,       // process `object` begins
  kExit,        // lets joiners go on
  kJoin,        // waits for the exit of process `object`
};

struct Op {
  Call call = Call::kDone;
  int object = 0;
  int64_t a = 0, b = 0;
  uint32_t outcomes = 1;  // kChoose; a kWrite of two outcomes is not carried out in the second
};

struct Local {
  int pc = 0;
  std::array<int64_t, 6> r{};
  int64_t result = 0;    // of the last operation
  bool bug = false;      // the process has seen what must not be
  uint64_t history = 0;  // hash of all operations and results so far
};

using Body = std::function<Op(Local&)>;

struct Lock {
  int owner = -1;
  uint64_t readers = 0;  // bit per process
};
struct Pipe {
  std::deque<int64_t> items;
  uint64_t head = 0, tail = 0;  // how many were ever received and sent
};

struct State {
  std::vector<int64_t> cells;
  std::vector<Lock> locks;
  std::vector<Pipe> pipes;
  std::vector<int64_t> counters;
  std::vector<bool> started, exited;
  std::vector<Local> locals;
  std::vector<Op> pending;
};

struct Program {
  std::string name;
  std::vector<Body> bodies;
  int cells = 0, locks = 0, pipes = 0, counters = 0;
  uint64_t pipe_capacity = UINT64_MAX;
  std::vector<int64_t> initial_cells;     // those beyond are 0
  std::vector<int> unstarted;             // processes that wait for a kSpawn
  std::function<bool(const State&)> bad;  // of a complete execution; empty: only Local::bug counts

  State initial() const;
};

// Parts of one step, all pure but execute().
bool present(const State& state, size_t process);  // started and not done
bool enabled(const Program& program, const State& state, size_t process);
Footprint footprint(const Program& program, const State& state, size_t process, uint32_t outcome);
Footprint potential(const Program& program, const State& state, size_t process);
void execute(const Program& program, State& state, size_t process, uint32_t outcome);

bool failed(const Program& program, const State& state, bool deadlock);
// What a user would see of a complete execution.
std::string outcome_text(const State& state, bool failed);
uint64_t state_hash(const State& state);

std::string_view call_name(Call call);
std::string object_name(const Op& op);

}  // namespace fb::model
