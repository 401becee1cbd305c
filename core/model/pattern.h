// The two pattern languages of spec §2.2. Matching is iterative: no input makes it blow up.
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb {

// Path pattern: `*` and `?` stay in one segment, `**` spans segments, [a-z] is a class ([!a-z] and
// [^a-z] its complement), `\` quotes. `**` as a whole segment may stand for none: /a/**/b is also
// /a/b. Without '/': matched against the base name. A trailing '/' means everything below. `*/` at
// the beginning is any directory, as `**/` is. Any other relative one with '/': anchored at the
// service's working directory; `.` and `..` are resolved, as in the paths it is compared with. A
// character is a UTF-8 one, or a byte that is not part of any.
class PathPattern {
 public:
  // Errors: empty pattern, unclosed or descending class, trailing backslash, `..` after a wildcard.
  static Result<PathPattern> parse(std::string_view text);

  // `path` is absolute, or one of socket:[n], pipe:[n], anon_inode:[x]; `cwd` is the service's
  // working directory.
  bool matches(std::string_view path, std::string_view cwd) const;
  // The literal beginning, up to the first wildcard ("/proc/" of "/proc/**"); anchored patterns:
  // with cwd.
  std::string literal_prefix(std::string_view cwd) const;
  const std::string& text() const { return text_; }
  bool operator==(const PathPattern& other) const { return text_ == other.text_; }

 private:
  enum class Anchor : uint8_t { kBaseName, kWholePath, kWorkingDirectory };
  struct Token {
    enum class Kind : uint8_t {
      kLiteral,
      kAnyCharacter,  // but '/'
      kClass,         // never '/'
      kStar,          // any run without '/'
      kDoubleStar,    // any run
      kMaybe,         // nothing itself; the two tokens after it may be left out
    };
    Kind kind = Kind::kLiteral;
    bool negated = false;                               // kClass
    char32_t literal = 0;                               // kLiteral
    std::vector<std::pair<char32_t, char32_t>> ranges;  // kClass, both ends included

    bool is_wild() const { return kind != Kind::kLiteral; }
    bool is_run() const { return kind == Kind::kStar || kind == Kind::kDoubleStar; }
    bool accepts(char32_t c) const;
  };
  using Tokens = std::vector<Token>;

  static Result<Tokens> tokenise(std::string_view text);
  static Status parse_class(std::string_view& rest, Token& token);
  Status build(const Tokens& tokens);
  std::string directory(std::string_view cwd) const;
  bool matches_tokens(std::string_view subject) const;

  std::string text_;
  Anchor anchor_ = Anchor::kWholePath;
  size_t up_ = 0;  // leading `..` of an anchored pattern
  Tokens tokens_;  // without the anchor
};

// Value pattern: `*` is any run of characters, '/' included; `?` one character; empty matches
// anything.
bool value_matches(std::string_view pattern, std::string_view value, bool ignore_case = false);

// A system path (spec §8.3): /lib/ /lib64/ /usr/lib/ /usr/lib64/ /proc/ /sys/ /dev/ /etc/ld.so.
bool is_system_path(std::string_view path);

}  // namespace fb
