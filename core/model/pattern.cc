#include "core/model/pattern.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/container/small_vector.hpp>

namespace fb {

namespace {

// Bytes that are no part of a UTF-8 character are characters of their own, above all others.
constexpr char32_t kRawByte = 0x110000;

// The first character of `text`, which is not empty; removes it.
char32_t take_character(std::string_view& text) {
  const size_t length = std::max<size_t>(utf8_length(text), 1);
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  char32_t c = byte(0);
  if (length == 1) {
    if (c >= 0x80) c += kRawByte;
  } else {
    c &= 0xffu >> (length + 1);
    for (size_t i = 1; i < length; ++i) c = c << 6 | (byte(i) & 0x3fu);
  }
  text.remove_prefix(length);
  return c;
}

void append_character(std::string& out, char32_t c) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (c >= kRawByte) {
    put(c - kRawByte);
  } else if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | c >> 6);
    put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3f));
    put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3f));
    put(0x80 | (c >> 6 & 0x3f));
    put(0x80 | (c & 0x3f));
  }
}

// A set of token positions; nearly always one word.
class Positions {
 public:
  explicit Positions(size_t count) : words_(count / 64 + 1) {}
  void insert(size_t i) { words_[i / 64] |= uint64_t{1} << (i % 64); }
  bool contains(size_t i) const { return words_[i / 64] >> (i % 64) & 1; }
  // Calls visit(i) in ascending order; sees what visit inserts above i.
  template <class Visit>
  void each(Visit visit) const {
    for (size_t w = 0; w < words_.size(); ++w) {
      uint64_t seen = 0;
      while (const uint64_t rest = words_[w] & ~seen) {
        const auto bit = static_cast<size_t>(std::countr_zero(rest));
        seen |= (uint64_t{2} << bit) - 1;
        visit(w * 64 + bit);
      }
    }
  }
  bool empty() const {
    return std::ranges::all_of(words_, [](uint64_t word) { return word == 0; });
  }
  void clear() { std::ranges::fill(words_, 0); }
  void exchange(Positions& other) { words_.swap(other.words_); }

 private:
  boost::container::small_vector<uint64_t, 2> words_;
};

Error bad_pattern(std::string_view why) {
  return invalid(std::string(why));
}

}  // namespace

bool PathPattern::Token::accepts(char32_t c) const {
  switch (kind) {
    case Kind::kLiteral:
      return c == literal;
    case Kind::kAnyCharacter:
    case Kind::kStar:
      return c != U'/';
    case Kind::kClass: {
      const bool inside = std::ranges::any_of(
          ranges, [&](const auto& range) { return range.first <= c && c <= range.second; });
      return c != U'/' && inside != negated;
    }
    case Kind::kDoubleStar:
      return true;
    case Kind::kMaybe:
      break;
  }
  return false;
}

// `rest` begins behind the '['.
Status PathPattern::parse_class(std::string_view& rest, Token& token) {
  token.kind = Token::Kind::kClass;
  if (rest.starts_with('!') || rest.starts_with('^')) {
    token.negated = true;
    rest.remove_prefix(1);
  }
  const auto take_member = [&]() -> Result<char32_t> {
    if (rest.starts_with('\\')) rest.remove_prefix(1);
    if (rest.empty()) return bad_pattern("the class is not closed with ]");
    return take_character(rest);
  };
  // A ']' in the first place is a member.
  do {
    const char32_t low = FB_TRY(take_member());
    char32_t high = low;
    if (rest.size() >= 2 && rest[0] == '-' && rest[1] != ']') {
      rest.remove_prefix(1);
      high = FB_TRY(take_member());
    }
    if (high < low) return bad_pattern("the range in the class is descending");
    token.ranges.emplace_back(low, high);
  } while (!rest.empty() && rest.front() != ']');
  if (rest.empty()) return bad_pattern("the class is not closed with ]");
  rest.remove_prefix(1);
  return {};
}

