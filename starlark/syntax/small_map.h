// A map from numbers for the many small tables of a compiler: up to sixteen entries are searched in
// a row, without any allocation per entry; what grows beyond gets an index. Entries keep the order
// in which they came.
#pragma once
#include <cstddef>
#include <memory_resource>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fb::starlark::syntax {

template <class Key, class T>
class SmallMap {
 public:
  explicit SmallMap(std::pmr::memory_resource* memory = std::pmr::get_default_resource())
      : entries_(memory) {}

  // The value of that key, or null. Valid until the next insertion.
  T* find(Key key) {
    if (index_.empty()) {
      for (auto& [known, value] : entries_) {
        if (known == key) return &value;
      }
      return nullptr;
    }
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &entries_[found->second].second;
  }
  // Of a key that is not there yet.
  void add(Key key, T value) {
    entries_.emplace_back(key, std::move(value));
    if (entries_.size() < kSearched) return;
    if (!index_.empty()) {
      index_.emplace(key, entries_.size() - 1);
    } else {
      for (std::size_t i = 0; i < entries_.size(); ++i) index_.emplace(entries_[i].first, i);
    }
  }
  void clear() {
    entries_.clear();
    if (!index_.empty()) index_ = {};  // not clear(): that would go over all its buckets each time
  }
  std::span<const std::pair<Key, T>> entries() const { return entries_; }

 private:
  static constexpr std::size_t kSearched = 16;
  std::pmr::vector<std::pair<Key, T>> entries_;
  std::unordered_map<Key, std::size_t> index_;
};

}  // namespace fb::starlark::syntax
