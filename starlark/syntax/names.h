// The names of one file, numbered from 0 in the order in which they appear, so that what follows
// the parser compares and looks up numbers instead of text.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace fb::starlark::syntax {

using NameNumber = std::uint32_t;

class Names {
 public:
  // The number of a name; the text must stay.
  NameNumber number(std::string_view name) {
    if ((words_.size() + 1) * 2 > slots_.size()) grow();
    const std::size_t hash = std::hash<std::string_view>()(name);
    std::size_t i = hash & (slots_.size() - 1);
    while (slots_[i].number != kNone) {
      if (slots_[i].hash == static_cast<std::uint32_t>(hash) && words_[slots_[i].number] == name) {
        return slots_[i].number;
      }
      i = (i + 1) & (slots_.size() - 1);
    }
    slots_[i] = {static_cast<std::uint32_t>(hash), static_cast<NameNumber>(words_.size())};
    words_.push_back(name);
    return slots_[i].number;
  }
  std::size_t size() const { return words_.size(); }

 private:
  static constexpr NameNumber kNone = ~NameNumber{0};
  struct Slot {
    std::uint32_t hash = 0;
    NameNumber number = kNone;
  };
  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.number == kNone) continue;
      std::size_t i = slot.hash & (slots_.size() - 1);
      while (slots_[i].number != kNone) i = (i + 1) & (slots_.size() - 1);
      slots_[i] = slot;
    }
  }

  std::vector<Slot> slots_;  // open addressing, a power of two of them
  std::vector<std::string_view> words_;
};

}  // namespace fb::starlark::syntax
