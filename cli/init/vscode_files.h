// What `faultbox init --vscode` writes: snippets, stubs of the spec's words made from their tables,
// and two settings (cli.md §7.4).
#pragma once
#include "cli/init/planned_file.h"
#include "core/base/result.h"

#include <optional>
#include <string>
#include <vector>

namespace fb::cli {

std::vector<PlannedText> vscode_files();

// `existing`: the text of .vscode/settings.json, if there is one. Keys of the user stay as they
// are. Error: it is not a JSON object.
Result<std::string> merge_vscode_settings(const std::optional<std::string>& existing);

}  // namespace fb::cli
