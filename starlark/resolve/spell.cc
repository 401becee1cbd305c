#include "starlark/resolve/spell.h"

#include "starlark/syntax/unicode.h"

#include <algorithm>
#include <vector>

namespace fb::starlark::resolve {
namespace {

std::string fold(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto d = unicode::decode(text);
    text.remove_prefix(d.size);
    if (d.code_point != '_') unicode::append_utf8(out, unicode::to_lower(d.code_point));
  }
  return out;
}

std::size_t levenshtein(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates) {
  const std::string wanted = fold(name);
  std::size_t best_distance = (wanted.size() + 1) / 2;
  std::string_view best;
  for (std::string_view candidate : candidates) {
    const std::string folded = fold(candidate);
    const std::size_t longer = std::max(folded.size(), wanted.size());
    const std::size_t shorter = std::min(folded.size(), wanted.size());
    if (longer - shorter >= best_distance) continue;
    const std::size_t distance = levenshtein(wanted, folded);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace fb::starlark::resolve
