// What --keep keeps of an execution: what was written below /tmp and /var/tmp in its views, and the
// private directories of its services, copied to a directory of the host that stays.
#pragma once
#include "core/base/result.h"
#include "interpose/process/isolation.h"

#include <string>

namespace fb::cli {

// A fresh directory for all that this invocation keeps, for this user only.
Result<std::string> make_keep_directory(const std::string& parent);

// Copies into `directory`/`name`; returns the path. Called in the worker, while the views stand.
Result<std::string> keep_files(const Isolation& isolation, const std::string& directory,
                               const std::string& name);

}  // namespace fb::cli
