// The question the Scheduler asks where more than one actor can go next, or more than one outcome
// is allowed, and whoever answers it. Search strategies are choosers; so is replay.
#pragma once
#include "core/model/footprint.h"
#include "core/model/ids.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fb {

// One parked operation. A disabled one would block if it were let go: it is listed so that race
// detection and sleep sets see it, and must not be chosen.
struct Candidate {
  ActorId actor;
  std::string operation;  // "pwrite64"
  std::string key;        // the object, canonically: "/data/1.json [0,32)"
  // What it would touch if it ran now, refreshed for this decision. Includes what its result would
  // depend on: a creation that would fail reads the name.
  Footprint footprint;
  // What it may touch in some other state, where that is more than `footprint` says (the creation
  // might succeed). Empty: never more than that.
  Footprint potential;
  bool enabled = true;
  // What it would touch with its other outcomes (a fault instead of the call, another data choice):
  // outcome i > 0 is alternatives[i - 1]. Empty: it has just the one.
  std::vector<Footprint> alternatives;

  uint32_t outcomes() const { return 1 + static_cast<uint32_t>(alternatives.size()); }
  const Footprint& footprint_of(uint32_t outcome) const {
    return outcome == 0 ? footprint : alternatives[outcome - 1];
  }

  bool operator==(const Candidate&) const = default;
};

struct Choice {
  ActorId actor;
  uint32_t outcome = 0;  // below Candidate::outcomes()
  auto operator<=>(const Choice&) const = default;
};

struct DecisionPoint {
  uint64_t index = 0;                     // from 0, per execution
  std::span<const Candidate> candidates;  // sorted by actor, one per actor, at least one enabled
  std::optional<ActorId> last;            // who went last
  // What the operation chosen at the previous decision of this execution really touched. Null at
  // the first decision.
  const Footprint* executed = nullptr;
};

// How an execution ended.
enum class EndState : uint8_t {
  kComplete,   // the explored scope ended
  kDeadlock,   // unfinished actors, nothing enabled, nothing to wait for
  kLivelock,   // states repeat without progress
  kStepLimit,  // Plan::max_steps reached
  kRedundant,  // every enabled actor is in the sleep set
  kDiverged,   // the planned prefix could not be followed
  kBroken,     // a service could not be started or supervised; see message
};

class Chooser {
 public:
  virtual ~Chooser() = default;
  // Empty: end this execution here; stop() says why.
  virtual std::optional<Choice> choose(const DecisionPoint& point) = 0;

  struct Stop {
    EndState end = EndState::kRedundant;
    std::string message;
  };
  // Of the last choose() that gave nothing.
  virtual Stop stop() const { return {}; }
};

// The default order, used outside the explored scope: keep the last actor running, else the lowest
// enabled one.
class DefaultChooser final : public Chooser {
 public:
  std::optional<Choice> choose(const DecisionPoint& point) override;
};

}  // namespace fb
