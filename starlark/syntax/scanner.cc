#include "starlark/syntax/scanner.h"

#include "starlark/syntax/quote.h"
#include "starlark/syntax/unicode.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <iterator>

namespace fb::starlark::syntax {
namespace {

struct Word {
  std::string_view name;
  Token token;
};
constexpr Word kWords[] = {
    {"and", Token::kAnd},
    {"break", Token::kBreak},
    {"continue", Token::kContinue},
    {"def", Token::kDef},
    {"elif", Token::kElif},
    {"else", Token::kElse},
    {"for", Token::kFor},
    {"if", Token::kIf},
    {"in", Token::kIn},
    {"lambda", Token::kLambda},
    {"load", Token::kLoad},
    {"not", Token::kNot},
    {"or", Token::kOr},
    {"pass", Token::kPass},
    {"return", Token::kReturn},
    {"while", Token::kWhile},
    {"as", Token::kReserved},
    {"async", Token::kReserved},
    {"await", Token::kReserved},
    {"class", Token::kReserved},
    {"del", Token::kReserved},
    {"except", Token::kReserved},
    {"finally", Token::kReserved},
    {"from", Token::kReserved},
    {"global", Token::kReserved},
    {"import", Token::kReserved},
    {"is", Token::kReserved},
    {"nonlocal", Token::kReserved},
    {"raise", Token::kReserved},
    {"try", Token::kReserved},
    {"with", Token::kReserved},
    {"yield", Token::kReserved},
};

bool is_word_byte(int c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
bool is_digit(int c) {
  return c >= '0' && c <= '9';
}
bool is_digit_of(int c, int base) {
  if (base == 16) return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
  return c >= '0' && c < '0' + base;
}

}  // namespace

Scanner::Scanner(std::string_view source, std::pmr::memory_resource& arena, Names& names,
                 bool explain_python)
    : source_(source), arena_(arena), names_(names), explain_python_(explain_python) {
  for (const Word& word : kWords) names_.number(word.name);
  if (source_.starts_with("\xEF\xBB\xBF")) offset_ = 3;  // a byte-order mark
}

void Scanner::advance() {
  const unsigned char c = static_cast<unsigned char>(source_[offset_]);
  if (c == '\n' || c == '\r') {
    offset_ += c == '\r' && peek(1) == '\n' ? 2 : 1;
    ++line_;
    column_ = 1;
    return;
  }
  offset_ += c < 0x80 ? 1 : unicode::decode(source_.substr(offset_)).size;
  ++column_;
}

void Scanner::begin(TokenValue& out) const {
  out.start = here();
  out.begin_offset = static_cast<std::uint32_t>(offset_);
}

void Scanner::finish(TokenValue& out, Token token) const {
  out.token = token;
  out.end = here();
  out.end_offset = static_cast<std::uint32_t>(offset_);
  out.raw = source_.substr(out.begin_offset, offset_ - out.begin_offset);
}

void Scanner::fail(TokenValue& out, Position at, std::string message) {
  if (!error_) error_ = Diagnostic{at, std::move(message)};
  offset_ = source_.size();
  dents_ = 0;
  indents_.assign(1, 0);
  finish(out, Token::kEof);
}

// Reads the white space at the start of a line; true when it failed.
bool Scanner::measure_indent(TokenValue& out, bool& blank) {
  std::uint32_t width = 0;
  while (true) {
    const int c = peek();
    if (c == ' ') {
      ++width;
    } else if (c == '\t') {
      width += 8 - width % 8;
    } else {
      break;
    }
    advance_ascii(1);
  }
  const int c = peek();
  blank = c == '#' || c == '\n' || c == '\r' || c == -1;
  if (blank || depth_ > 0) return false;
  if (width > indents_.back()) {
    indents_.push_back(width);
    ++dents_;
  } else if (width < indents_.back()) {
    while (indents_.size() > 1 && width < indents_.back()) {
      indents_.pop_back();
      --dents_;
    }
    if (width != indents_.back()) {
      fail(out, here(), "unindent does not match any outer indentation level");
      return true;
    }
  }
  return false;
}

void Scanner::next(TokenValue& out) {
  bool blank = false;
  bool was_line_start = false;
  while (true) {
    if (line_start_) {
      line_start_ = false;
      was_line_start = true;
      if (measure_indent(out, blank)) return;
    }
    if (dents_ != 0) {
      begin(out);
      const bool indent = dents_ > 0;
      dents_ += indent ? -1 : 1;
      return finish(out, indent ? Token::kIndent : Token::kOutdent);
    }
    int c = peek();
    while (c == ' ' || c == '\t') {
      advance_ascii(1);
      c = peek();
    }
    if (c == '#') skip_comment();
    c = peek();
    if (c == '\n' || c == '\r') {
      line_start_ = true;
      begin(out);
      advance();
      if (blank || depth_ > 0) continue;  // the line end means nothing here
      return finish(out, Token::kNewline);
    }
    if (c == -1) return end_of_file(out, was_line_start);
    if (c == '\\') {
      advance_ascii(1);
      if (peek() != '\n' && peek() != '\r') {
        return fail(out, here(), "stray backslash in program");
      }
      advance();
      was_line_start = false;
      continue;
    }
    return scan(out);
  }
}

void Scanner::skip_comment() {
  for (int c = peek(); c != '\n' && c != '\r' && c != -1; c = peek()) advance();
}

// Closes what is open: a newline if the last line has none, then an outdent per level.
void Scanner::end_of_file(TokenValue& out, bool at_line_start) {
  begin(out);
  if (indents_.size() == 1) return finish(out, Token::kEof);
  line_start_ = true;
  if (!at_line_start) return finish(out, Token::kNewline);
  dents_ = 2 - static_cast<int>(indents_.size());
  indents_.assign(1, 0);
  finish(out, Token::kOutdent);
}

void Scanner::scan(TokenValue& out) {
  const int c = peek();
  begin(out);
  if (is_digit(c) || c == '.') return scan_number(out);
  if (c == '"' || c == '\'') return scan_string(out, false, false);
  const int second = peek(1);
  const bool quote_follows = second == '"' || second == '\'';
  if (quote_follows && (c == 'r' || c == 'b')) {
    advance_ascii(1);
    return scan_string(out, c == 'r', c == 'b');
  }
  if (c == 'r' && second == 'b' && (peek(2) == '"' || peek(2) == '\'')) {
    advance_ascii(2);
    return scan_string(out, true, true);
  }
  if (explain_python_ && quote_follows && (c | 0x20) == 'f') {
    return fail(out, here(),
                "f-strings are not part of Starlark (write \"{}\".format(x) or \"%s\" % x)");
  }
  if (is_word_byte(c) || c >= 0x80) return scan_identifier(out);
  scan_operator(out);
}

void Scanner::scan_identifier(TokenValue& out) {
  while (true) {
    const int c = peek();
    if (is_word_byte(c)) {
      advance_ascii(1);
    } else if (c >= 0x80) {
      const auto d = unicode::decode(source_.substr(offset_));
      if (!unicode::is_letter(d.code_point) && !unicode::is_digit(d.code_point)) break;
      advance();
    } else {
      break;
    }
  }
  if (offset_ == out.begin_offset) {  // no letter at all
    const auto d = unicode::decode(source_.substr(offset_));
    std::string shown;
    unicode::append_utf8(shown, d.code_point);
    return fail(out, here(), fmt::format("unexpected input character '{}'", shown));
  }
  finish(out, Token::kIdent);
  out.name = names_.number(out.raw);
  if (out.name < std::size(kWords)) out.token = kWords[out.name].token;
}

void Scanner::scan_number(TokenValue& out) {
  const Position start = here();
  bool fraction = false;
  bool exponent = false;
  int base = 10;
  const auto digits = [&](int b) {
    while (is_digit_of(peek(), b)) advance_ascii(1);
  };
  if (peek() == '.') {
    if (!is_digit(peek(1))) {
      advance_ascii(1);
      return finish(out, Token::kDot);
    }
    fraction = true;
  } else if (peek() == '0' && std::strchr("xXoObB", peek(1) > 0 ? peek(1) : '0') != nullptr) {
    const int letter = peek(1) | 0x20;
    base = letter == 'x' ? 16 : letter == 'o' ? 8 : 2;
    advance_ascii(2);
    if (!is_digit_of(peek(), base)) {
      return fail(out, start,
                  base == 16  ? "invalid hex literal"
                  : base == 8 ? "invalid octal literal"
                              : "invalid binary literal");
    }
    digits(base);
  } else {
    digits(10);
    fraction = peek() == '.';
    exponent = (peek() | 0x20) == 'e';
    finish(out, Token::kInt);
    if (!fraction && !exponent && out.raw.size() > 1 && out.raw[0] == '0' &&
        out.raw.find_first_not_of('0') != out.raw.npos) {
      if (out.raw.find_first_of("89") == out.raw.npos) {
        return fail(out, here(),
                    fmt::format("obsolete form of octal literal; use 0o{}", out.raw.substr(1)));
      }
      return fail(out, start, "invalid int literal");
    }
  }
  if (fraction) {
    advance_ascii(1);
    digits(10);
    exponent = (peek() | 0x20) == 'e';
  }
  if (exponent) {
    advance_ascii(1);
    if (peek() == '+' || peek() == '-') advance_ascii(1);
    if (!is_digit(peek())) return fail(out, here(), "invalid float literal");
    digits(10);
  }
  if (fraction || exponent) {
    finish(out, Token::kFloat);
    const auto [end, status] =
        std::from_chars(out.raw.data(), out.raw.data() + out.raw.size(), out.number);
    if (status == std::errc::result_out_of_range && std::abs(out.number) > 1) {
      return fail(out, here(), "invalid float literal");
    }
    if (status == std::errc::result_out_of_range) {
      // from_chars leaves the number alone; too small is 0, too large an error.
      const auto e = out.raw.find_first_of("eE");
      if (e == out.raw.npos || out.raw[e + 1] != '-') {
        return fail(out, here(), "invalid float literal");
      }
      out.number = 0;
    }
    return;
  }
  finish(out, Token::kInt);
  const std::string_view text = out.raw.substr(base == 10 ? 0 : 2);
  const auto [end, status] =
      std::from_chars(text.data(), text.data() + text.size(), out.value, base);
  out.small = status == std::errc();
}

void Scanner::scan_string(TokenValue& out, bool raw, bool bytes) {
  const Position start = out.start;
  const char quote = static_cast<char>(peek());
  const bool triple = peek(1) == quote && peek(2) == quote;
  advance_ascii(triple ? 3 : 1);
  const std::size_t inside = offset_;
  bool plain = true;  // no escapes, no carriage returns
  while (true) {
    const int c = peek();
    if (c == -1) return fail(out, start, "unexpected EOF in string");
    if (c == quote && (!triple || (peek(1) == quote && peek(2) == quote))) break;
    if ((c == '\n' || c == '\r') && !triple) {
      return fail(out, start, "unexpected newline in string");
    }
    if (c == '\r') plain = false;
    if (c == '\\') {
      plain = plain && raw;
      advance_ascii(1);
      if (peek() == -1) return fail(out, start, "unexpected EOF in string");
    }
    advance();
  }
  const std::string_view text = source_.substr(inside, offset_ - inside);
  advance_ascii(triple ? 3 : 1);
  finish(out, bytes ? Token::kBytes : Token::kString);
  if (plain) {
    out.text = text;
    return;
  }
  auto value = unescape(text, raw, bytes);
  if (!value.ok()) return fail(out, start, value.error().message);
  char* copy = static_cast<char*>(arena_.allocate(value->size() + 1, 1));
  std::memcpy(copy, value->data(), value->size());
  out.text = {copy, value->size()};
}

void Scanner::scan_operator(TokenValue& out) {
  const int c = peek();
  const int second = peek(1);
  const auto take = [&](std::size_t n, Token token) {
    advance_ascii(n);
    finish(out, token);
  };
  // The plain operator, or its augmented form when = follows.
  const auto take_op = [&](std::size_t n, Token plain, Token augmented) {
    const bool with_equals = peek(n) == '=';
    take(with_equals ? n + 1 : n, with_equals ? augmented : plain);
  };
  switch (c) {
    case '(':
      ++depth_;
      return take(1, Token::kLParen);
    case '[':
      ++depth_;
      return take(1, Token::kLBrack);
    case '{':
      ++depth_;
      return take(1, Token::kLBrace);
    case ')':
    case ']':
    case '}':
      if (depth_ == 0) {
        return fail(out, here(), fmt::format("unexpected '{}'", static_cast<char>(c)));
      }
      --depth_;
      return take(1, c == ')' ? Token::kRParen : c == ']' ? Token::kRBrack : Token::kRBrace);
    case ',':
      return take(1, Token::kComma);
    case ';':
      return take(1, Token::kSemi);
    case ':':
      return take(1, Token::kColon);
    case '~':
      return take(1, Token::kTilde);
    case '=':
      return take_op(1, Token::kAssign, Token::kEq);
    case '!':
      if (second == '=') return take(2, Token::kNe);
      break;
    case '<':
      if (second == '<') return take_op(2, Token::kLtLt, Token::kLtLtEq);
      return take_op(1, Token::kLt, Token::kLe);
    case '>':
      if (second == '>') return take_op(2, Token::kGtGt, Token::kGtGtEq);
      return take_op(1, Token::kGt, Token::kGe);
    case '*':
      if (second == '*') return take(2, Token::kStarStar);
      return take_op(1, Token::kStar, Token::kStarEq);
    case '/':
      if (second == '/') return take_op(2, Token::kSlashSlash, Token::kSlashSlashEq);
      return take_op(1, Token::kSlash, Token::kSlashEq);
    case '+':
      return take_op(1, Token::kPlus, Token::kPlusEq);
    case '-':
      return take_op(1, Token::kMinus, Token::kMinusEq);
    case '%':
      return take_op(1, Token::kPercent, Token::kPercentEq);
    case '&':
      return take_op(1, Token::kAmp, Token::kAmpEq);
    case '|':
      return take_op(1, Token::kPipe, Token::kPipeEq);
    case '^':
      return take_op(1, Token::kCaret, Token::kCaretEq);
    default:
      break;
  }
  const std::string shown =
      c < ' ' || c == 0x7F ? fmt::format("\\x{:02x}", c) : std::string(1, static_cast<char>(c));
  fail(out, here(),
       fmt::format(
           "unexpected input character '{}'{}", shown,
           explain_python_ && c == '@' ? " (there are no decorators: call the function)" : ""));
}

}  // namespace fb::starlark::syntax
