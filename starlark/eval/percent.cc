// `"..." % operand`: conversions without flags, width or precision.
#include "starlark/eval/containers.h"
#include "starlark/eval/numbers.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/operators.h"
#include "starlark/eval/text.h"
#include "starlark/eval/thread.h"
#include "starlark/syntax/unicode.h"

#include <fmt/format.h>

namespace fb::starlark {
namespace {

// An int, or the whole part of a finite float.
Fallible<Value> to_int(Heap& heap, const Value& v) {
  if (v.is_int()) return v;
  if (const auto* f = v.as<Float>()) {
    const double x = f->value();
    if (!(x - x == 0)) {
      return Raised(fmt::format("cannot convert float {} to integer", x != x ? "NaN" : "infinity"));
    }
    return int_of_double(heap, x);
  }
  return Raised(fmt::format("cannot convert {} to int", v.type_name()));
}

Status convert(Heap& heap, char verb, const Value& v, std::string& out) {
  switch (verb) {
    case 's':
    case 'r':
      out += verb == 's' && v.is_string() ? str(v) : repr(v);
      return {};
    case 'd':
    case 'i':
    case 'o':
    case 'x':
    case 'X': {
      auto number = to_int(heap, v);
      if (!number.ok()) {
        return failed(fmt::format("%{} format requires integer: {}", verb, number.failure().text));
      }
      const int base = verb == 'o' ? 8 : verb == 'x' || verb == 'X' ? 16 : 10;
      std::string text = int_text(number.value(), base);
      if (verb == 'X') {
        for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'f' ? c - 32 : c);
      }
      out += text;
      return {};
    }
    case 'e':
    case 'f':
    case 'g':
    case 'E':
    case 'F':
    case 'G':
      if (!v.is_int() && !v.is_float()) {
        return failed(fmt::format("%{} format requires float, not {}", verb, v.type_name()));
      }
      out += format_float(*v.as_double(), verb);
      return {};
    case 'c':
      if (v.is_int()) {
        const auto c = v.as_int64();
        if (!c || *c < 0 || *c > 0x10FFFF) {
          return failed(
              fmt::format("%c format requires a valid Unicode code point, got {}", str(v)));
        }
        unicode::append_utf8(out, static_cast<char32_t>(*c));
        return {};
      }
      if (v.is_string()) {
        const std::string_view text = v.as_string();
        if (text.empty() || unicode::decode(text).size != text.size()) {
          return failed("%c format requires a single-character string");
        }
        out += text;
        return {};
      }
      return failed(
          fmt::format("%c format requires int or single-character string, not {}", v.type_name()));
    default:
      break;
  }
  return failed(fmt::format("unknown conversion %{}", verb));
}

}  // namespace

Outcome percent_format(Thread& thread, std::string_view format, const Value& operand) {
  const auto* tuple = operand.as<Tuple>();
  const std::size_t count = tuple != nullptr ? tuple->size() : 1;
  std::size_t used = 0;
  std::string out;
  while (true) {
    const std::size_t percent = format.find('%');
    out += format.substr(0, percent);
    if (percent == format.npos) break;
    format.remove_prefix(percent + 1);
    if (format.starts_with('%')) {
      out += '%';
      format.remove_prefix(1);
      continue;
    }
    Value value;
    if (format.starts_with('(')) {
      const std::size_t close = format.find(')');
      if (close == format.npos) return Raised("incomplete format key");
      const std::string_view key = format.substr(1, close - 1);
      const auto* dict = operand.as<Dict>();
      if (dict == nullptr) return Raised("format requires a mapping");
      const Value* found = FB_TRY(dict->table.find(thread.heap().string(key)));
      if (found == nullptr) return Raised(fmt::format("key not found: {}", key));
      value = *found;
      format.remove_prefix(close + 1);
    } else {
      if (used >= count) return Raised("not enough arguments for format string");
      value = tuple != nullptr ? (*tuple)[used] : operand;
      ++used;
    }
    if (format.empty()) return Raised("incomplete format");
    FB_TRY(convert(thread.heap(), format[0], value, out));
    format.remove_prefix(1);
  }
  if (used < count && operand.as<Dict>() == nullptr) {
    return Raised("too many arguments for format string");
  }
  return thread.heap().string(out);
}

}  // namespace fb::starlark
