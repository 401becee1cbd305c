// Files as evaluating a spec needs them: read-only, by path. cli implements it over the file
// system; tests keep a map. Paths are as the user wrote them: relative ones start at the current
// directory.
#pragma once
#include "core/base/result.h"

#include <string>

namespace fb {

class Files {
 public:
  virtual ~Files() = default;
  // The whole file. Code::kNotFound when there is none; messages name the path and the reason.
  virtual Result<std::string> read(const std::string& path) = 0;
  // Absolute, symlinks resolved: the identity of a file however it is spelled.
  virtual Result<std::string> canonical(const std::string& path) = 0;
  virtual std::string current_directory() = 0;  // absolute
};

}  // namespace fb
