#include "starlark/eval/numbers.h"

#include "core/base/check.h"
#include "starlark/eval/objects.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <vector>

namespace fb::starlark {
namespace {

using Big = boost::multiprecision::cpp_int;

Big to_big(const Value& value) {
  if (value.is_small()) return Big(value.as_small());
  const auto* big = value.as<BigInt>();
  Big result;
  const auto limbs = big->limbs();
  boost::multiprecision::import_bits(result, limbs.begin(), limbs.end(), 64, false);
  return big->negative() ? Big(-result) : result;
}

Value from_big(Heap& heap, const Big& big) {
  static const Big kMin = -(Big(1) << 62);
  static const Big kMax = (Big(1) << 62) - 1;
  if (big >= kMin && big <= kMax) return Value::small(static_cast<std::int64_t>(big));
  std::vector<std::uint64_t> limbs;
  const Big magnitude = boost::multiprecision::abs(big);
  boost::multiprecision::export_bits(magnitude, std::back_inserter(limbs), 64, false);
  auto* object = heap.construct<BigInt>(sizeof(BigInt) + limbs.size() * sizeof(std::uint64_t),
                                        big < 0, limbs.size());
  std::copy(limbs.begin(), limbs.end(), object->data());
  return Value(object);
}

Big floor_divide(const Big& a, const Big& b) {
  Big quotient, remainder;
  boost::multiprecision::divide_qr(a, b, quotient, remainder);
  if (remainder != 0 && (remainder < 0) != (b < 0)) --quotient;
  return quotient;
}

// Numbers of millions of bits are a mistake, and a way to hang: nothing of that size is made.
constexpr std::size_t kMaxBits = std::size_t{1} << 22;

std::size_t bits_of(const Value& value) {
  return value.is_small() ? 63 : value.as<BigInt>()->limbs().size() * 64;
}

Outcome shift(Heap& heap, bool left, const Value& a, const Value& b) {
  const auto count = b.as_int64();
  if (int_sign(b) < 0) return Raised(fmt::format("negative shift count: {}", int_text(b)));
  if (left) {
    if (!count || *count >= 512) {
      return Raised(fmt::format("shift count too large: {}", int_text(b)));
    }
    if (bits_of(a) > kMaxBits) return Raised("int too large");
    return from_big(heap, Big(to_big(a) << static_cast<unsigned>(*count)));
  }
  if (!count || *count > (1 << 30)) return Value::small(int_sign(a) < 0 ? -1 : 0);
  const Big x = to_big(a);
  // An arithmetic shift: towards minus infinity.
  return from_big(heap, x >= 0 ? Big(x >> static_cast<unsigned>(*count))
                               : Big(-((-x - 1) >> static_cast<unsigned>(*count)) - 1));
}

// Bit operations see negative ints as infinite two's complement; cpp_int does not, so they are done
// by identities on non-negative numbers.
Big bit_operation(BinaryOp op, const Big& a, const Big& b) {
  const auto invert = [](const Big& x) { return Big(-x - 1); };
  const bool negative_a = a < 0;
  const bool negative_b = b < 0;
  const Big x = negative_a ? invert(a) : a;
  const Big y = negative_b ? invert(b) : b;
  // x & ~y for non-negative numbers.
  const auto without = [](const Big& p, const Big& q) { return Big(p ^ (p & q)); };
  if (op == BinaryOp::kXor) {
    const Big z = x ^ y;
    return negative_a != negative_b ? invert(z) : z;
  }
  if (op == BinaryOp::kAnd) {
    if (negative_a && negative_b) return invert(x | y);
    if (negative_a) return without(y, x);
    if (negative_b) return without(x, y);
    return x & y;
  }
  if (negative_a && negative_b) return invert(x & y);
  if (negative_a) return invert(without(x, y));
  if (negative_b) return invert(without(y, x));
  return x | y;
}

}  // namespace

int int_sign(const Value& value) {
  if (value.is_small()) return value.as_small() < 0 ? -1 : value.as_small() > 0 ? 1 : 0;
  return value.as<BigInt>()->negative() ? -1 : 1;
}

Value Heap::integer(std::int64_t value) {
  return Value::fits_small(value) ? Value::small(value) : from_big(*this, Big(value));
}

std::optional<std::int64_t> Value::as_int64() const {
  if (is_small()) return as_small();
  const auto* big = as<BigInt>();
  if (big == nullptr || big->limbs().size() > 1) return std::nullopt;
  const std::uint64_t magnitude = big->limbs()[0];
  constexpr std::uint64_t kTop = std::uint64_t{1} << 63;
  if (big->negative()) {
    if (magnitude > kTop) return std::nullopt;
    return static_cast<std::int64_t>(~magnitude + 1);
  }
  if (magnitude >= kTop) return std::nullopt;
  return static_cast<std::int64_t>(magnitude);
}

std::optional<double> Value::as_double() const {
  if (is_small()) return static_cast<double>(as_small());
  if (const auto* f = as<Float>()) return f->value();
  if (as<BigInt>() != nullptr) {
    auto number = to_double(*this);
    return number.ok() ? number.value() : (int_sign(*this) < 0 ? -INFINITY : INFINITY);
  }
  return std::nullopt;
}

Fallible<double> to_double(const Value& number) {
  if (number.is_small()) return static_cast<double>(number.as_small());
  if (const auto* f = number.as<Float>()) return f->value();
  // cpp_int's own conversion truncates; round the top 64 bits to nearest, ties to even, by hand.
  const Big big = boost::multiprecision::abs(to_big(number));
  const auto top = static_cast<int>(boost::multiprecision::msb(big));
  double result;
  if (top <= 63) {
    result = static_cast<double>(static_cast<std::uint64_t>(big));
  } else {
    const int dropped = top - 63;
    auto head = static_cast<std::uint64_t>(Big(big >> static_cast<unsigned>(dropped)));
    // A sticky bit for what is cut off keeps "exactly half" apart from "more than half".
    if ((big & ((Big(1) << static_cast<unsigned>(dropped)) - 1)) != 0) head |= 1;
    result = std::ldexp(static_cast<double>(head), dropped);
  }
  if (std::isinf(result)) return Raised("int too large to convert to float");
  return int_sign(number) < 0 ? -result : result;
}

Outcome int_binary(Heap& heap, BinaryOp op, const Value& a, const Value& b) {
  if (a.is_small() && b.is_small()) {
    const std::int64_t x = a.as_small();
    const std::int64_t y = b.as_small();
    std::int64_t z;
    switch (op) {
      case BinaryOp::kAdd:
        return heap.integer(x + y);  // 64 bits hold it
      case BinaryOp::kSubtract:
        return heap.integer(x - y);
      case BinaryOp::kMultiply:
        if (!__builtin_mul_overflow(x, y, &z)) return heap.integer(z);
        break;
      case BinaryOp::kFloorDivide:
        if (y == 0) return Raised("floored division by zero");
        z = x / y;
        if (x % y != 0 && (x < 0) != (y < 0)) --z;
        return heap.integer(z);
      case BinaryOp::kModulo:
        if (y == 0) return Raised("integer modulo by zero");
        z = x % y;
        if (z != 0 && (z < 0) != (y < 0)) z += y;
        return Value::small(z);
      case BinaryOp::kAnd:
        return Value::small(x & y);
      case BinaryOp::kOr:
        return Value::small(x | y);
      case BinaryOp::kXor:
        return Value::small(x ^ y);
      case BinaryOp::kShiftRight:
        if (y >= 0) return Value::small(x >> (y > 63 ? 63 : y));
        break;
      case BinaryOp::kShiftLeft:
        if (y >= 0 && y < 62 && (x >> (62 - y)) == (x < 0 ? -1 : 0)) {
          return heap.integer(static_cast<std::int64_t>(static_cast<std::uint64_t>(x) << y));
        }
        break;
      case BinaryOp::kDivide:
      case BinaryOp::kIn:
      case BinaryOp::kNotIn:
        break;
    }
  }
  switch (op) {
    case BinaryOp::kAdd:
      return from_big(heap, to_big(a) + to_big(b));
    case BinaryOp::kSubtract:
      return from_big(heap, to_big(a) - to_big(b));
    case BinaryOp::kMultiply:
      if (bits_of(a) + bits_of(b) > kMaxBits) return Raised("int too large");
      return from_big(heap, to_big(a) * to_big(b));
    case BinaryOp::kDivide:
      return float_binary(heap, op, FB_TRY(to_double(a)), FB_TRY(to_double(b)));
    case BinaryOp::kFloorDivide:
      if (int_sign(b) == 0) return Raised("floored division by zero");
      return from_big(heap, floor_divide(to_big(a), to_big(b)));
    case BinaryOp::kModulo: {
      if (int_sign(b) == 0) return Raised("integer modulo by zero");
      const Big x = to_big(a);
      const Big y = to_big(b);
      return from_big(heap, x - floor_divide(x, y) * y);
    }
    case BinaryOp::kAnd:
    case BinaryOp::kOr:
    case BinaryOp::kXor:
      return from_big(heap, bit_operation(op, to_big(a), to_big(b)));
    case BinaryOp::kShiftLeft:
      return shift(heap, true, a, b);
    case BinaryOp::kShiftRight:
      return shift(heap, false, a, b);
    case BinaryOp::kIn:
    case BinaryOp::kNotIn:
      break;
  }
  return Raised("unknown int operation");
}

Outcome float_binary(Heap& heap, BinaryOp op, double a, double b) {
  switch (op) {
    case BinaryOp::kAdd:
      return heap.number(a + b);
    case BinaryOp::kSubtract:
      return heap.number(a - b);
    case BinaryOp::kMultiply:
      return heap.number(a * b);
    case BinaryOp::kDivide:
      if (b == 0) return Raised("floating-point division by zero");
      return heap.number(a / b);
    case BinaryOp::kFloorDivide:
      if (b == 0) return Raised("floored division by zero");
      return heap.number(std::floor(a / b));
    case BinaryOp::kModulo: {
      if (b == 0) return Raised("floating-point modulo by zero");
      double z = std::fmod(a, b);
      if (z != 0 && (a < 0) != (b < 0)) z += b;
      return heap.number(z);
    }
    case BinaryOp::kAnd:
    case BinaryOp::kOr:
    case BinaryOp::kXor:
    case BinaryOp::kShiftLeft:
    case BinaryOp::kShiftRight:
    case BinaryOp::kIn:
    case BinaryOp::kNotIn:
      break;
  }
  return Raised("unknown float operation");
}

Value int_negate(Heap& heap, const Value& a) {
  return a.is_small() ? heap.integer(-a.as_small()) : from_big(heap, -to_big(a));
}
Value int_invert(Heap& heap, const Value& a) {
  return a.is_small() ? Value::small(~a.as_small()) : from_big(heap, -to_big(a) - 1);
}

int compare_floats(double a, double b) {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a == b) return 0;
  // A NaN: equal to a NaN, greater than anything else.
  return std::isnan(a) ? (std::isnan(b) ? 0 : 1) : -1;
}

