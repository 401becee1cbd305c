// Flags that several commands share (cli.md §1.1).
#pragma once
#include "cli/isolation_wish.h"
#include "cli/log.h"

#include <CLI/CLI.hpp>

namespace fb::cli {

void add_isolation_flag(CLI::App& app, IsolationWish& isolation);
// --debug, --log-format
void add_log_flags(CLI::App& app, bool& debug, LogFormat& format);

}  // namespace fb::cli
