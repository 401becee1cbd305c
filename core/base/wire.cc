#include "core/base/wire.h"

#include "core/base/text.h"

#include <array>
#include <bit>

namespace fb {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<int8_t, 256> make_values() {
  std::array<int8_t, 256> values{};
  values.fill(-1);
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int8_t>(i);
  }
  return values;
}
constexpr std::array<int8_t, 256> kValues = make_values();

Error cut_short() {
  return invalid("the record is cut short");
}

}  // namespace

void WireWriter::u64(uint64_t value) {
  while (value >= 0x80) {
    bytes_ += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes_ += static_cast<char>(value);
}

void WireWriter::i64(int64_t value) {
  const auto bits = static_cast<uint64_t>(value);
  u64(bits << 1 ^ (value < 0 ? ~uint64_t{0} : 0));
}

void WireWriter::f64(double value) {
  const auto bits = std::bit_cast<uint64_t>(value);
  for (int shift = 0; shift < 64; shift += 8) bytes_ += static_cast<char>(bits >> shift);
}

void WireWriter::string(std::string_view value) {
  u64(value.size());
  bytes_ += value;
}

void WireWriter::bytes(std::span<const std::byte> value) {
  u64(value.size());
  for (std::byte byte : value) bytes_ += static_cast<char>(byte);
}

Result<uint64_t> WireReader::u64() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) return cut_short();
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    // The tenth byte carries one bit; a last byte of 0 would be a second encoding of the value.
    if ((shift == 63 && byte > 1) || (shift > 0 && byte == 0)) {
      return invalid("the record holds a malformed number");
    }
    value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
  return invalid("the record holds a malformed number");
}

Result<uint64_t> WireReader::u64_at_most(uint64_t max) {
  const uint64_t value = FB_TRY(u64());
  if (value > max) return invalid("the record holds a number out of range");
  return value;
}

Result<int64_t> WireReader::i64() {
  const uint64_t bits = FB_TRY(u64());
  return static_cast<int64_t>(bits >> 1 ^ (bits & 1 ? ~uint64_t{0} : 0));
}

Result<bool> WireReader::boolean() {
  const uint64_t value = FB_TRY(u64_at_most(1));
  return value == 1;
}

Result<double> WireReader::f64() {
  if (rest_.size() < 8) return cut_short();
  uint64_t bits = 0;
  for (size_t i = 0; i < 8; ++i) bits |= uint64_t{static_cast<uint8_t>(rest_[i])} << (8 * i);
  rest_.remove_prefix(8);
  return std::bit_cast<double>(bits);
}

Result<std::string_view> WireReader::counted_bytes() {
  const uint64_t length = FB_TRY(u64());
  if (length > rest_.size()) return cut_short();
  const std::string_view value = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return value;
}

Result<std::string> WireReader::string() {
  const std::string_view value = FB_TRY(counted_bytes());
  return std::string(value);
}

Result<std::vector<std::byte>> WireReader::bytes() {
  const std::string_view value = FB_TRY(counted_bytes());
  std::vector<std::byte> out;
  out.reserve(value.size());
  for (char c : value) out.push_back(static_cast<std::byte>(c));
  return out;
}

Result<size_t> WireReader::count(size_t element_size) {
  FB_CHECK(element_size > 0);
  const uint64_t elements = FB_TRY(u64());
  if (elements > rest_.size() / element_size) return cut_short();
  return static_cast<size_t>(elements);
}

Status WireReader::finish() const {
  if (!rest_.empty()) {
    return invalid("the record has " + std::to_string(rest_.size()) + " bytes too many");
  }
  return {};
}

std::string base64url_encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  uint32_t buffer = 0;
  unsigned bits = 0;
  for (char c : bytes) {
    buffer = buffer << 8 | static_cast<uint8_t>(c);
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out += kAlphabet[buffer >> bits & 63];
    }
  }
  if (bits > 0) out += kAlphabet[buffer << (6 - bits) & 63];
  return out;
}

Result<std::string> base64url_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size() * 3 / 4);
  uint32_t buffer = 0;
  unsigned bits = 0;
  for (char c : text) {
    const auto value = static_cast<int>(kValues[static_cast<uint8_t>(c)]);
    if (value < 0) return invalid("base64url: unexpected " + quote(std::string_view(&c, 1)));
    buffer = buffer << 6 | static_cast<uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(buffer >> bits);
    }
  }
  if (bits >= 6) return invalid("base64url: the text is cut short");
  if ((buffer & ((1u << bits) - 1)) != 0) return invalid("base64url: bits left over at the end");
  return out;
}

}  // namespace fb
