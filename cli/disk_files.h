// Files on disk: what specs read, and output files written whole or not at all.
#pragma once
#include "core/base/result.h"
#include "core/runtime/files.h"

#include <functional>
#include <string>
#include <string_view>

namespace fb::cli {

class DiskFiles final : public Files {
 public:
  Result<std::string> read(const std::string& path) override;
  Result<std::string> canonical(const std::string& path) override;
  std::string current_directory() override;
};

Result<std::string> read_file(const std::string& path);

// Error when the directory of `path` does not exist or `path` is a directory: asked before the
// first test runs.
Status check_writable_target(const std::string& path);
// Makes the directories that `path` lies in.
Status create_parents(const std::string& path);
// Writes beside the target and renames (cli.md §1.4).
Status write_file(const std::string& path, std::string_view text);
// The same, of pieces: `produce` is given what takes them.
using TextSink = std::function<void(std::string_view)>;
Status write_file(const std::string& path, const std::function<void(const TextSink&)>& produce);

}  // namespace fb::cli
