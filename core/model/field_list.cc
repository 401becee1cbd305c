#include "core/model/field_list.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace fb {
namespace {

// Those of calls, steps and observed lines; the order is nobody's business.
constexpr std::string_view kNames[] = {
    "syscall",     "pid",  "decision", "path", "family", "fd",          "size",       "tid",
    "dest",        "tag",  "rule",     "op",   "label",  "method",      "latency_ms", "target",
    "status_code", "body", "raw",      "ok",   "error",  "duration_ms", "line",       "data",
};

uint8_t code_of(std::string_view name) {
  const auto found = std::find(std::begin(kNames), std::end(kNames), name);
  return found == std::end(kNames) ? uint8_t{0}
                                   : static_cast<uint8_t>(found - std::begin(kNames) + 1);
}

std::string_view take_text(const char*& at) {
  size_t size = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<uint8_t>(*at++);
    size |= static_cast<size_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) break;
  }
  const std::string_view text(at, size);
  at += size;
  return text;
}

}  // namespace

FieldList::FieldList(std::initializer_list<Field> fields) {
  for (const auto& [name, value] : fields) add(name, value);
}

FieldList::FieldList(const std::vector<std::pair<std::string, std::string>>& fields) {
  for (const auto& [name, value] : fields) add(name, value);
}

void FieldList::put_text(std::string_view text) {
  size_t size = text.size();
  for (; size >= 0x80; size >>= 7) bytes_.push_back(static_cast<char>(size | 0x80));
  bytes_.push_back(static_cast<char>(size));
  bytes_.append(text);
}

void FieldList::add(std::string_view name, std::string_view value) {
  const uint8_t code = code_of(name);
  bytes_.push_back(static_cast<char>(code));
  if (code == 0) put_text(name);
  put_text(value);
}

void FieldList::add(std::string_view name, uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  add(name, {digits.data(), static_cast<size_t>(end - digits.data())});
}

void FieldList::Iterator::read() {
  if (at_ == end_) return;
  next_ = at_;
  const auto code = static_cast<uint8_t>(*next_++);
  field_.first = code == 0 ? take_text(next_) : kNames[code - 1];
  field_.second = take_text(next_);
}

FieldList::Iterator FieldList::find(std::string_view name) const {
  return std::find_if(begin(), end(), [&](const Field& field) { return field.first == name; });
}

}  // namespace fb
