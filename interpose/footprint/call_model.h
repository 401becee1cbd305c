// What a call of a controlled service means to others: whether anybody else can tell when it
// happens, whether it would block now, which objects it touches. Knows the kernel's state only
// through probes that have no effect, and what it has seen happen.
#pragma once
#include "core/base/time.h"
#include "core/model/decision.h"
#include "core/model/operation.h"
#include "interpose/decode/decode.h"
#include "interpose/decode/target.h"

#include <optional>

namespace fb {

struct ModelledCall {
  ServiceId service;
  ActorId actor;
  const Target& target;
  const CallArguments& arguments;
  bool timed_out = false;        // its timeout has passed on the Clock
  uint64_t timed_out_after = 0;  // as many operations (CallModel::operations()) had gone by then
};

class CallModel {
 public:
  virtual ~CallModel() = default;

  enum class Handling {
    kLocal,     // touches nothing another process could see: answered at once
    kInternal,  // waits for another thread of its own process (futex, a runtime's short pauses)
    kVisible,   // a decision point
  };
  virtual Handling classify(const ModelledCall& call, const Operation& operation) = 0;
  // How long a waiting call would wait at most.
  virtual std::optional<Duration> timeout(const ModelledCall& call) = 0;
  // kInternal: whether it need wait no longer.
  virtual bool may_go(const ModelledCall& call) = 0;
  // kVisible: fills footprint, potential and key; whether it would not block now.
  virtual bool probe(const ModelledCall& call, Operation& operation) = 0;
  // It is let go now (all others are parked): what it does to the tracked state, and how to answer
  // it: Allow, or a value where the kernel would wait in vain.
  virtual Decision let_go(const ModelledCall& call, Handling handling,
                          const Operation& operation) = 0;
  // What it is about to read or write, for people; "" when there is nothing to tell.
  virtual std::string value(const ModelledCall& call, const Operation& operation) = 0;
  // How many operations have been let go, the steps of the driver included.
  virtual uint64_t operations() const = 0;
  // It is not made: denied by a rule, or its caller is gone.
  virtual void dropped(const ModelledCall& call) = 0;
};

}  // namespace fb
