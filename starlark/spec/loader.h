// load() of specs (spec §1.2): where a path leads, each file once per evaluation, cycles refused.
// Files are shown in messages by the path under which they were first reached.
#pragma once
#include "core/base/result.h"
#include "core/runtime/files.h"
#include "starlark/eval/interpreter.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace fb::spec {

// Texts of spec files, kept for the life of a process: all executions of a campaign run the same
// text, whatever happens to the file meanwhile.
using SourceTexts = std::map<std::string, std::string>;  // by canonical path

class Loader {
 public:
  Loader(Files& files, SourceTexts& texts, std::string root);

  // The root file's text; also notes its identity. Error: it cannot be read.
  Result<std::string> open_root();
  // What the interpreter's load callback returns.
  Result<starlark::LoadedSource> open(std::string_view module, std::string_view from);
  // The shown path that load(module) in `from` led to; empty: that load was never made.
  std::string target(std::string_view module, std::string_view from) const;

 private:
  Result<std::string> find(std::string_view module, std::string_view from);
  Result<std::string> text_of(const std::string& canonical, const std::string& path);

  Files& files_;
  SourceTexts& texts_;
  std::string root_;
  std::map<std::string, std::string> shown_;                          // by canonical path
  std::map<std::pair<std::string, std::string>, std::string> edges_;  // (from, module) → shown path
  std::map<std::string, std::string> loaded_by_;                      // shown path → first loader
};

}  // namespace fb::spec
