// Where the binary of a service is (spec §3.1): with a '/', relative to the current directory, then
// to the spec; a bare name, in the current directory, then along PATH.
#pragma once
#include "core/base/result.h"

#include <functional>
#include <string>
#include <string_view>

namespace fb {

enum class FileKind { kMissing, kNotExecutable, kDirectory, kExecutable };

struct BinaryLookup {
  std::string current_directory;
  std::string spec_directory;
  std::string path;  // the value of PATH
  std::function<FileKind(const std::string&)> kind_of;
};

// An absolute path. Error: names what was looked for and where; a file that exists but cannot be
// executed is named (kPermission) when nothing better turns up.
Result<std::string> look_up_binary(std::string_view name, const BinaryLookup& where);

// `kind_of` for the real file system.
FileKind kind_of_file(const std::string& path);

}  // namespace fb
