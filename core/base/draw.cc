#include "core/base/draw.h"

#include <bit>
#include <string>

namespace fb {

namespace {

// The wide product of Lemire's method. __int128 is an extension, hence the marker.
__extension__ using Wide = unsigned __int128;

constexpr uint64_t kGolden = 0x9E3779B97F4A7C15u;

uint64_t load_little_endian(std::string_view bytes) {
  uint64_t word = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    word |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return word;
}

struct SipState {
  uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void absorb(uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

}  // namespace

uint64_t siphash24(uint64_t key0, uint64_t key1, std::string_view text) {
  SipState state{key0 ^ 0x736f6d6570736575u, key1 ^ 0x646f72616e646f6du, key0 ^ 0x6c7967656e657261u,
                 key1 ^ 0x7465646279746573u};
  const uint64_t length = text.size();
  while (text.size() >= 8) {
    state.absorb(load_little_endian(text.substr(0, 8)));
    text.remove_prefix(8);
  }
  state.absorb(load_little_endian(text) | length << 56);
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

uint64_t splitmix_finalise(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

double draw(uint64_t seed, std::string_view test, std::string_view service, std::string_view rule,
            uint64_t n) {
  std::string text = "faultbox-draw-2";
  for (std::string_view part : {test, service, rule}) {
    text += '\0';
    text += part;
  }
  const uint64_t x = splitmix_finalise(siphash24(seed, 0, text) + n * kGolden);
  return static_cast<double>(x >> 11) / 9007199254740992.0;  // 2^53
}

uint64_t Rng::below(uint64_t bound) {
  Wide product = Wide{next()} * bound;
  auto low = static_cast<uint64_t>(product);
  if (low < bound) {
    // 2^64 mod bound: products whose low half is below it would make small results too frequent.
    const uint64_t threshold = (0 - bound) % bound;
    while (low < threshold) {
      product = Wide{next()} * bound;
      low = static_cast<uint64_t>(product);
    }
  }
  return static_cast<uint64_t>(product >> 64);
}

}  // namespace fb
