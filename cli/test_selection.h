// Which tests --test means: exact names with or without test_, or globs with '*' (cli.md §2).
#pragma once
#include "core/base/result.h"

#include <span>
#include <string>
#include <vector>

namespace fb::cli {

// The chosen names in the order of `all`; no pattern chooses all. Error: a pattern that matches
// nothing, with the tests there are and suggestions.
Result<std::vector<std::string>> select_tests(std::span<const std::string> all,
                                              std::span<const std::string> patterns);

// The name as replay commands write it: without one "test_".
std::string short_test_name(const std::string& name);

}  // namespace fb::cli
