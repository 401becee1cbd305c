// The seeded draws of spec §14: pure functions of (seed, test, service, rule, n), so interleaving
// cannot change them.
#pragma once
#include <cstdint>
#include <string_view>

namespace fb {

// SipHash-2-4 (Aumasson and Bernstein, 2012) of `text` under the key (key0, key1).
uint64_t siphash24(uint64_t key0, uint64_t key1, std::string_view text);
// SplitMix64's finaliser (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
// 2014).
uint64_t splitmix_finalise(uint64_t x);
// u in [0, 1); n from 1.
double draw(uint64_t seed, std::string_view test, std::string_view service, std::string_view rule,
            uint64_t n);

// A small seeded generator (SplitMix64) for strategies and samplers.
class Rng {
 public:
  explicit Rng(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    state_ += 0x9E3779B97F4A7C15u;
    return splitmix_finalise(state_);
  }
  // Uniform in [0, bound), bound ≥ 1, without bias (Lemire, Fast random integer generation in an
  // interval, 2019).
  uint64_t below(uint64_t bound);
  double unit() { return static_cast<double>(next() >> 11) / 9007199254740992.0; }

 private:
  uint64_t state_;
};

}  // namespace fb
