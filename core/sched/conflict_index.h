// Which earlier steps a footprint is ordered after, without looking at all of them: accesses are
// kept by object, and one that a later write covers is forgotten, for whatever clashes with it
// clashes with the write too and learns of it from there. So what it names are not all the steps
// that are ordered before, but enough of them: the rest happened before one of these.
//
// What it names does not depend on the order in which independent steps were added.
#pragma once
#include "core/model/footprint.h"

#include <cstddef>
#include <map>
#include <vector>

namespace fb {

class ConflictIndex {
 public:
  // `actor`: any number that is the same for steps of one actor, which are ordered anyway.
  void add(size_t step, size_t actor, const Footprint& footprint);
  // Ascending, each once.
  std::vector<size_t> ordered_before(const Footprint& footprint) const;

 private:
  struct Entry {
    Access access;
    size_t step = 0, actor = 0;
  };
  // What steps did to one object.
  struct History {
    std::vector<Entry> accesses, provided, needed;
  };
  static void add_access(std::vector<Entry>& entries, const Entry& entry);
  static void add_edge(std::vector<Entry>& entries, const Entry& entry);

  std::map<ObjectKey, History> objects_;
  std::vector<Entry> everything_;  // the last access to kEverything, which clashes with all
};

}  // namespace fb
