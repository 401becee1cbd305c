// What the samplers that plan ahead learn from one execution in the default order: how many
// decisions there are, and how often each actor touches each object.
#pragma once
#include "core/base/result.h"
#include "core/sched/execution_record.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

struct Profile {
  uint64_t decisions = 0;
  std::map<ActorId, std::map<ObjectKey, uint64_t>> touches;

  bool operator==(const Profile&) const = default;

  // Objects that two actors at least touch, in order.
  std::vector<ObjectKey> contended() const;
};

Profile profile_of(const ExecutionRecord& record);

// The form in which it travels as Plan::policy_data. An empty text is an empty profile.
std::string encode_profile(const Profile& profile);
Result<Profile> decode_profile(std::string_view bytes);

}  // namespace fb
