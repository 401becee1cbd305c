// Source text to tokens. Indentation becomes indent and outdent tokens; lines join inside brackets.
// The first error ends the scan: next() then returns end of file for ever and error() says why.
#pragma once
#include "starlark/syntax/names.h"
#include "starlark/syntax/position.h"
#include "starlark/syntax/token.h"

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fb::starlark::syntax {

struct TokenValue {
  Token token = Token::kEof;
  Position start;
  Position end;  // of the token; for a newline the start of the next line
  std::uint32_t begin_offset = 0;
  std::uint32_t end_offset = 0;
  std::string_view raw;
  NameNumber name = 0;     // identifier
  std::string_view text;   // unquoted string or bytes
  bool small = true;       // int: value holds it
  std::int64_t value = 0;  // int
  double number = 0;       // float
};

class Scanner {
 public:
  // `arena` keeps unquoted strings; `source` must stay. `names` is new: it is told the keywords
  // first, so that one look-up tells what a word is and which name it has.
  Scanner(std::string_view source, std::pmr::memory_resource& arena, Names& names,
          bool explain_python);

  void next(TokenValue& out);
  const std::optional<Diagnostic>& error() const { return error_; }

 private:
  int peek(std::size_t ahead = 0) const {
    return offset_ + ahead < source_.size() ? static_cast<unsigned char>(source_[offset_ + ahead])
                                            : -1;
  }
  void advance();  // one code point (or newline)
  void advance_ascii(std::size_t n) {
    offset_ += n;
    column_ += static_cast<std::uint32_t>(n);
  }
  Position here() const { return {line_, column_}; }
  void begin(TokenValue& out) const;
  void finish(TokenValue& out, Token token) const;
  void fail(TokenValue& out, Position at, std::string message);

  bool measure_indent(TokenValue& out, bool& blank);
  void skip_comment();
  void end_of_file(TokenValue& out, bool at_line_start);
  void scan(TokenValue& out);
  void scan_identifier(TokenValue& out);
  void scan_number(TokenValue& out);
  void scan_string(TokenValue& out, bool raw, bool bytes);
  void scan_operator(TokenValue& out);

  std::string_view source_;
  std::pmr::memory_resource& arena_;
  Names& names_;
  bool explain_python_;
  std::size_t offset_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t column_ = 1;
  int depth_ = 0;  // of brackets
  bool line_start_ = true;
  int dents_ = 0;  // indents (+) or outdents (-) still to be returned
  std::vector<std::uint32_t> indents_{0};
  std::optional<Diagnostic> error_;
};

}  // namespace fb::starlark::syntax
