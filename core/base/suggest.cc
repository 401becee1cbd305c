#include "core/base/suggest.h"

#include <algorithm>
#include <cstdlib>

namespace fb {

int edit_distance(std::string_view a, std::string_view b, int limit) {
  const int n = static_cast<int>(a.size());
  const int m = static_cast<int>(b.size());
  if (std::abs(n - m) > limit) return limit + 1;
  // Three rows of the Damerau table: two back, the last, the current.
  std::vector<int> before(static_cast<std::size_t>(m) + 1), last(before), row(before);
  for (int j = 0; j <= m; ++j) last[static_cast<std::size_t>(j)] = j;
  for (int i = 1; i <= n; ++i) {
    const auto at = [](const auto& text, int k) { return text[static_cast<std::size_t>(k)]; };
    row[0] = i;
    for (int j = 1; j <= m; ++j) {
      const bool same = at(a, i - 1) == at(b, j - 1);
      int d = std::min({at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1)});
      if (i > 1 && j > 1 && at(a, i - 1) == at(b, j - 2) && at(a, i - 2) == at(b, j - 1)) {
        d = std::min(d, at(before, j - 2) + 1);
      }
      row[static_cast<std::size_t>(j)] = d;
    }
    before.swap(last);
    last.swap(row);
  }
  return std::min(last[static_cast<std::size_t>(m)], limit + 1);
}

std::vector<std::string> suggest(std::string_view name, std::span<const std::string> known,
                                 std::size_t most) {
  const int limit = std::max(1, static_cast<int>(name.size()) / 3);
  std::vector<std::pair<int, std::string>> near;
  for (const std::string& candidate : known) {
    const int d = edit_distance(name, candidate, limit);
    if (d <= limit && candidate != name) near.emplace_back(d, candidate);
  }
  std::stable_sort(near.begin(), near.end(),
                   [](const auto& x, const auto& y) { return x.first < y.first; });
  std::vector<std::string> names;
  for (auto& [distance, candidate] : near) {
    if (names.size() == most) break;
    if (std::find(names.begin(), names.end(), candidate) == names.end()) {
      names.push_back(std::move(candidate));
    }
  }
  return names;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> known) {
  const std::vector<std::string> names = suggest(name, known);
  if (names.empty()) return "";
  std::string text = " (did you mean ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += '"' + names[i] + '"';
  }
  return text + "?)";
}

}  // namespace fb
