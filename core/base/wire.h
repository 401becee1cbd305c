// The compact binary form in which records go from process to process and into schedule text, and
// base64url around it. A value has exactly one encoding; a reader believes nothing: each call
// checks that the bytes are there and well-formed. What the fields mean is the business of those
// who write records.
//
//   unsigned: LEB128 varint    signed: zigzag, then varint    bool: one byte, 0 or 1
//   double: 8 bytes, little end first    string: length as varint, then the bytes
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

class WireWriter {
 public:
  void u64(uint64_t value);
  void i64(int64_t value);
  void boolean(bool value) { bytes_ += value ? '\1' : '\0'; }
  void f64(double value);
  void string(std::string_view value);
  void bytes(std::span<const std::byte> value);
  // The number of elements that follow.
  void count(size_t elements) { u64(elements); }

  const std::string& data() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads what a WireWriter wrote, in the same order. Does not own the bytes.
class WireReader {
 public:
  explicit WireReader(std::string_view data) : rest_(data) {}

  Result<uint64_t> u64();
  // A value of at most `max`, for enums and narrower integers.
  Result<uint64_t> u64_at_most(uint64_t max);
  Result<int64_t> i64();
  Result<bool> boolean();
  Result<double> f64();
  Result<std::string> string();
  Result<std::vector<std::byte>> bytes();
  // A number of elements of at least `element_size` bytes each: more than the rest can hold is an
  // error, so that a wrong count never makes the reader reserve memory for it.
  Result<size_t> count(size_t element_size = 1);

  bool at_end() const { return rest_.empty(); }
  // Error when bytes are left over.
  Status finish() const;

 private:
  Result<std::string_view> counted_bytes();
  std::string_view rest_;
};

// RFC 4648 §5, without padding.
std::string base64url_encode(std::string_view bytes);
// Errors: a character outside the alphabet, an impossible length, bits left over that are not 0.
Result<std::string> base64url_decode(std::string_view text);

}  // namespace fb
