// When is it quiet? The controlled scheduler chooses only when every controlled actor is parked at
// a gate or provably blocked. interpose/quiescence implements it from the kernel's own state (never
// from a time window), core/runtime/sim for model processes.
#pragma once
#include "core/base/result.h"

#include <string>

namespace fb {

class Quiescence {
 public:
  virtual ~Quiescence() = default;
  // Returns when every controlled thread is parked in a notification that has been submitted,
  // blocked in the kernel, or gone. Error: a thread runs on without system calls beyond the bound;
  // the message names it ("ledger:0.2 (pid 71) runs without …").
  virtual Status settle() = 0;
};

}  // namespace fb
