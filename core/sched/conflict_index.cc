#include "core/sched/conflict_index.h"

#include <algorithm>

namespace fb {

namespace {

bool covers(const Access& outer, const Access& inner) {
  return outer.low <= inner.low && inner.high <= outer.high;
}

bool overlap(const Access& a, const Access& b) {
  return std::max(a.low, b.low) < std::min(a.high, b.high);
}

}  // namespace

void ConflictIndex::add_access(std::vector<Entry>& entries, const Entry& entry) {
  std::erase_if(entries, [&](const Entry& old) {
    return covers(entry.access, old.access) &&
           (entry.access.mode == AccessMode::kWrite ||
            (old.actor == entry.actor && old.access.mode == entry.access.mode));
  });
  entries.push_back(entry);
}

void ConflictIndex::add_edge(std::vector<Entry>& entries, const Entry& entry) {
  std::erase_if(entries, [&](const Entry& old) {
    return old.actor == entry.actor && covers(entry.access, old.access);
  });
  entries.push_back(entry);
}

void ConflictIndex::add(size_t step, size_t actor, const Footprint& footprint) {
  for (const Access& access : footprint.accesses) {
    const Entry entry{access, step, actor};
    if (access.object == kEverything) {
      for (auto& [object, history] : objects_) history.accesses.clear();
      everything_ = {entry};
    } else {
      add_access(objects_[access.object].accesses, entry);
    }
  }
  for (const Access& access : footprint.provides)
    add_edge(objects_[access.object].provided, {access, step, actor});
  for (const Access& access : footprint.needs)
    add_edge(objects_[access.object].needed, {access, step, actor});
}

std::vector<size_t> ConflictIndex::ordered_before(const Footprint& footprint) const {
  std::vector<size_t> steps;
  for (const Access& access : footprint.accesses) {
    for (const Entry& entry : everything_) steps.push_back(entry.step);
    if (access.object == kEverything) {
      for (const auto& [object, history] : objects_)
        for (const Entry& entry : history.accesses) steps.push_back(entry.step);
    } else if (const auto found = objects_.find(access.object); found != objects_.end()) {
      for (const Entry& entry : found->second.accesses)
        if (clash(entry.access, access)) steps.push_back(entry.step);
    }
  }
  const auto add_edges = [&](const std::vector<Access>& mine, std::vector<Entry> History::*theirs) {
    for (const Access& access : mine)
      if (const auto found = objects_.find(access.object); found != objects_.end())
        for (const Entry& entry : found->second.*theirs)
          if (overlap(entry.access, access)) steps.push_back(entry.step);
  };
  add_edges(footprint.needs, &History::provided);
  add_edges(footprint.provides, &History::needed);
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  return steps;
}

}  // namespace fb
