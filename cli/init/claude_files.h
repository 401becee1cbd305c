// What `faultbox init --claude` writes: three commands for the agent, and our MCP server's entry in
// .mcp.json (cli.md §7.3).
#pragma once
#include "cli/init/planned_file.h"
#include "core/base/result.h"

#include <optional>
#include <string>
#include <vector>

namespace fb::cli {

std::vector<PlannedText> claude_commands();

// `existing`: the text of .mcp.json, if there is one. A different entry `faultbox` stays unless
// `force`. Error: it is not a JSON object.
Result<std::string> merge_mcp_config(const std::optional<std::string>& existing, bool force);

}  // namespace fb::cli
