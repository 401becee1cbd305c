// A generated spec: the failure tests of some mutations as Starlark text that loads and runs
// unchanged (spec §20.2). Pure: paths are compared, never opened.
#pragma once
#include "cli/generate/mutations.h"
#include "cli/generate/spec_outline.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fb::cli {

struct FaultsFile {
  std::string text;
  size_t mutations = 0;              // written
  std::vector<std::string> skipped;  // why each of the others is not
};

// `directory`: canonical, of the file to be written; `date`: "2026-11-24".
FaultsFile faults_file(const SpecOutline& outline, std::span<const Mutation> mutations,
                       const std::string& directory, std::string_view date);

// Whether two generated texts are the same but for the date in their banner.
bool same_but_for_date(std::string_view a, std::string_view b);

}  // namespace fb::cli
