// Evaluates a spec to look at it, without a test to run: for lists, checks and generated files.
#pragma once
#include "cli/disk_files.h"
#include "proxies/catalog.h"
#include "starlark/spec/spec.h"

#include <functional>
#include <string>
#include <string_view>

namespace fb::cli {

class SpecReader {
 public:
  using Print = std::function<void(std::string_view line)>;
  SpecReader();

  // The spec lives no longer than the reader. `print`: of the spec; empty: standard error.
  spec::Spec::Loaded load(const std::string& path, Print print = {});
  DiskFiles& files() { return files_; }

 private:
  DiskFiles files_;
  Catalog catalog_;
  spec::SpecCache cache_;
};

}  // namespace fb::cli