Result<PathPattern::Tokens> PathPattern::tokenise(std::string_view text) {
  Tokens tokens;
  std::string_view rest = text;
  while (!rest.empty()) {
    Token token;
    const char32_t c = take_character(rest);
    if (c == U'*') {
      token.kind = Token::Kind::kStar;
      while (rest.starts_with('*')) {
        token.kind = Token::Kind::kDoubleStar;
        rest.remove_prefix(1);
      }
    } else if (c == U'?') {
      token.kind = Token::Kind::kAnyCharacter;
    } else if (c == U'[') {
      FB_TRY(parse_class(rest, token));
    } else if (c == U'\\') {
      if (rest.empty()) return bad_pattern("it ends in a backslash that quotes nothing");
      token.literal = take_character(rest);
    } else {
      token.literal = c;
    }
    tokens.push_back(std::move(token));
  }
  return tokens;
}

// Takes the pattern apart at its slashes, resolves `.` and `..`, and writes it down again.
Status PathPattern::build(const Tokens& tokens) {
  const auto is_slash = [](const Token& token) {
    return !token.is_wild() && token.literal == U'/';
  };
  if (std::ranges::none_of(tokens, is_slash)) {
    anchor_ = Anchor::kBaseName;
    tokens_ = tokens;
    return {};
  }
  const bool absolute = is_slash(tokens.front());
  const bool any_directory = tokens.front().kind == Token::Kind::kStar && is_slash(tokens[1]);
  const bool floating = any_directory || tokens.front().kind == Token::Kind::kDoubleStar;
  anchor_ = absolute || floating ? Anchor::kWholePath : Anchor::kWorkingDirectory;

  const auto is_dots = [](const Tokens& segment, size_t count) {
    return segment.size() == count && std::ranges::all_of(segment, [](const Token& token) {
             return !token.is_wild() && token.literal == U'.';
           });
  };
  std::vector<Tokens> segments;
  Tokens segment;
  for (size_t i = 0; i <= tokens.size(); ++i) {
    if (i < tokens.size() && !is_slash(tokens[i])) {
      segment.push_back(tokens[i]);
      continue;
    }
    if (is_dots(segment, 2)) {
      if (!segments.empty()) {
        if (std::ranges::any_of(segments.back(), &Token::is_wild)) {
          return bad_pattern("'..' cannot follow a wildcard");
        }
        segments.pop_back();
      } else if (!absolute) {
        ++up_;
      }
    } else if (!segment.empty() && !is_dots(segment, 1)) {
      segments.push_back(std::move(segment));
    }
    segment.clear();
  }
  if (any_directory) segments.front().front().kind = Token::Kind::kDoubleStar;
  Token everything;
  everything.kind = Token::Kind::kDoubleStar;
  if (is_slash(tokens.back())) segments.push_back({everything});

  Token slash;
  slash.literal = U'/';
  Token maybe;
  maybe.kind = Token::Kind::kMaybe;
  if (absolute) tokens_.push_back(slash);
  for (size_t i = 0; i < segments.size(); ++i) {
    const bool last = i + 1 == segments.size();
    const bool any_depth =
        segments[i].size() == 1 && segments[i].front().kind == Token::Kind::kDoubleStar;
    // `**/` in the middle may stand for no segment at all. At the very beginning it is a run
    // before the slash that every absolute path has.
    if (any_depth && !last && !(floating && i == 0)) tokens_.push_back(maybe);
    tokens_.insert(tokens_.end(), segments[i].begin(), segments[i].end());
    if (!last) tokens_.push_back(slash);
  }
  return {};
}

Result<PathPattern> PathPattern::parse(std::string_view text) {
  const auto named = [&](const Error& error) {
    return invalid("bad path pattern " + quote(text) + ": " + error.message);
  };
  if (text.empty()) return named(bad_pattern("it is empty"));
  PathPattern pattern;
  pattern.text_ = text;
  const Result<Tokens> tokens = tokenise(text);
  if (!tokens) return named(tokens.error());
  if (const Status built = pattern.build(*tokens); !built) return named(built.error());
  return pattern;
}

