#include "interpose/process/binary_lookup.h"

#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace fb {
namespace {

std::string joined(const std::string& directory, std::string_view name) {
  return (std::filesystem::path(directory) / name).lexically_normal().string();
}

std::vector<std::string> candidates(std::string_view name, const BinaryLookup& where) {
  std::vector<std::string> found{joined(where.current_directory, name)};
  if (name.find('/') != std::string_view::npos) {
    if (const auto beside_spec = joined(where.spec_directory, name); beside_spec != found[0])
      found.push_back(beside_spec);
    return found;
  }
  std::string_view rest = where.path;
  while (!rest.empty()) {
    const std::string_view directory = rest.substr(0, rest.find(':'));
    // An empty part of PATH is the current directory, which has been looked at.
    if (!directory.empty())
      found.push_back(joined(joined(where.current_directory, directory), name));
    rest.remove_prefix(std::min(directory.size() + 1, rest.size()));
  }
  return found;
}

}  // namespace

Result<std::string> look_up_binary(std::string_view name, const BinaryLookup& where) {
  if (name.empty()) return invalid("the name of the binary is empty");
  std::string unusable;
  std::string_view why;
  for (const std::string& candidate : candidates(name, where)) {
    const FileKind kind = where.kind_of(candidate);
    if (kind == FileKind::kExecutable) return candidate;
    if (kind == FileKind::kMissing || !unusable.empty()) continue;
    // A directory of that name in the current directory is no reason to stop: "make test" beside
    // /usr/bin/test.
    unusable = candidate;
    why = kind == FileKind::kDirectory ? "is a directory" : "permission denied (not executable)";
  }
  if (!unusable.empty()) return Error{Code::kPermission, fmt::format("{}: {}", unusable, why)};
  if (name.find('/') != std::string_view::npos)
    return Error{Code::kNotFound, fmt::format("{}: no such file or directory", name)};
  return Error{Code::kNotFound,
               fmt::format("{}: not found in the current directory or in PATH", name)};
}

FileKind kind_of_file(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return FileKind::kMissing;
  if (S_ISDIR(info.st_mode)) return FileKind::kDirectory;
  return ::access(path.c_str(), X_OK) == 0 ? FileKind::kExecutable : FileKind::kNotExecutable;
}

}  // namespace fb
