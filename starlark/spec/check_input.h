// What the checks of a loaded spec look at.
#pragma once
#include "starlark/spec/session.h"
#include "starlark/spec/spec_file.h"
#include "starlark/spec/test_info.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace fb::spec {

struct CheckInput {
  Session& session;
  Thread& thread;
  std::vector<SpecFile> files;
  std::span<const TestInfo> tests;
  std::vector<std::string> functions;                                  // of the root file
  std::function<Result<std::string>(const ServiceSpec&)> find_binary;  // may be empty
};

}  // namespace fb::spec
