#include "cli/test_selection.h"

#include "core/base/suggest.h"
#include "core/base/text.h"
#include "core/model/pattern.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb::cli {
namespace {

constexpr std::string_view kPrefix = "test_";

bool means(const std::string& pattern, const std::string& name) {
  if (pattern.find('*') == std::string::npos)
    return name == pattern || name == std::string(kPrefix) + pattern;
  return value_matches(pattern, name) || value_matches(pattern, short_test_name(name));
}

}  // namespace

std::string short_test_name(const std::string& name) {
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
}

Result<std::vector<std::string>> select_tests(std::span<const std::string> all,
                                              std::span<const std::string> patterns) {
  if (patterns.empty()) return std::vector<std::string>(all.begin(), all.end());
  std::vector<bool> chosen(all.size(), false);
  for (const std::string& pattern : patterns) {
    bool any = false;
    for (size_t i = 0; i < all.size(); ++i) {
      if (!means(pattern, all[i])) continue;
      chosen[i] = any = true;
    }
    if (any) continue;
    const std::string wanted =
        pattern.starts_with(kPrefix) ? pattern : std::string(kPrefix) + pattern;
    return Error{Code::kNotFound,
                 fmt::format("no test matches {}{}; the tests are: {}", quote(pattern),
                             did_you_mean(wanted, all), join(all, ", "))};
  }
  std::vector<std::string> names;
  for (size_t i = 0; i < all.size(); ++i)
    if (chosen[i]) names.push_back(all[i]);
  return names;
}

}  // namespace fb::cli
