#include "cli/arguments.h"

#include "core/base/suggest.h"
#include "core/base/text.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>

namespace fb::cli {
namespace {

std::vector<std::string> flag_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  std::sort(names.begin(), names.end());
  return names;
}

// The unknown flags themselves, with what may have been meant.
std::string unknown_flags(const CLI::App& app) {
  std::string text;
  const std::vector<std::string> known = flag_names(app);
  for (const std::string& extra : app.remaining()) {
    if (!text.empty()) text += "\n";
    if (!extra.starts_with("-")) {
      text += fmt::format("unexpected argument {}", extra);
      continue;
    }
    const std::string flag = extra.substr(0, extra.find('='));
    text += fmt::format("unknown flag {}{}", flag, did_you_mean(flag, known));
  }
  return text;
}

}  // namespace

int usage_error(const std::string& message) {
  fmt::print(stderr, "faultbox: {}\n", message);
  return 1;
}

int usage_error(const std::string& message, const CLI::App& app) {
  fmt::print(stderr, "faultbox: {}\n\n{}", message, app.help());
  return 1;
}

std::optional<std::string> not_a_spec(const std::string& file) {
  if (!file.ends_with(".yaml") && !file.ends_with(".yml")) return std::nullopt;
  return fmt::format("{}: topologies in YAML are not read: write a spec in Starlark (*.star)",
                     file);
}

CLI::Validator one_of(std::vector<std::string> words) {
  std::string name = join(words, "|");
  return CLI::Validator(
      [words = std::move(words)](std::string& word) {
        if (std::find(words.begin(), words.end(), word) != words.end()) return std::string();
        return fmt::format("{} is none of {}{}", word, join(words, ", "),
                           did_you_mean(word, words));
      },
      std::move(name));
}

SplitArguments split_at_operand(CLI::App& app, const std::vector<std::string>& arguments) {
  SplitArguments split;
  size_t i = 0;
  for (; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--") {
      ++i;
      break;
    }
    if (!word.starts_with("-") || word == "-") break;
    split.flags.push_back(word);
    const CLI::Option* option = app.get_option_no_throw(word);
    const bool takes_value = option != nullptr && option->get_expected_min() > 0;
    if (takes_value && i + 1 < arguments.size()) split.flags.push_back(arguments[++i]);
  }
  split.rest.assign(arguments.begin() + static_cast<ptrdiff_t>(i), arguments.end());
  return split;
}

std::optional<int> parse(CLI::App& app, std::vector<std::string> arguments) {
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants it
  app.allow_extras();
  // The last of a repeated flag wins.
  for (CLI::Option* option : app.get_options())
    if (option->get_multi_option_policy() == CLI::MultiOptionPolicy::Throw &&
        !option->get_positional())
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  try {
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return 0;
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "faultbox: {}\n\n{}", error.what(), app.help());
    return 1;
  }
  if (app.remaining_size() == 0) return std::nullopt;
  fmt::print(stderr, "faultbox: {}\n\n{}", unknown_flags(app), app.help());
  return 1;
}

}  // namespace fb::cli
