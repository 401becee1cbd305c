#include "core/model/footprint.h"

#include <algorithm>
#include <xxhash.h>

namespace fb {

namespace {

// Up to this many pairs comparing all of them beats sorting.
constexpr size_t kFewPairs = 256;

bool holds_everything(const Footprint& footprint) {
  return std::ranges::any_of(footprint.accesses,
                             [](const Access& access) { return access.object == kEverything; });
}

// Both sorted by object: only groups of the same object can clash.
bool sorted_clash(const std::vector<Access>& a, const std::vector<Access>& b) {
  auto i = a.begin();
  auto j = b.begin();
  while (i != a.end() && j != b.end()) {
    if (i->object < j->object) {
      ++i;
    } else if (j->object < i->object) {
      ++j;
    } else {
      const ObjectKey object = i->object;
      auto group_end = j;
      while (group_end != b.end() && group_end->object == object) ++group_end;
      for (; i != a.end() && i->object == object; ++i) {
        for (auto k = j; k != group_end; ++k) {
          if (clash(*i, *k)) return true;
        }
      }
      j = group_end;
    }
  }
  return false;
}

}  // namespace

ObjectKey object_key(std::string_view canonical_name) {
  const ObjectKey key{XXH3_64bits(canonical_name.data(), canonical_name.size())};
  // The one hash that is taken already moves out of the way.
  return key == kEverything ? ObjectKey{1} : key;
}

bool clash(const Access& a, const Access& b) {
  if (a.object == kEverything || b.object == kEverything) return true;
  if (a.object != b.object) return false;
  if (std::max(a.low, b.low) >= std::min(a.high, b.high)) return false;
  // Reads commute with reads and additions with additions, nothing else does.
  return a.mode != b.mode || a.mode == AccessMode::kWrite;
}

bool dependent(const Footprint& a, const Footprint& b) {
  if (a.accesses.empty() || b.accesses.empty()) return false;
  if (a.accesses.size() * b.accesses.size() <= kFewPairs) {
    for (const Access& x : a.accesses) {
      for (const Access& y : b.accesses) {
        if (clash(x, y)) return true;
      }
    }
    return false;
  }
  if (holds_everything(a) || holds_everything(b)) return true;
  std::vector<Access> left = a.accesses;
  std::vector<Access> right = b.accesses;
  std::ranges::sort(left);
  std::ranges::sort(right);
  return sorted_clash(left, right);
}

}  // namespace fb
