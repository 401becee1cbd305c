#include "core/model/pattern.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace fb {
namespace {

bool path_matches(std::string_view pattern, std::string_view path, std::string_view cwd = "/srv") {
  const Result<PathPattern> parsed = PathPattern::parse(pattern);
  EXPECT_TRUE(parsed) << pattern;
  return parsed && parsed->matches(path, cwd);
}

struct PathRow {
  std::string_view pattern;
  std::string_view path;
  bool expected;
};

TEST(PathPatternTest, MatchesAsSpecified) {
  const std::vector<PathRow> rows = {
      // Without a slash: the base name.
      {"*.wal", "/tmp/x.wal", true},
      {"*.wal", "/tmp/x.wal.old", false},
      {"*.wal", "/tmp/x.WAL", false},
      {"x.wal", "/a/b/x.wal", true},
      {"**", "/a/b", true},
      {"socket:*", "socket:[17]", true},
      {"socket:\\[17]", "socket:[17]", true},
      {"*", "anon_inode:[eventpoll]", true},
      // `*`, `?` and classes stay in one segment, `**` does not.
      {"/a/*/c", "/a/b/c", true},
      {"/a/*/c", "/a/b/b/c", false},
      {"/a/*", "/a/b/c", false},
      {"/a?b", "/a/b", false},
      {"/a[!x]b", "/a/b", false},
      {"/a[/]b", "/a/b", false},
      {"/a/**", "/a/b/c", true},
      {"/a/**", "/a", false},
      {"/a/**", "/ab/c", false},
      {"/a/**.wal", "/a/b/c.wal", true},
      {"/a**c", "/a/b/c", true},
      // `**` as a whole segment may stand for none.
      {"/a/**/c", "/a/c", true},
      {"/a/**/c", "/a/b/b/c", true},
      {"/a/**/c", "/a/bc", false},
      {"/a/**/**/c", "/a/c", true},
      {"**/c", "/c", true},
      {"**/c", "/a/b/c", true},
      {"**/c", "/a/bc", false},
      // So does `*` as the whole first segment of a relative pattern.
      {"*/c", "/a/b/c", true},
      {"*/c", "/c", true},
      {"*/c", "/a/bc", false},
      {"*/b/c", "/a/a/b/c", true},
      {"*/b/c", "/b/x/c", false},
      {"*/b/", "/a/b/c", true},
      {"*x/c", "/srv/ax/c", true},
      {"*x/c", "/a/ax/c", false},
      // A trailing slash: everything below.
      {"/a/", "/a/b/c", true},
      {"/a/", "/a", false},
      {"/", "/a", true},
      // Relative with a slash: from the working directory.
      {"data/*.wal", "/srv/data/x.wal", true},
      {"data/*.wal", "/other/data/x.wal", false},
      {"data/", "/srv/data/x/y", true},
      {"./x", "/srv/x", true},
      {"../x", "/x", true},
      {"../../../x", "/x", true},
      {"a/../b", "/srv/b", true},
      {"./", "/srv/x/y", true},
      {"/a/./b//c/../d", "/a/b/d", true},
      // Classes.
      {"[a-c]x", "/bx", true},
      {"[a-c]x", "/dx", false},
      {"[!a-c]x", "/dx", true},
      {"[^a-c]x", "/bx", false},
      {"[]]", "/]", true},
      {"[a-]", "/-", true},
      {"[\\]]", "/]", true},
      {"[\u00e0-\u00ff]", "/\u00e9", true},
      // Quoting.
      {"\\*", "/*", true},
      {"\\*", "/a", false},
      {"a\\?", "/a?", true},
      // A character is one of UTF-8, or a stray byte.
      {"?", "/\u00e9", true},
      {"??", "/\u00e9", false},
      {"?", "/\xff", true},
      {"\xff*", "/\xff\xfe", true},
  };
  for (const PathRow& row : rows) {
    EXPECT_EQ(path_matches(row.pattern, row.path), row.expected) << row.pattern << " " << row.path;
  }
}

TEST(PathPatternTest, TakesTheRootAsWorkingDirectory) {
  EXPECT_TRUE(path_matches("a/b", "/a/b", "/"));
  EXPECT_FALSE(path_matches("a/b", "/x/a/b", "/"));
}

TEST(PathPatternTest, RefusesWhatCanMatchNothing) {
  for (const auto& [pattern, why] : std::vector<std::pair<std::string, std::string>>{
           {"", "it is empty"},
           {"[a", "the class is not closed with ]"},
           {"[]", "the class is not closed with ]"},
           {"[!", "the class is not closed with ]"},
           {"[a\\", "the class is not closed with ]"},
           {"[z-a]", "the range in the class is descending"},
           {"a\\", "it ends in a backslash that quotes nothing"},
           {"/a/*/../b", "'..' cannot follow a wildcard"},
       }) {
    const Result<PathPattern> parsed = PathPattern::parse(pattern);
    ASSERT_FALSE(parsed) << pattern;
    EXPECT_TRUE(parsed.error().message.ends_with(": " + why)) << parsed.error().message;
  }
}

TEST(PathPatternTest, KnowsItsLiteralBeginning) {
  const auto prefix = [](std::string_view pattern) {
    return PathPattern::parse(pattern)->literal_prefix("/srv");
  };
  EXPECT_EQ(prefix("/proc/**"), "/proc/");
  EXPECT_EQ(prefix("/etc/ld.so.*"), "/etc/ld.so.");
  EXPECT_EQ(prefix("/dev/null"), "/dev/null");
  EXPECT_EQ(prefix("/proc/"), "/proc/");
  EXPECT_EQ(prefix("/a\\*b?"), "/a*b");
  EXPECT_EQ(prefix("**"), "");
  EXPECT_EQ(prefix("*.conf"), "");
  EXPECT_EQ(prefix("a/b*"), "/srv/a/b");
  EXPECT_EQ(prefix("../\u00e9\u20ac\U0001f600\xff*/x"), "/\u00e9\u20ac\U0001f600\xff");
}

TEST(PathPatternTest, ComparesByText) {
  EXPECT_EQ(*PathPattern::parse("/a/*"), *PathPattern::parse("/a/*"));
  EXPECT_FALSE(*PathPattern::parse("/a/*") == *PathPattern::parse("/a/?"));
  EXPECT_EQ(PathPattern::parse("/a/*")->text(), "/a/*");
}

// Backtracking would take longer than the universe is old.
TEST(PathPatternTest, DoesNotBlowUp) {
  std::string pattern = "/";
  std::string path = "/";
  for (int i = 0; i < 100; ++i) pattern += "**a*";
  pattern += "b";
  path.append(4000, 'a');
  EXPECT_FALSE(path_matches(pattern, path));
  path += 'b';
  EXPECT_TRUE(path_matches(pattern, path));
}

// The plainest reading of the language, over the pattern's text, with every way tried in turn.
bool naive_match(std::string_view p, std::string_view s) {
  if (p.empty()) return s.empty();
  if (p.starts_with("/**/") && s.starts_with('/')) {
    // No segment at all, or the run like any other.
    if (naive_match(p.substr(3), s)) return true;
    for (size_t i = 1; i <= s.size(); ++i) {
      if (naive_match(p.substr(3), s.substr(i))) return true;
    }
    return false;
  }
  if (p.starts_with("**")) {
    for (size_t i = 0; i <= s.size(); ++i) {
      if (naive_match(p.substr(2), s.substr(i))) return true;
    }
    return false;
  }
  if (p.front() == '*') {
    for (size_t i = 0; i <= s.size(); ++i) {
      if (naive_match(p.substr(1), s.substr(i))) return true;
      if (i < s.size() && s[i] == '/') return false;
    }
    return false;
  }
  if (s.empty()) return false;
  if (p.front() == '?') return s.front() != '/' && naive_match(p.substr(1), s.substr(1));
  if (p.front() == '[') {  // the generator writes [ab] and [!b]
    const std::string_view members = p.substr(1, p.find(']') - 1);
    const bool negated = members.front() == '!';
    const bool inside = members.find(s.front(), negated ? 1 : 0) != std::string_view::npos;
    return s.front() != '/' && inside != negated &&
           naive_match(p.substr(p.find(']') + 1), s.substr(1));
  }
  if (p.front() == '\\') p.remove_prefix(1);
  return p.front() == s.front() && naive_match(p.substr(1), s.substr(1));
}

bool naive_path_match(const std::string& pattern, std::string_view path, const std::string& cwd) {
  if (pattern.find('/') == std::string::npos) {
    return naive_match(pattern, path.substr(path.rfind('/') + 1));
  }
  std::string whole = pattern.ends_with('/') ? pattern + "**" : pattern;
  if (whole.starts_with("*/")) whole = "*" + whole;
  if (!whole.starts_with('/') && !whole.starts_with("**")) whole = cwd + "/" + whole;
  return naive_match(whole, path);
}

struct Example {
  std::string pattern;
  std::string path;  // often one the pattern matches
};

// Segments are made of pieces of pattern with something they match. No dots and no empty segments,
// which the naive reading does not resolve.
Example any_example() {
  static const std::vector<Example> kPieces = {
      {"a", "a"}, {"b", "b"},    {"*", ""},     {"*", "ab"},  {"**", "a/b"}, {"**", ""}, {"?", "b"},
      {"?", "*"}, {"[ab]", "a"}, {"[!b]", "*"}, {"\\a", "a"}, {"\\*", "*"},  {"a", "b"},
  };
  Example out;
  const int segments = *rc::gen::inRange(1, 5);
  if (*rc::gen::arbitrary<bool>()) out.pattern = "/";
  out.path = out.pattern.empty() && *rc::gen::inRange(0, 4) != 0 ? "/a/" : "/";
  for (int i = 0; i < segments; ++i) {
    const int pieces = *rc::gen::inRange(1, 4);
    for (int k = 0; k < pieces; ++k) {
      const Example piece = *rc::gen::elementOf(kPieces);
      if (out.pattern.ends_with('*') && piece.pattern.starts_with('*')) continue;
      out.pattern += piece.pattern;
      out.path += piece.path;
    }
    if (i + 1 == segments && *rc::gen::inRange(0, 4) != 0) break;
    out.pattern += '/';
    if (!out.path.ends_with('/')) out.path += '/';
  }
  if (*rc::gen::inRange(0, 4) == 0) out.path += *rc::gen::element('a', 'b', '*');
  return out;
}

RC_GTEST_PROP(PathPatternTest, AgreesWithTheNaiveReading, ()) {
  const auto [text, path] = any_example();
  const Result<PathPattern> pattern = PathPattern::parse(text);
  RC_ASSERT(pattern.ok());
  const bool expected = naive_path_match(text, path, "/a");
  RC_CLASSIFY(expected, "matches");
  RC_ASSERT(pattern->matches(path, "/a") == expected);
  if (expected && text.find('/') != std::string::npos) {
    RC_ASSERT(path.starts_with(pattern->literal_prefix("/a")));
  }
}

RC_GTEST_PROP(PathPatternTest, TakesAnyText, (std::string text, std::string path)) {
  const Result<PathPattern> pattern = PathPattern::parse(text);
  if (!pattern) {
    RC_ASSERT(!pattern.error().message.empty());
    return;
  }
  RC_ASSERT(pattern->text() == text);
  pattern->matches(path, "/srv");
}

RC_GTEST_PROP(PathPatternTest, MatchesAPathThatIsQuoted, ()) {
  const std::string path =
      "/x/" + *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab*?[]\\-!")));
  std::string quoted;
  for (char c : path) {
    if (c != '/') quoted += '\\';
    quoted += c;
  }
  RC_ASSERT(path_matches(quoted, path));
}

TEST(ValueMatchesTest, MatchesAsSpecified) {
  EXPECT_TRUE(value_matches("", "anything"));
  EXPECT_TRUE(value_matches("", ""));
  EXPECT_TRUE(value_matches("GET", "GET"));
  EXPECT_FALSE(value_matches("GET", "get"));
  EXPECT_TRUE(value_matches("GET", "get", true));
  EXPECT_TRUE(value_matches("/api/*", "/api/v1/users"));
  EXPECT_TRUE(value_matches("orders.*", "orders."));
  EXPECT_TRUE(value_matches("*ab", "aab"));
  EXPECT_TRUE(value_matches("a?c", "a/c"));
  EXPECT_TRUE(value_matches("?", "\u00e9"));
  EXPECT_FALSE(value_matches("?", ""));
  EXPECT_TRUE(value_matches("***", ""));
  EXPECT_TRUE(value_matches("[a]", "[a]"));
  EXPECT_FALSE(value_matches("[a]", "a"));
}

bool naive_value_match(std::string_view p, std::string_view s) {
  if (p.empty()) return s.empty();
  if (p.front() == '*') {
    return naive_value_match(p.substr(1), s) || (!s.empty() && naive_value_match(p, s.substr(1)));
  }
  return !s.empty() && (p.front() == '?' || p.front() == s.front()) &&
         naive_value_match(p.substr(1), s.substr(1));
}

RC_GTEST_PROP(ValueMatchesTest, AgreesWithTheNaiveReading, ()) {
  const auto pattern = *rc::gen::resize(
      12, rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab/*?"))));
  const auto value =
      *rc::gen::resize(16, rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab/"))));
  const bool expected = pattern.empty() || naive_value_match(pattern, value);
  RC_CLASSIFY(expected, "matches");
  RC_ASSERT(value_matches(pattern, value) == expected);
}

TEST(SystemPathTest, KnowsThePrefixes) {
  for (std::string_view path : {"/lib/x", "/lib64/x", "/usr/lib/x", "/usr/lib64/x", "/proc/1/maps",
                                "/sys/x", "/dev/null", "/etc/ld.so.cache"}) {
    EXPECT_TRUE(is_system_path(path)) << path;
  }
  for (std::string_view path :
       {"/lib", "/libx/y", "/usr/local/lib/x", "/etc/hosts", "/tmp/dev/x", "socket:[1]", ""}) {
    EXPECT_FALSE(is_system_path(path)) << path;
  }
}

}  // namespace
}  // namespace fb