int compare_numbers(const Value& a, const Value& b) {
  const auto* fa = a.as<Float>();
  const auto* fb = b.as<Float>();
  if (fa != nullptr && fb != nullptr) return compare_floats(fa->value(), fb->value());
  if (fb != nullptr) return -compare_numbers(b, a);
  if (fa != nullptr) {
    const double x = fa->value();
    if (!std::isfinite(x)) return x < 0 ? -1 : 1;
    const double whole = std::floor(x);
    const Big floor_of_x(whole);
    const int c = floor_of_x.compare(to_big(b));
    return c != 0 ? (c < 0 ? -1 : 1) : (x > whole ? 1 : 0);
  }
  if (a.is_small() && b.is_small()) {
    return a.as_small() < b.as_small() ? -1 : a.as_small() > b.as_small() ? 1 : 0;
  }
  const int c = to_big(a).compare(to_big(b));
  return c < 0 ? -1 : c > 0 ? 1 : 0;
}

namespace {

std::uint32_t mix(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xFF51AFD7ED558CCDull;
  x ^= x >> 33;
  return static_cast<std::uint32_t>(x ^ (x >> 32));
}

}  // namespace

// 1 and 1.0 are one key, so an integral float hashes as its int.
std::uint32_t hash_number(const Value& number) {
  if (number.is_small()) return mix(static_cast<std::uint64_t>(number.as_small()));
  if (const auto* f = number.as<Float>()) {
    const double x = f->value();
    if (!std::isfinite(x)) return std::isnan(x) ? 1618033 : x > 0 ? 314159 : 271828;
    if (x != std::floor(x)) {
      std::uint64_t bits;
      std::memcpy(&bits, &x, sizeof bits);
      return mix(bits);
    }
    if (std::abs(x) < 0x1p62) return mix(static_cast<std::uint64_t>(static_cast<std::int64_t>(x)));
    const Big big = boost::multiprecision::abs(Big(x));
    std::uint32_t h = x < 0 ? 7 : 3;
    std::vector<std::uint64_t> limbs;
    boost::multiprecision::export_bits(big, std::back_inserter(limbs), 64, false);
    for (std::uint64_t limb : limbs) h = mix(h * std::uint64_t{31} + limb);
    return h;
  }
  const auto* big = number.as<BigInt>();
  std::uint32_t h = big->negative() ? 7 : 3;
  for (std::uint64_t limb : big->limbs()) h = mix(h * std::uint64_t{31} + limb);
  return h;
}

