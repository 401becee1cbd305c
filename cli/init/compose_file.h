// A docker compose file as `faultbox init` reads it (compose-spec): what of each service can become
// part of a spec, and the names of what cannot. Variables are resolved, merge keys and anchors
// followed. Knows nothing of specs.
#pragma once
#include "cli/init/interpolation.h"
#include "core/base/result.h"
#include "core/base/time.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fb::cli {

struct ComposeMount {
  std::string source;  // of bind mounts, as written; empty: a volume
  std::string volume;  // its name; empty with an empty source: anonymous
  std::string target;
  bool read_only = false;
};

struct ComposeHealthcheck {
  std::string test;  // the command line; empty: none given
  bool disabled = false;
  Duration timeout{};  // start_period + retries × interval
};

struct ComposeService {
  std::string name;
  std::string image, build;  // build: its context, as written
  std::vector<uint16_t> ports;
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<std::string> depends_on;  // sorted
  std::vector<std::string> command;
  std::vector<ComposeMount> mounts;
  std::optional<ComposeHealthcheck> healthcheck;
  std::vector<std::string> not_carried_over;  // keys, in the order of the file
};

struct ComposeFile {
  std::vector<ComposeService> services;       // dependencies first, otherwise by name
  std::vector<std::string> not_carried_over;  // keys of the file itself
};

struct ComposeSource {
  std::string path;  // as messages name it
  std::string text;
  Variables environment;                                             // the caller's and .env's
  std::function<Result<std::string>(const std::string&)> read_file;  // env_file, beside the file
};

// Error: "FILE:LINE:COL: what is wrong".
Result<ComposeFile> read_compose(const ComposeSource& source);

}  // namespace fb::cli
