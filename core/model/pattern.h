// The two pattern languages of spec §2.2. Matching is iterative: no input makes it blow up.
#pragma once
#include "core/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace fb {

// Path pattern: `*` and `?` stay in one segment, `**` spans segments, [a-z] is a class, `\` quotes.
// Without '/': matched against the base name. A trailing '/' means everything below. Relative with
// '/' (not starting with `**`): anchored at the service's working directory.
class PathPattern {
 public:
  // Errors: unclosed class, trailing backslash, empty pattern.
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
  std::string text_;
};

// Value pattern: `*` is any run of characters, '/' included; `?` one character; empty matches
// anything.
bool value_matches(std::string_view pattern, std::string_view value, bool ignore_case = false);

// A system path (spec §8.3): /lib/ /lib64/ /usr/lib/ /usr/lib64/ /proc/ /sys/ /dev/ /etc/ld.so.
bool is_system_path(std::string_view path);

}  // namespace fb
