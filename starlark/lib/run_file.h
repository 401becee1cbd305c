// `faultbox starlark FILE`: runs one file of plain Starlark (universe, json, math, struct), its
// loads relative to it. Output of print goes to `out`; a failure is reported on `err` with its
// backtrace.
#pragma once
#include "core/base/result.h"
#include "starlark/syntax/dialect.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace fb::starlark::lib {

struct RunOptions {
  Dialect dialect;
  std::uint64_t step_limit = 0;
  // Reads a file; the room itself knows no file system.
  std::function<Result<std::string>(const std::string& path)> read_file;
};

using Sink = std::function<void(std::string_view text)>;

// 0, or 1 after a failure.
int run_file(const std::string& path, const RunOptions& options, const Sink& out, const Sink& err);

}  // namespace fb::starlark::lib
