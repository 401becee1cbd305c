// What an Interpreter knows of the modules of its evaluation. Private to eval/.
#pragma once
#include "starlark/eval/failure.h"
#include "starlark/eval/value.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fb::starlark {

class Module;

struct EvaluationState {
  enum class Progress { kRunning, kDone, kFailed };
  struct Entry {
    Module* module = nullptr;  // null for host modules
    Progress progress = Progress::kRunning;
    std::vector<std::pair<std::string, Value>> values;
    std::shared_ptr<const Failure> failure;
  };
  std::unordered_map<std::string, Entry> by_path;
  std::vector<std::string> running;  // paths, the root first
};

}  // namespace fb::starlark
