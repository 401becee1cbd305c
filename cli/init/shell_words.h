// A command line split into words as a POSIX shell would (XCU 2.2): quotes and backslashes, nothing
// expanded.
#pragma once
#include "core/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace fb::cli {

// Error: a quote is not closed.
Result<std::vector<std::string>> shell_words(std::string_view line);

}  // namespace fb::cli
