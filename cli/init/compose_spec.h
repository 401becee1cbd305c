// A compose file as a spec (cli.md §7.2): services on the same images, and first tests.
#pragma once
#include "cli/init/compose_file.h"

#include <string>
#include <string_view>
#include <vector>

namespace fb::cli {

struct ComposeImport {
  std::string spec;                           // valid Starlark, passes `faultbox check`
  std::vector<std::string> services;          // in the spec's order
  std::vector<std::string> not_carried_over;  // "SERVICE: KEY", or "KEY" of the file itself
};

// `compose_path`: as the head of the spec names it. `to_compose`: the way from the spec's directory
// to the compose file's, "" when they are the same; relative paths are led through it.
ComposeImport import_compose(const ComposeFile& file, std::string_view compose_path,
                             const std::string& to_compose);

}  // namespace fb::cli
