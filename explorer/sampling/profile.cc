#include "explorer/sampling/profile.h"

#include "core/base/wire.h"
#include "core/sched/record_wire.h"

#include <set>

namespace fb {

std::vector<ObjectKey> Profile::contended() const {
  std::map<ObjectKey, int> actors;
  for (const auto& [actor, objects] : touches)
    for (const auto& [object, count] : objects) ++actors[object];
  std::vector<ObjectKey> contended;
  for (const auto& [object, count] : actors)
    if (count > 1) contended.push_back(object);
  return contended;
}

Profile profile_of(const ExecutionRecord& record) {
  Profile profile;
  profile.decisions = record.steps.size();
  for (const ExecutedStep& step : record.steps) {
    std::set<ObjectKey> objects;
    for (const Access& access : step.footprint.accesses) objects.insert(access.object);
    for (ObjectKey object : objects) ++profile.touches[step.choice.actor][object];
  }
  return profile;
}

std::string encode_profile(const Profile& profile) {
  WireWriter out;
  out.u64(profile.decisions);
  out.count(profile.touches.size());
  for (const auto& [actor, objects] : profile.touches) {
    write_actor(out, actor);
    out.count(objects.size());
    for (const auto& [object, count] : objects) {
      out.u64(object.value);
      out.u64(count);
    }
  }
  return out.take();
}

Result<Profile> decode_profile(std::string_view bytes) {
  Profile profile;
  if (bytes.empty()) return profile;
  WireReader in(bytes);
  profile.decisions = FB_TRY(in.u64());
  const size_t actors = FB_TRY(in.count(5));
  for (size_t i = 0; i < actors; ++i) {
    const ActorId actor = FB_TRY(read_actor(in));
    const size_t objects = FB_TRY(in.count(2));
    for (size_t k = 0; k < objects; ++k) {
      const ObjectKey object{FB_TRY(in.u64())};
      profile.touches[actor][object] = FB_TRY(in.u64());
    }
  }
  FB_TRY(in.finish());
  return profile;
}

}  // namespace fb
