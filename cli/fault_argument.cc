#include "cli/fault_argument.h"

#include "core/base/suggest.h"
#include "core/base/text.h"
#include "starlark/spec/scalars.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace fb::cli {
namespace {

constexpr std::array<std::string_view, 4> kTriggers = {"after", "every", "first", "nth"};

// The other words of --fs-fault are the families of the same name.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kFileOperations = {{
    {"delete", "unlink"},
    {"sync", "fsync"},
}};

// Takes the text apart at its colons; `\:` is a colon of a part.
std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      if (text[i + 1] != ':') parts.back() += '\\';  // quotes in a pattern stay
      parts.back() += text[++i];
    } else if (text[i] == ':') {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

// NAME of `NAME=NUMBER`: a trigger, or meant to be one.
std::string_view trigger_name(std::string_view part) {
  const size_t equals = part.find('=');
  if (equals == std::string_view::npos) return {};
  const std::string_view name = part.substr(0, equals), number = part.substr(equals + 1);
  if (std::find(kTriggers.begin(), kTriggers.end(), name) != kTriggers.end()) return name;
  const bool counts = !number.empty() && std::all_of(number.begin(), number.end(),
                                                     [](char c) { return c >= '0' && c <= '9'; });
  return counts ? name : std::string_view();
}

template <class T>
Result<T> plain(const starlark::Fallible<T>& read) {
  if (!read.ok()) return invalid(read.failure().text);
  return read.value();
}

class FaultArgument {
 public:
  FaultArgument(std::string_view text, const SyscallExists& exists)
      : text_(text), exists_(exists), parts_(parts_of(text)) {}

  Result<FaultRule> parse(bool file_operation) {
    const std::string first = parts_.front();
    const size_t equals = first.find('=');
    if (equals == std::string::npos || equals == 0)
      return invalid(fmt::format("want KEY=ERRNO or KEY=delay:DURATION, not {}", quote(text_)));
    rule_.key = first.substr(0, equals);
    rule_.label = std::string(text_);
    if (file_operation)
      for (const auto& [word, key] : kFileOperations)
        if (rule_.key == word) rule_.key = key;
    FB_TRY(read_calls());
    FB_TRY(read_action(first.substr(equals + 1)));
    if (at_ < parts_.size() && parts_[at_].ends_with('%'))
      rule_.probability = FB_TRY(parse_probability(parts_[at_++]));
    while (at_ < parts_.size()) FB_TRY(read_option(parts_[at_++]));
    return std::move(rule_);
  }

 private:
  Status read_calls() {
    rule_.filter = FB_TRY(plain(spec::read_syscalls(rule_.key, exists_)));
    for (SyscallId call : rule_.filter) {
      if (spec::cannot_be_faulted(call))
        return invalid(
            fmt::format("FAULT_NOT_FILTERABLE: {} cannot be faulted", row_of(call).name));
      rule_.calls.insert(call);
    }
    return {};
  }

  Status read_action(const std::string& word) {
    if (word.empty())
      return invalid(fmt::format("{}= lacks an errno or delay:DURATION", rule_.key));
    if (word == "delay") {
      if (parts_.size() < 2) return invalid("delay lacks its duration: write delay:500ms");
      rule_.action = DelayAction{FB_TRY(parse_duration(parts_[at_++]))};
      return {};
    }
    auto error = FB_TRY(plain(spec::read_errno(word)));
    rule_.action = DenyAction{error.number, std::move(error.name)};
    return {};
  }

  Status read_option(const std::string& part) {
    if (rule_.trigger.kind != Trigger::Kind::kAlways)
      return invalid(fmt::format("{} follows the trigger, which comes last", quote(part)));
    if (part.ends_with('%') && parse_probability(part).ok())
      return invalid(fmt::format("{} follows the path; a percentage comes before it", quote(part)));
    if (const std::string_view name = trigger_name(part); !name.empty()) {
      static const std::vector<std::string> known(kTriggers.begin(), kTriggers.end());
      if (std::find(known.begin(), known.end(), name) == known.end())
        return invalid(fmt::format("unknown trigger {}{}", quote(name), did_you_mean(name, known)));
      rule_.trigger = FB_TRY(parse_trigger(part));
      return {};
    }
    if (rule_.path) return invalid(fmt::format("{} is a second path", quote(part)));
    rule_.path = FB_TRY(PathPattern::parse(part));
    return {};
  }

  std::string_view text_;
  const SyscallExists& exists_;
  std::vector<std::string> parts_;
  size_t at_ = 1;  // the next part to read
  FaultRule rule_;
};

}  // namespace

Result<FaultRule> parse_fault(std::string_view text, const SyscallExists& exists) {
  return FaultArgument(text, exists).parse(false);
}

Result<FaultRule> parse_fs_fault(std::string_view text, const SyscallExists& exists) {
  return FaultArgument(text, exists).parse(true);
}

}  // namespace fb::cli
