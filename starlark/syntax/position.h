// Where something stands in a source text. Lines and columns count from 1; a column counts code
// points, a tab is one. Offsets count bytes from 0.
#pragma once
#include <compare>
#include <cstdint>
#include <string>

namespace fb::starlark {

struct Position {
  std::uint32_t line = 0;  // 0: nowhere
  std::uint32_t column = 0;

  bool known() const { return line != 0; }
  auto operator<=>(const Position&) const = default;
};

// A stretch of source: where it begins, and [begin, end) as byte offsets; File::end_of() has the
// position of its end.
struct Span {
  Position start;
  std::uint32_t begin_offset = 0;
  std::uint32_t end_offset = 0;
};

// A position with its file, as messages show it: FILE:LINE:COL.
struct Location {
  std::string file;
  Position position;

  std::string str() const {
    if (!position.known()) return file;
    return file + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
  }
  bool operator==(const Location&) const = default;
};

// One line of a list of syntax or resolve errors.
struct Diagnostic {
  Position position;
  std::string message;

  bool operator==(const Diagnostic&) const = default;
};

}  // namespace fb::starlark
