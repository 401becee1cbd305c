// Flags that several commands share (cli.md §1.1).
#pragma once
#include "cli/log.h"
#include "cli/test_options.h"

#include <CLI/CLI.hpp>

namespace fb::cli {

void add_isolation_flag(CLI::App& app, IsolationWish& isolation);
// --debug, --log-format
void add_log_flags(CLI::App& app, bool& debug, LogFormat& format);

}  // namespace fb::cli
