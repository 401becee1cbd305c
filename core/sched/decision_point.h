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

namespace fb {

// One parked operation. A disabled one would block if it were let go: it is listed so that race
// detection and sleep sets see it, and must not be chosen.
struct Candidate {
  ActorId actor;
  std::string operation;  // "pwrite64"
  std::string key;        // the object, canonically: "/data/1.json [0,32)"
  Footprint
      footprint;  // as far as it can be told before the operation runs, refreshed for this decision
  bool enabled = true;
  uint32_t outcomes =
      1;  // alternatives this operation may take (fault or not, data choices); 1: just one
};

struct Choice {
  ActorId actor;
  uint32_t outcome = 0;  // below Candidate::outcomes
  auto operator<=>(const Choice&) const = default;
};

struct DecisionPoint {
  uint64_t index = 0;                     // from 0, per execution
  std::span<const Candidate> candidates;  // sorted by actor, one per actor, at least one enabled
  std::optional<ActorId> last;            // who went last
};

class Chooser {
 public:
  virtual ~Chooser() = default;
  // Empty: end this execution here (redundant, or the schedule cannot be followed; why() says
  // which).
  virtual std::optional<Choice> choose(const DecisionPoint& point) = 0;
};

// The default order, used outside the explored scope: keep the last actor running, else the lowest
// enabled one.
class DefaultChooser final : public Chooser {
 public:
  std::optional<Choice> choose(const DecisionPoint& point) override;
};

}  // namespace fb
