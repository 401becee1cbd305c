#include "explorer/sampling/outcomes.h"

#include "core/base/check.h"

#include <algorithm>

namespace fb {

std::vector<ActorId> actors_of(std::span<const Choice> choices) {
  std::vector<ActorId> actors;
  for (Choice choice : choices)
    if (actors.empty() || actors.back() != choice.actor) actors.push_back(choice.actor);
  return actors;
}

Choice random_outcome(Rng& rng, std::span<const Choice> choices, ActorId actor) {
  const auto [first, last] =
      std::ranges::equal_range(choices, actor, {}, [](Choice choice) { return choice.actor; });
  FB_CHECK(first != last);
  const auto count = static_cast<uint64_t>(last - first);
  // No draw for the one possibility: most operations have just one.
  return count == 1 ? *first : first[static_cast<ptrdiff_t>(rng.below(count))];
}

}  // namespace fb
