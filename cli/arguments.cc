#include "cli/arguments.h"

#include "core/base/suggest.h"

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

std::optional<int> parse(CLI::App& app, std::vector<std::string> arguments) {
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants it
  app.allow_extras();
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
