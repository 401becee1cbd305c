// Command lines: CLI11 with the manners of cli.md §1.1 — help on stdout with exit 0, mistakes on
// stderr with a suggestion and exit 1.
#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

namespace fb::cli {

// Parses `arguments` (without the program's name) into what `app` declares. Empty: go on; else:
// exit with this code, everything has been said.
std::optional<int> parse(CLI::App& app, std::vector<std::string> arguments);

// Says `faultbox: MESSAGE` on stderr; returns 1, the exit code of usage errors.
int usage_error(const std::string& message);

}  // namespace fb::cli