// The directory an anchored pattern starts from, with a '/' at its end.
std::string PathPattern::directory(std::string_view cwd) const {
  while (cwd.ends_with('/')) cwd.remove_suffix(1);
  for (size_t i = 0; i < up_ && !cwd.empty(); ++i) {
    cwd = cwd.substr(0, std::min(cwd.rfind('/'), cwd.size()));
  }
  return std::string(cwd) + '/';
}

bool PathPattern::matches(std::string_view path, std::string_view cwd) const {
  switch (anchor_) {
    case Anchor::kBaseName:
      return matches_tokens(path.substr(path.rfind('/') + 1));
    case Anchor::kWholePath:
      return matches_tokens(path);
    case Anchor::kWorkingDirectory:
      break;
  }
  const std::string base = directory(cwd);
  return path.starts_with(base) && matches_tokens(path.substr(base.size()));
}

// All ways to match at once (Thompson 1968): a set of positions moves over the characters, so time
// is bounded by their product whatever the pattern.
bool PathPattern::matches_tokens(std::string_view subject) const {
  size_t first = 0;
  for (; first < tokens_.size() && !tokens_[first].is_wild(); ++first) {
    if (subject.empty() || take_character(subject) != tokens_[first].literal) return false;
  }

  Positions now(tokens_.size());
  Positions next(tokens_.size());
  const auto enter_runs = [&](Positions& positions) {
    positions.each([&](size_t i) {
      if (i == tokens_.size()) return;
      if (tokens_[i].is_run() || tokens_[i].kind == Token::Kind::kMaybe) positions.insert(i + 1);
      if (tokens_[i].kind == Token::Kind::kMaybe) positions.insert(i + 3);
    });
  };
  now.insert(first);
  enter_runs(now);
  while (!subject.empty()) {
    const char32_t c = take_character(subject);
    next.clear();
    now.each([&](size_t i) {
      if (i < tokens_.size() && tokens_[i].accepts(c)) {
        next.insert(tokens_[i].is_run() ? i : i + 1);
      }
    });
    if (next.empty()) return false;
    enter_runs(next);
    now.exchange(next);
  }
  return now.contains(tokens_.size());
}

std::string PathPattern::literal_prefix(std::string_view cwd) const {
  std::string out;
  if (anchor_ == Anchor::kWorkingDirectory) out = directory(cwd);
  for (const Token& token : tokens_) {
    if (token.is_wild()) break;
    append_character(out, token.literal);
  }
  return out;
}

bool value_matches(std::string_view pattern, std::string_view value, bool ignore_case) {
  if (pattern.empty()) return true;
  const auto fold = [&](char c) {
    return ignore_case && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  const auto character = [&](size_t at) {
    return std::max<size_t>(utf8_length(value.substr(at)), 1);
  };
  // Only the last star met needs to be tried again: what an earlier one could still swallow, the
  // last one can too.
  constexpr size_t kNone = std::string_view::npos;
  size_t p = 0;
  size_t v = 0;
  size_t star = kNone;
  size_t star_value = 0;
  while (v < value.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_value = v;
    } else if (p < pattern.size() && pattern[p] == '?') {
      ++p;
      v += character(v);
    } else if (p < pattern.size() && fold(pattern[p]) == fold(value[v])) {
      ++p;
      ++v;
    } else if (star != kNone) {
      star_value += character(star_value);
      v = star_value;
      p = star + 1;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool is_system_path(std::string_view path) {
  constexpr std::array<std::string_view, 8> kPrefixes{
      "/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/proc/", "/sys/", "/dev/", "/etc/ld.so."};
  return std::ranges::any_of(kPrefixes,
                             [&](std::string_view prefix) { return path.starts_with(prefix); });
}

}  // namespace fb
