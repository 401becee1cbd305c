// The longest common subsequence of two sequences of tokens, in linear space (Myers: An O(ND)
// difference algorithm and its variations, 1986, §4b). Exact: no two sequences are ever aligned
// worse than possible, however long they are.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace fb {

// Pairs (position in a, position in b) of equal tokens, ascending in both, as many as possible.
std::vector<std::pair<size_t, size_t>> longest_common_subsequence(std::span<const uint32_t> a,
                                                                  std::span<const uint32_t> b);

}  // namespace fb
