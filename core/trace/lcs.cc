#include "core/trace/lcs.h"

#include "core/base/check.h"

#include <algorithm>
#include <unordered_set>

namespace fb {

namespace {

using Tokens = std::span<const uint32_t>;
using Pairs = std::vector<std::pair<size_t, size_t>>;

// How far edit paths of a growing number of edits come on each diagonal k = x - y.
class Frontier {
 public:
  Frontier(Tokens a, Tokens b, bool backward)
      : a_(a),
        b_(b),
        backward_(backward),
        n_(static_cast<ptrdiff_t>(a.size())),
        m_(static_cast<ptrdiff_t>(b.size())),
        reach_(a.size() + b.size() + 3, kUnreached) {}

  ptrdiff_t at(ptrdiff_t k) const { return reach_[static_cast<size_t>(k + m_ + 1)]; }

  // The farthest x with exactly `d` edits on diagonal k, after its snake; kUnreached: no such path
  // stays inside. Diagonals of parity d-1 still hold what d-1 edits reached.
  ptrdiff_t advance(ptrdiff_t k, ptrdiff_t d) {
    ptrdiff_t x = d == 0 ? 0 : kUnreached;
    if (d > 0) {
      if (const ptrdiff_t down = at(k + 1); down != kUnreached && down - k <= m_) x = down;
      if (const ptrdiff_t left = at(k - 1); left != kUnreached && left < n_) {
        x = std::max(x, left + 1);
      }
    }
    if (x != kUnreached) {
      while (x < n_ && x - k < m_ && equal(x, x - k)) ++x;
    }
    reach_[static_cast<size_t>(k + m_ + 1)] = x;
    return x;
  }

  static constexpr ptrdiff_t kUnreached = -1;

 private:
  bool equal(ptrdiff_t x, ptrdiff_t y) const {
    if (backward_)
      return a_[static_cast<size_t>(n_ - 1 - x)] == b_[static_cast<size_t>(m_ - 1 - y)];
    return a_[static_cast<size_t>(x)] == b_[static_cast<size_t>(y)];
  }

  Tokens a_, b_;
  bool backward_;
  ptrdiff_t n_, m_;
  std::vector<ptrdiff_t> reach_;
};

// A point on an optimal edit path, about half way. Both sequences non-empty and with different
// first and last tokens, so it is neither corner.
std::pair<size_t, size_t> middle(Tokens a, Tokens b) {
  const auto n = static_cast<ptrdiff_t>(a.size()), m = static_cast<ptrdiff_t>(b.size());
  const ptrdiff_t delta = n - m;
  const bool odd = delta % 2 != 0;
  Frontier forward(a, b, false), backward(a, b, true);
  for (ptrdiff_t d = 0; d <= (n + m + 1) / 2; ++d) {
    // Diagonals outside [-m, n] hold no point. The bounds keep the parity of d.
    const ptrdiff_t low = d <= m ? -d : -m + (d - m) % 2;
    const ptrdiff_t high = d <= n ? d : n - (d - n) % 2;
    for (ptrdiff_t k = low; k <= high; k += 2) {
      const ptrdiff_t x = forward.advance(k, d);
      const ptrdiff_t mirror = delta - k;
      if (!odd || x == Frontier::kUnreached || mirror < -(d - 1) || mirror > d - 1) continue;
      if (backward.at(mirror) != Frontier::kUnreached && x + backward.at(mirror) >= n) {
        return {static_cast<size_t>(x), static_cast<size_t>(x - k)};
      }
    }
    for (ptrdiff_t k = low; k <= high; k += 2) {
      const ptrdiff_t x = backward.advance(k, d);
      const ptrdiff_t mirror = delta - k;
      if (odd || x == Frontier::kUnreached || mirror < -d || mirror > d) continue;
      if (forward.at(mirror) != Frontier::kUnreached && x + forward.at(mirror) >= n) {
        return {static_cast<size_t>(n - x), static_cast<size_t>(m - (x - k))};
      }
    }
  }
  FB_CHECK(false);  // the two frontiers always meet
}

void align(Tokens a, Tokens b, size_t a_start, size_t b_start, Pairs& out) {
  size_t prefix = 0;
  while (prefix < a.size() && prefix < b.size() && a[prefix] == b[prefix]) {
    out.emplace_back(a_start + prefix, b_start + prefix);
    ++prefix;
  }
  a = a.subspan(prefix);
  b = b.subspan(prefix);
  a_start += prefix;
  b_start += prefix;
  size_t suffix = 0;
  while (suffix < a.size() && suffix < b.size() &&
         a[a.size() - 1 - suffix] == b[b.size() - 1 - suffix]) {
    ++suffix;
  }
  a = a.first(a.size() - suffix);
  b = b.first(b.size() - suffix);
  if (!a.empty() && !b.empty()) {
    const auto [x, y] = middle(a, b);
    align(a.first(x), b.first(y), a_start, b_start, out);
    align(a.subspan(x), b.subspan(y), a_start + x, b_start + y, out);
  }
  for (size_t i = 0; i < suffix; ++i) {
    out.emplace_back(a_start + a.size() + i, b_start + b.size() + i);
  }
}

// Tokens that the other side also has, with their positions. The others are in no common
// subsequence, and without them the search is quick where the sequences have little in common.
void keep_shared(Tokens tokens, Tokens other, std::vector<uint32_t>& kept,
                 std::vector<size_t>& positions) {
  const std::unordered_set<uint32_t> known(other.begin(), other.end());
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!known.contains(tokens[i])) continue;
    kept.push_back(tokens[i]);
    positions.push_back(i);
  }
}

}  // namespace

std::vector<std::pair<size_t, size_t>> longest_common_subsequence(std::span<const uint32_t> a,
                                                                  std::span<const uint32_t> b) {
  std::vector<uint32_t> kept_a, kept_b;
  std::vector<size_t> positions_a, positions_b;
  keep_shared(a, b, kept_a, positions_a);
  keep_shared(b, a, kept_b, positions_b);
  Pairs pairs;
  align(kept_a, kept_b, 0, 0, pairs);
  for (auto& [i, j] : pairs) {
    i = positions_a[i];
    j = positions_b[j];
  }
  return pairs;
}

}  // namespace fb
