#include "tests/support/model/random_program.h"

#include "tests/support/model/programs.h"

#include <algorithm>
#include <ostream>

namespace fb::model {

namespace {

const std::vector<Call> kAllCalls = {
    Call::kRead,    Call::kWrite,  Call::kAppend, Call::kCas,     Call::kFetchAdd,
    Call::kCreate,  Call::kStat,   Call::kUnlink, Call::kLock,    Call::kLockShared,
    Call::kTryLock, Call::kUnlock, Call::kSend,   Call::kReceive, Call::kTryReceive,
    Call::kCount,   Call::kPost,   Call::kTake,   Call::kPrivate, Call::kChoose,
    Call::kJoin};

rc::Gen<RandomStep> any_step(std::vector<Call> calls, int processes) {
  return rc::gen::exec([calls = std::move(calls), processes] {
    RandomStep step;
    step.call = *rc::gen::elementOf(calls);
    const int objects = step.call == Call::kJoin ? processes : 2;
    step.object = *rc::gen::inRange(0, objects);
    step.value = *rc::gen::inRange<int64_t>(0, 3);
    step.stop_at_zero = *rc::gen::weightedElement<bool>({{3, false}, {1, true}});
    return step;
  });
}

}  // namespace

Program program(const RandomProgram& source) {
  Program made;
  made.name = "random";
  made.cells = made.locks = made.pipes = made.counters = 2;
  if (source.bounded_pipes) made.pipe_capacity = 1;
  for (const std::vector<RandomStep>& process : source.processes) {
    std::vector<Step> steps;
    for (const RandomStep& step : process) {
      Op next{step.call, step.object, step.value, step.value + 1, 1};
      if (step.call == Call::kJoin)
        next.object = step.object % static_cast<int>(source.processes.size());
      if (step.call == Call::kAppend) next.b = 10;
      if (step.call == Call::kChoose) next.outcomes = 2;
      if (step.call == Call::kWrite && step.value == 2) next.outcomes = 2;
      steps.push_back([next](Local&) { return next; });
      if (step.stop_at_zero)
        steps.push_back(compute([end = static_cast<int>(process.size()) * 2](Local& l) {
          if (l.result == 0) l.pc = std::max(l.pc, end);
        }));
      else
        steps.push_back(compute([](Local&) {}));
    }
    steps.push_back(op(Call::kExit));
    made.bodies.push_back(sequence(std::move(steps)));
  }
  return made;
}

std::ostream& operator<<(std::ostream& out, const RandomProgram& source) {
  for (size_t i = 0; i < source.processes.size(); ++i) {
    out << "\n  p" << i << ":";
    for (const RandomStep& step : source.processes[i])
      out << " " << call_name(step.call) << "(" << step.object << "," << step.value << ")"
          << (step.stop_at_zero ? "?" : "");
  }
  return out << (source.bounded_pipes ? "\n  pipes hold 1\n" : "\n");
}

rc::Gen<RandomProgram> any_program(int processes, int steps, std::vector<Call> calls) {
  if (calls.empty()) calls = kAllCalls;
  return rc::gen::exec([=] {
    RandomProgram source;
    const int count = *rc::gen::inRange(2, processes + 1);
    for (int i = 0; i < count; ++i) {
      const auto length = static_cast<size_t>(*rc::gen::inRange(1, steps + 1));
      source.processes.push_back(
          *rc::gen::container<std::vector<RandomStep>>(length, any_step(calls, count)));
    }
    source.bounded_pipes = *rc::gen::arbitrary<bool>();
    return source;
  });
}

}  // namespace fb::model
