// A compose file on disk as a spec: finds it, reads it and what it names (.env, env_file).
#pragma once
#include "cli/init/compose_spec.h"
#include "cli/init/interpolation.h"
#include "core/base/result.h"

#include <string>

namespace fb::cli {

// `path`: empty: the first of compose.yaml, compose.yml, docker-compose.yaml, docker-compose.yml.
// `output`: where the spec will stand; empty: the current directory.
Result<ComposeImport> import_compose_file(std::string path, const std::string& output,
                                          const Variables& environment);

}  // namespace fb::cli
