// Random model programs for RapidCheck: a few processes with a few operations each on few objects,
// so that nearly everything races and much of it blocks. The source is a printable value that
// shrinks; program() makes it run.
#pragma once
#include "tests/support/model/program.h"

#include <iosfwd>
#include <rapidcheck.h>
#include <vector>

namespace fb::model {

struct RandomStep {
  Call call = Call::kRead;
  int object = 0;
  int64_t value = 0;
  bool stop_at_zero = false;  // ends the process here when the result is 0
  bool operator==(const RandomStep&) const = default;
};

struct RandomProgram {
  std::vector<std::vector<RandomStep>> processes;
  bool bounded_pipes = false;
  bool operator==(const RandomProgram&) const = default;
};

Program program(const RandomProgram& source);
std::ostream& operator<<(std::ostream& out, const RandomProgram& source);

// At most `processes` × `steps`. `calls`: what to draw from; empty: everything.
rc::Gen<RandomProgram> any_program(int processes, int steps, std::vector<Call> calls = {});

}  // namespace fb::model
