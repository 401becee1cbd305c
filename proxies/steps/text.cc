#include "proxies/steps/text.h"

#include "core/base/text.h"

namespace fb {
namespace {

constexpr std::string_view kSpace = " \t\n\v\f\r";

std::string mapped(std::string_view text, char first, char last, int distance) {
  std::string result(text);
  for (char& c : result) {
    if (c >= first && c <= last) c = static_cast<char>(c + distance);
  }
  return result;
}

}  // namespace

std::string_view trim_space(std::string_view text) {
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string lower_ascii(std::string_view text) {
  return mapped(text, 'A', 'Z', 'a' - 'A');
}

std::string upper_ascii(std::string_view text) {
  return mapped(text, 'a', 'z', 'A' - 'a');
}

std::string quote_wire(std::string_view bytes, size_t max_bytes) {
  return quote(bytes.substr(0, max_bytes)) + (bytes.size() > max_bytes ? "…" : "");
}

}  // namespace fb
