#include "tests/support/model/program.h"

#include "core/base/check.h"
#include "core/base/draw.h"

#include <algorithm>
#include <fmt/format.h>

// Several functions here speak of a few calls and leave the rest to `default`.
#pragma GCC diagnostic ignored "-Wswitch-enum"

namespace fb::model {

namespace {

enum class Kind : uint64_t {
  kCell = 1,
  kLock,
  kHead,
  kTail,
  kItems,
  kSpace,
  kCounter,
  kExit,
  kStart
};

ObjectKey key(Kind kind, int object) {
  return {splitmix_finalise(static_cast<uint64_t>(kind) << 32 | static_cast<uint32_t>(object))};
}

uint64_t mix(uint64_t hash, uint64_t value) {
  return splitmix_finalise(hash * 0x9E3779B97F4A7C15u + value + 1);
}

Access write_of(ObjectKey object, uint64_t low, uint64_t high) {
  return {object, AccessMode::kWrite, low, high};
}

void receive_item(Footprint& f, const Program& program, int pipe, uint64_t item) {
  f.write(key(Kind::kHead, pipe));
  f.write(key(Kind::kItems, pipe), item, item + 1);
  f.needs.push_back(write_of(key(Kind::kItems, pipe), item, item + 1));
  if (program.pipe_capacity != UINT64_MAX) {
    const Access space = write_of(key(Kind::kSpace, pipe), item + program.pipe_capacity,
                                  item + program.pipe_capacity + 1);
    f.accesses.push_back(space);
    f.provides.push_back(space);
  }
}

void advance(const Program& program, State& state, size_t process) {
  state.pending[process] = program.bodies[process](state.locals[process]);
}

}  // namespace

State Program::initial() const {
  State state;
  state.cells = initial_cells;
  state.cells.resize(static_cast<size_t>(cells));
  state.locks.resize(static_cast<size_t>(locks));
  state.pipes.resize(static_cast<size_t>(pipes));
  state.counters.resize(static_cast<size_t>(counters));
  state.started.assign(bodies.size(), true);
  for (int process : unstarted) state.started[static_cast<size_t>(process)] = false;
  state.exited.assign(bodies.size(), false);
  state.locals.resize(bodies.size());
  state.pending.resize(bodies.size());
  for (size_t i = 0; i < bodies.size(); ++i) advance(*this, state, i);
  return state;
}

bool present(const State& state, size_t process) {
  return state.started[process] && state.pending[process].call != Call::kDone;
}

bool enabled(const Program& program, const State& state, size_t process) {
  if (!present(state, process)) return false;
  const Op& op = state.pending[process];
  const auto object = static_cast<size_t>(op.object);
  switch (op.call) {
    case Call::kAwait:
      return state.cells[object] != 0;
    case Call::kLock:
      return state.locks[object].owner < 0 && state.locks[object].readers == 0;
    case Call::kLockShared:
      return state.locks[object].owner < 0;
    case Call::kSend:
      return state.pipes[object].items.size() < program.pipe_capacity;
    case Call::kReceive:
      return !state.pipes[object].items.empty();
    case Call::kTake:
      return state.counters[object] > 0;
    case Call::kJoin:
      return state.exited[object];
    default:
      return true;
  }
}

Footprint footprint(const Program& program, const State& state, size_t process, uint32_t outcome) {
  const Op& op = state.pending[process];
  const auto object = static_cast<size_t>(op.object);
  Footprint f;
  switch (op.call) {
    case Call::kDone:
    case Call::kPrivate:
    case Call::kChoose:
      break;
    case Call::kSpawn:
      if (state.started[object])
        f.read(key(Kind::kStart, op.object));
      else
        f.write(key(Kind::kStart, op.object));
      break;
    case Call::kRead:
    case Call::kStat:
      f.read(key(Kind::kCell, op.object));
      break;
    case Call::kAwait:
      f.read(key(Kind::kCell, op.object));
      f.needs.push_back(write_of(key(Kind::kCell, op.object), 0, kToEnd));
      break;
    case Call::kWrite:
      if (outcome != 0) break;
      f.write(key(Kind::kCell, op.object));
      if (state.cells[object] == 0 && op.a != 0)
        f.provides.push_back(write_of(key(Kind::kCell, op.object), 0, kToEnd));
      break;
    case Call::kAppend:
    case Call::kFetchAdd:
      f.write(key(Kind::kCell, op.object));
      break;
    case Call::kCas:
      if (state.cells[object] == op.a)
        f.write(key(Kind::kCell, op.object));
      else
        f.read(key(Kind::kCell, op.object));
      break;
    case Call::kCreate:
      if (state.cells[object] == 0)
        f.write(key(Kind::kCell, op.object));
      else
        f.read(key(Kind::kCell, op.object));
      break;
    case Call::kUnlink:
      if (state.cells[object] != 0)
        f.write(key(Kind::kCell, op.object));
      else
        f.read(key(Kind::kCell, op.object));
      break;
    case Call::kLock:
      f.write(key(Kind::kLock, op.object), 0, 2);
      f.needs.push_back(write_of(key(Kind::kLock, op.object), 0, 2));
      break;
    case Call::kLockShared:
      // Commutes with other shared ones; but a failing kTryLock fails because of it.
      f.accesses.push_back({key(Kind::kLock, op.object), AccessMode::kAdd, 1, 2});
      f.needs.push_back(write_of(key(Kind::kLock, op.object), 0, 1));
      break;
    case Call::kTryLock:
      if (state.locks[object].owner < 0 && state.locks[object].readers == 0)
        f.write(key(Kind::kLock, op.object));
      else
        f.read(key(Kind::kLock, op.object));
      break;
    case Call::kUnlock:
      // An exclusive lock keeps everybody waiting (places 0 and 1), a shared one only those who
      // want it exclusively (place 1). What is not held has no effect.
      if (state.locks[object].owner == static_cast<int>(process)) {
        f.write(key(Kind::kLock, op.object), 0, 2);
        f.provides.push_back(write_of(key(Kind::kLock, op.object), 0, 2));
      } else if ((state.locks[object].readers >> process & 1) != 0) {
        f.write(key(Kind::kLock, op.object), 1, 2);
        f.provides.push_back(write_of(key(Kind::kLock, op.object), 1, 2));
      }
      break;
    case Call::kSend: {
      const uint64_t item = state.pipes[object].tail;
      f.write(key(Kind::kTail, op.object));
      f.write(key(Kind::kItems, op.object), item, item + 1);
      f.provides.push_back(write_of(key(Kind::kItems, op.object), item, item + 1));
      if (program.pipe_capacity != UINT64_MAX) {
        const Access space = write_of(key(Kind::kSpace, op.object), item, item + 1);
        f.accesses.push_back(space);
        f.needs.push_back(space);
      }
      break;
    }
    case Call::kReceive:
      receive_item(f, program, op.object, state.pipes[object].head);
      break;
    case Call::kTryReceive:
      if (state.pipes[object].items.empty()) {
        // Finds nothing as long as nothing is sent.
        f.read(key(Kind::kHead, op.object));
        f.read(key(Kind::kItems, op.object), state.pipes[object].head);
      } else {
        receive_item(f, program, op.object, state.pipes[object].head);
        f.needs.clear();
      }
      break;
    case Call::kCount:
      f.read(key(Kind::kHead, op.object));
      f.read(key(Kind::kTail, op.object));
      break;
    case Call::kPost:
      f.add(key(Kind::kCounter, op.object));
      break;
    case Call::kTake:
      f.write(key(Kind::kCounter, op.object));
      break;
    case Call::kExit:
      f.write(key(Kind::kExit, static_cast<int>(process)));
      f.provides.push_back(write_of(key(Kind::kExit, static_cast<int>(process)), 0, kToEnd));
      break;
    case Call::kJoin:
      f.read(key(Kind::kExit, op.object));
      f.needs.push_back(write_of(key(Kind::kExit, op.object), 0, kToEnd));
      break;
  }
  return f;
}

Footprint potential(const Program& program, const State& state, size_t process) {
  const Op& op = state.pending[process];
  Footprint f;
  switch (op.call) {
    case Call::kCas:
    case Call::kCreate:
    case Call::kUnlink:
      f.write(key(Kind::kCell, op.object));
      break;
    case Call::kTryLock:
    case Call::kUnlock:
      f.write(key(Kind::kLock, op.object));
      break;
    case Call::kSpawn:
      f.write(key(Kind::kStart, op.object));
      break;
    case Call::kReceive:
    case Call::kTryReceive:
      f.write(key(Kind::kHead, op.object));
      f.write(key(Kind::kItems, op.object));
      if (program.pipe_capacity != UINT64_MAX) f.write(key(Kind::kSpace, op.object));
      break;
    case Call::kSend:
      f.write(key(Kind::kTail, op.object));
      f.write(key(Kind::kItems, op.object));
      if (program.pipe_capacity != UINT64_MAX) f.write(key(Kind::kSpace, op.object));
      break;
    default:
      break;
  }
  return f;
}

void execute(const Program& program, State& state, size_t process, uint32_t outcome) {
  FB_CHECK(enabled(program, state, process));
  const Op op = state.pending[process];
  Local& local = state.locals[process];
  const auto object = static_cast<size_t>(op.object);
  int64_t result = 0;
  switch (op.call) {
    case Call::kDone:
    case Call::kPrivate:
    case Call::kAwait:
      break;
    case Call::kRead:
      result = state.cells[object];
      break;
    case Call::kStat:
      result = state.cells[object] != 0;
      break;
    case Call::kWrite:
      result = outcome == 0 ? 0 : -1;
      if (outcome == 0) state.cells[object] = op.a;
      break;
    case Call::kAppend:
      state.cells[object] = state.cells[object] * op.b + op.a;
      break;
    case Call::kCas:
      result = state.cells[object];
      if (result == op.a) state.cells[object] = op.b;
      break;
    case Call::kFetchAdd:
      result = state.cells[object];
      state.cells[object] += op.a;
      break;
    case Call::kCreate:
      result = state.cells[object] == 0;
      if (result != 0) state.cells[object] = op.a;
      break;
    case Call::kUnlink:
      result = state.cells[object] != 0;
      state.cells[object] = 0;
      break;
    case Call::kLock:
      state.locks[object].owner = static_cast<int>(process);
      break;
    case Call::kLockShared:
      state.locks[object].readers |= uint64_t{1} << process;
      break;
    case Call::kTryLock:
      result = state.locks[object].owner < 0 && state.locks[object].readers == 0;
      if (result != 0) state.locks[object].owner = static_cast<int>(process);
      break;
    case Call::kUnlock:
      if (state.locks[object].owner == static_cast<int>(process)) state.locks[object].owner = -1;
      state.locks[object].readers &= ~(uint64_t{1} << process);
      break;
    case Call::kSend:
      state.pipes[object].items.push_back(op.a);
      ++state.pipes[object].tail;
      break;
    case Call::kReceive:
    case Call::kTryReceive:
      result = -1;
      if (!state.pipes[object].items.empty()) {
        result = state.pipes[object].items.front();
        state.pipes[object].items.pop_front();
        ++state.pipes[object].head;
      }
      break;
    case Call::kCount:
      result = static_cast<int64_t>(state.pipes[object].items.size());
      break;
    case Call::kPost:
      ++state.counters[object];
      break;
    case Call::kTake:
      --state.counters[object];
      break;
    case Call::kChoose:
      result = outcome;
      break;
    case Call::kSpawn:
      state.started[object] = true;
      break;
    case Call::kExit:
      state.exited[process] = true;
      break;
    case Call::kJoin:
      break;
  }
  local.result = result;
  local.history =
      mix(mix(mix(local.history, static_cast<uint64_t>(op.call)), static_cast<uint64_t>(op.object)),
          static_cast<uint64_t>(result));
  advance(program, state, process);
}

bool failed(const Program& program, const State& state, bool deadlock) {
  if (deadlock) return true;
  if (std::any_of(state.locals.begin(), state.locals.end(), [](const Local& l) { return l.bug; }))
    return true;
  return program.bad && program.bad(state);
}

std::string outcome_text(const State& state, bool failed) {
  std::string text = failed ? "fail" : "pass";
  for (int64_t cell : state.cells) text += fmt::format(" {}", cell);
  for (const Local& local : state.locals) text += fmt::format(" {:x}", local.history);
  return text;
}

uint64_t state_hash(const State& state) {
  uint64_t hash = 0;
  for (int64_t cell : state.cells) hash = mix(hash, static_cast<uint64_t>(cell));
  for (const Lock& lock : state.locks)
    hash = mix(mix(hash, static_cast<uint64_t>(lock.owner)), lock.readers);
  for (const Pipe& pipe : state.pipes) {
    for (int64_t item : pipe.items) hash = mix(hash, static_cast<uint64_t>(item));
    hash = mix(hash, pipe.items.size());
  }
  for (int64_t counter : state.counters) hash = mix(hash, static_cast<uint64_t>(counter));
  for (size_t i = 0; i < state.locals.size(); ++i)
    hash = mix(mix(hash, state.locals[i].history), state.started[i] + 2u * state.exited[i]);
  return hash;
}

std::string_view call_name(Call call) {
  switch (call) {
    case Call::kDone:
      return "done";
    case Call::kRead:
      return "pread64";
    case Call::kWrite:
      return "pwrite64";
    case Call::kAppend:
      return "write";
    case Call::kCas:
      return "cas";
    case Call::kFetchAdd:
      return "add";
    case Call::kCreate:
      return "openat";
    case Call::kStat:
      return "stat";
    case Call::kUnlink:
      return "unlink";
    case Call::kAwait:
      return "await";
    case Call::kLock:
      return "flock";
    case Call::kLockShared:
      return "flock_sh";
    case Call::kTryLock:
      return "flock_nb";
    case Call::kUnlock:
      return "flock_un";
    case Call::kSend:
      return "send";
    case Call::kReceive:
      return "recv";
    case Call::kTryReceive:
      return "recv_nb";
    case Call::kCount:
      return "ioctl";
    case Call::kPost:
      return "post";
    case Call::kTake:
      return "take";
    case Call::kPrivate:
      return "getpid";
    case Call::kChoose:
      return "choose";
    case Call::kSpawn:
      return "clone";
    case Call::kExit:
      return "exit_group";
    case Call::kJoin:
      return "wait4";
  }
  return "?";
}

std::string object_name(const Op& op) {
  switch (op.call) {
    case Call::kDone:
    case Call::kPrivate:
    case Call::kChoose:
    case Call::kExit:
      return {};
    case Call::kLock:
    case Call::kLockShared:
    case Call::kTryLock:
    case Call::kUnlock:
      return "lock" + std::to_string(op.object);
    case Call::kSend:
    case Call::kReceive:
    case Call::kTryReceive:
    case Call::kCount:
      return "pipe" + std::to_string(op.object);
    case Call::kPost:
    case Call::kTake:
      return "sem" + std::to_string(op.object);
    case Call::kSpawn:
    case Call::kJoin:
      return "p" + std::to_string(op.object);
    default:
      return "/f" + std::to_string(op.object);
  }
}

}  // namespace fb::model