std::string int_text(const Value& value, int base) {
  if (value.is_small()) {
    char buffer[80];
    const auto [end, status] =
        std::to_chars(buffer, buffer + sizeof buffer, value.as_small(), base);
    return std::string(buffer, end);
  }
  const auto* object = value.as<BigInt>();
  const Big big = boost::multiprecision::abs(to_big(value));
  std::string digits;
  if (base == 16) {
    digits = big.str(0, std::ios_base::hex);
    for (char& c : digits) c = static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c);
  } else if (base == 8) {
    digits = big.str(0, std::ios_base::oct);
  } else {
    digits = big.str();
  }
  return (object->negative() ? "-" : "") + digits;
}

std::optional<Value> parse_int(Heap& heap, std::string_view text, int base) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return std::nullopt;
  const auto digit = [&](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'z' ? lower - 'a' + 10 : 99;
  };
  for (char c : text) {
    if (digit(c) >= base) return std::nullopt;
  }
  if (text.size() <= 11) {  // 36^11 < 2^62
    std::int64_t n = 0;
    for (char c : text) n = n * base + digit(c);
    return Value::small(negative ? -n : n);
  }
  // Chunks of as many digits as 64 bits hold.
  Big big = 0;
  while (!text.empty()) {
    const std::size_t size = std::min<std::size_t>(text.size(), 11);
    std::uint64_t chunk = 0;
    std::uint64_t scale = 1;
    for (std::size_t i = 0; i < size; ++i) {
      chunk = chunk * static_cast<std::uint64_t>(base) + static_cast<std::uint64_t>(digit(text[i]));
      scale *= static_cast<std::uint64_t>(base);
    }
    big = big * scale + chunk;
    text.remove_prefix(size);
  }
  return from_big(heap, negative ? Big(-big) : big);
}

