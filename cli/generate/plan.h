// Which files `faultbox generate` writes: the mutations of a spec, filtered, as one file or one per
// scenario. Shared by the command and by the MCP tool, which writes nothing.
#pragma once
#include "cli/generate/faults_file.h"
#include "cli/generate/mutations.h"
#include "cli/generate/spec_outline.h"
#include "core/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace fb::cli {

struct GenerateFilter {
  std::string scenario;          // with or without test_; empty: all
  std::string service;           // the faulted one, or a side of a partition; empty: all
  std::string category = "all";  // "network", "disk", "all"
};

// Error: the spec has no scenario, a name is unknown (with suggestion), or nothing is left.
Result<std::vector<Mutation>> chosen_mutations(const SpecOutline& outline,
                                               const GenerateFilter& filter);

struct PlannedFile {
  std::string path;  // as it will be written
  FaultsFile content;
};

// `output`: one file for all; empty: SCENARIO.faults.star each, in the current directory. Error:
// the directory does not exist.
Result<std::vector<PlannedFile>> plan_files(const SpecOutline& outline,
                                            const std::vector<Mutation>& mutations,
                                            const std::string& output, std::string_view date);

}  // namespace fb::cli
