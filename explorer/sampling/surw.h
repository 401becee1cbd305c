// Selectively uniform random walk: picks one contended object and orders the operations on it
// uniformly over all their interleavings, with the counts of a profile; everything else goes by
// random priority.
// H. Zhao et al., Selectively Uniform Concurrency Testing, ASPLOS 2025.
#pragma once
#include "core/base/draw.h"
#include "explorer/policy.h"
#include "explorer/sampling/profile.h"

#include <map>
#include <optional>

namespace fb {

class SelectivelyUniform final : public Policy {
 public:
  SelectivelyUniform(uint64_t seed, const Profile& profile);
  Choice pick(const DecisionPoint& point, std::span<const Choice> awake) override;
  void chosen(const DecisionPoint& point, Choice choice) override;

 private:
  bool interesting(const Candidate& candidate) const;
  void draw_turn();

  Rng rng_;
  std::optional<ObjectKey> object_;
  std::map<ActorId, uint64_t> remaining_;  // operations on the object
  std::optional<ActorId> turn_;            // whose operation on the object comes next
  std::map<ActorId, uint64_t> priority_;
};

}  // namespace fb