Value int_of_double(Heap& heap, double value) {
  const double whole = std::trunc(value);
  if (std::abs(whole) < 0x1p62) return Value::small(static_cast<std::int64_t>(whole));
  return from_big(heap, Big(whole));
}

namespace {

std::string not_finite(double value) {
  return std::isnan(value) ? "nan" : value > 0 ? "+inf" : "-inf";
}

}  // namespace

std::string float_text(double value) {
  if (!std::isfinite(value)) return not_finite(value);
  // Shortest digits as d.ddde±XX, laid out again: fixed for exponents -4..5.
  char buffer[64];
  const auto [end, status] =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  const std::size_t e = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), text.data() + text.size(),
                  exponent);
  if (exponent < -4 || exponent >= 6) return std::string(text);
  const bool negative = text[0] == '-';
  std::string digits;
  for (char c : text.substr(0, e)) {
    if (c >= '0' && c <= '9') digits.push_back(c);
  }
  std::string out = negative ? "-" : "";
  if (exponent < 0) {
    out += "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
    return out;
  }
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() < whole) digits.append(whole - digits.size(), '0');
  out += digits.substr(0, whole) + ".";
  out += digits.size() > whole ? digits.substr(whole) : "0";
  return out;
}

std::string format_float(double value, char verb) {
  if (!std::isfinite(value)) return not_finite(value);
  const char lower = static_cast<char>(verb | 0x20);
  std::string out;
  if (lower == 'g') {
    out = float_text(value);
  } else {
    std::vector<char> buffer(512);
    const auto [end, status] =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                      lower == 'e' ? std::chars_format::scientific : std::chars_format::fixed, 6);
    FB_CHECK(status == std::errc());
    out.assign(buffer.data(), end);
  }
  if (verb != lower) {
    for (char& c : out) c = c == 'e' ? 'E' : c;
  }
  return out;
}

std::optional<double> parse_float(std::string_view text) {
  bool negative = false;
  std::string_view body = text;
  if (!body.empty() && (body[0] == '+' || body[0] == '-')) {
    negative = body[0] == '-';
    body.remove_prefix(1);
  }
  std::string lower;
  for (char c : body) lower.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c));
  double value = 0;
  if (lower == "inf" || lower == "infinity") {
    value = INFINITY;
  } else if (lower == "nan") {
    value = NAN;
  } else {
    if (lower.empty() || !((lower[0] >= '0' && lower[0] <= '9') || lower[0] == '.')) {
      return std::nullopt;
    }
    const auto [end, status] = std::from_chars(lower.data(), lower.data() + lower.size(), value);
    if (end != lower.data() + lower.size() || status == std::errc::invalid_argument) {
      return std::nullopt;
    }
    if (status == std::errc::result_out_of_range) {
      // Too large or too small; the exponent's sign tells (a mantissa that long is not worth more
      // care).
      const std::size_t e = lower.find('e');
      value = e != lower.npos && lower[e + 1] == '-' ? 0 : INFINITY;
    }
  }
  return negative ? -value : value;
}

}  // namespace fb::starlark
