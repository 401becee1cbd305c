#include "cli/init/interpolation.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace fb::cli {
namespace {

bool name_character(char c, bool first) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (!first && c >= '0' && c <= '9');
}

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

class Interpolator {
 public:
  Interpolator(std::string_view text, const Variables& variables)
      : text_(text), variables_(variables) {}

  Result<std::string> run() { return until_end(/*braces=*/false); }

 private:
  // Up to the end of the text, or to the brace that closes the word of a ${…}.
  Result<std::string> until_end(bool braces) {
    std::string out;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (braces && c == '}') return out;
      ++at_;
      if (c != '$') {
        out += c;
      } else if (at_ < text_.size() && text_[at_] == '$') {
        out += text_[at_++];
      } else {
        out += FB_TRY(variable());
      }
    }
    if (braces) return malformed();
    return out;
  }

  std::string_view name() {
    const size_t begin = at_;
    while (at_ < text_.size() && name_character(text_[at_], at_ == begin)) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  Result<std::string> variable() {
    const bool braces = at_ < text_.size() && text_[at_] == '{';
    if (braces) ++at_;
    const std::string key(name());
    if (key.empty()) return braces ? Result<std::string>(malformed()) : std::string("$");
    const auto found = variables_.find(key);
    const bool set = found != variables_.end();
    const std::string value = set ? found->second : "";
    if (!braces) return value;
    const bool colon = at_ < text_.size() && text_[at_] == ':';
    if (colon) ++at_;
    if (at_ >= text_.size()) return malformed();
    const char operation = text_[at_];
    if (operation == '}' && !colon) {
      ++at_;
      return value;
    }
    if (operation != '-' && operation != '?' && operation != '+') return malformed();
    ++at_;
    const std::string word = FB_TRY(until_end(/*braces=*/true));
    ++at_;
    const bool present = set && !(colon && value.empty());
    if (operation == '+') return present ? word : std::string();
    if (present) return value;
    if (operation == '-') return word;
    return invalid(fmt::format("variable {} is required{}{}", key, word.empty() ? "" : ": ", word));
  }

  Error malformed() const {
    return invalid(fmt::format("malformed variable in {} ($$ writes a dollar)", quote(text_)));
  }

  std::string_view text_;
  const Variables& variables_;
  size_t at_ = 0;
};

// The value part of a line of an env file.
Result<std::string> env_value(std::string_view text, const Variables& variables) {
  if (text.starts_with('\'')) {
    const size_t end = text.find('\'', 1);
    if (end == std::string_view::npos) return invalid("a quote (') is not closed");
    return std::string(text.substr(1, end - 1));
  }
  if (text.starts_with('"')) {
    std::string inside;
    for (size_t i = 1; i < text.size(); ++i) {
      if (text[i] == '"') return interpolate(inside, variables);
      if (text[i] == '\\' && i + 1 < text.size()) {
        const char c = text[++i];
        inside += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
      } else {
        inside += text[i];
      }
    }
    return invalid("a quote (\") is not closed");
  }
  // A comment begins after white space.
  const size_t comment = text.find(" #");
  return interpolate(trim(text.substr(0, comment)), variables);
}

}  // namespace

Result<std::string> interpolate(std::string_view text, const Variables& variables) {
  return Interpolator(text, variables).run();
}

Result<Variables> parse_env_file(std::string_view text, const Variables& outer) {
  Variables found, visible = outer;
  size_t number = 0;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with("export ")) line = trim(line.substr(7));
    const size_t equals = line.find('=');
    const std::string key(trim(line.substr(0, equals)));
    if (equals == std::string_view::npos) {
      if (const auto known = outer.find(key); known != outer.end()) found[key] = known->second;
      continue;
    }
    Result<std::string> value = env_value(trim(line.substr(equals + 1)), visible);
    if (!value.ok()) return value.error().within(fmt::format("line {}", number));
    found[key] = *value;
    visible[key] = *value;
  }
  return found;
}

}  // namespace fb::cli
