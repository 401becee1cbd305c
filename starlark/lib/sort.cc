#include "starlark/lib/sort.h"

#include "starlark/eval/operators.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string_view>

namespace fb::starlark::lib {
namespace {

// Moves items into the order of `order`.
void permute(std::vector<Value>& items, const std::vector<std::uint32_t>& order) {
  std::vector<Value> sorted;
  sorted.reserve(items.size());
  for (std::uint32_t i : order) sorted.push_back(std::move(items[i]));
  items = std::move(sorted);
}

template <class Key>
void sort_plain(std::vector<Value>& items, const std::vector<Key>& keys, bool reverse) {
  struct Row {
    Key key;
    std::uint32_t index;
  };
  std::vector<Row> rows(keys.size());
  for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i] = {keys[i], i};
  if (reverse) {
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return b.key < a.key; });
  } else {
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.key < b.key; });
  }
  std::vector<std::uint32_t> order(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) order[i] = rows[i].index;
  permute(items, order);
}

// A merge of halves that stops at the first failing comparison; std::stable_sort cannot.
class Merge {
 public:
  Merge(const std::vector<Value>& keys, bool reverse) : keys_(keys), reverse_(reverse) {}

  Outcome run(std::vector<std::uint32_t>& order) {
    order.resize(keys_.size());
    std::iota(order.begin(), order.end(), 0u);
    std::vector<std::uint32_t> other(order.size());
    for (std::size_t width = 1; width < order.size(); width *= 2) {
      for (std::size_t low = 0; low < order.size(); low += 2 * width) {
        const std::size_t middle = std::min(low + width, order.size());
        const std::size_t high = std::min(low + 2 * width, order.size());
        FB_TRY(merge(order, other, low, middle, high));
      }
      order.swap(other);
    }
    return Value::none();
  }

 private:
  // True if the right one must come before the left one.
  Fallible<bool> before(std::uint32_t right, std::uint32_t left) const {
    return compare(reverse_ ? Comparison::kGreater : Comparison::kLess, keys_[right], keys_[left]);
  }
  Outcome merge(const std::vector<std::uint32_t>& from, std::vector<std::uint32_t>& to,
                std::size_t low, std::size_t middle, std::size_t high) const {
    std::size_t left = low;
    std::size_t right = middle;
    for (std::size_t at = low; at < high; ++at) {
      bool take_right = left == middle;
      if (!take_right && right < high) take_right = FB_TRY(before(from[right], from[left]));
      to[at] = take_right ? from[right++] : from[left++];
    }
    return Value::none();
  }

  const std::vector<Value>& keys_;
  bool reverse_;
};

}  // namespace

Outcome sort_values(std::vector<Value>& items, std::vector<Value>& keys, bool reverse) {
  const std::vector<Value>& by = keys.empty() ? items : keys;
  const bool all_ints =
      std::all_of(by.begin(), by.end(), [](const Value& v) { return v.is_small(); });
  if (all_ints) {
    std::vector<std::int64_t> ints;
    ints.reserve(by.size());
    for (const Value& v : by) ints.push_back(v.as_small());
    sort_plain(items, ints, reverse);
    return Value::none();
  }
  const bool all_strings =
      std::all_of(by.begin(), by.end(), [](const Value& v) { return v.is_string(); });
  if (all_strings) {
    std::vector<std::string_view> texts;
    texts.reserve(by.size());
    for (const Value& v : by) texts.push_back(v.as_string());
    sort_plain(items, texts, reverse);
    return Value::none();
  }
  std::vector<std::uint32_t> order;
  FB_TRY(Merge(by, reverse).run(order));
  permute(items, order);
  return Value::none();
}

}  // namespace fb::starlark::lib
