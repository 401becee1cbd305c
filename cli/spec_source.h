// The spec as the parent looks at it before anything runs: which tests there are, or why it cannot
// be used.
#pragma once
#include "core/base/result.h"
#include "core/run/test_result.h"

#include <memory>
#include <string>
#include <vector>

namespace fb::cli {

class SpecSource {
 public:
  explicit SpecSource(std::string path) : path_(std::move(path)) {}

  // Evaluates the spec; sorted. Error: it does not load, see diagnostic().
  Result<std::vector<std::string>> test_names();
  // SPEC_SYNTAX or SPEC_LOAD_FAILED of the failed load.
  const Diagnostic& diagnostic() const { return failure_; }
  // NO_TESTS_DISCOVERED, naming the nearest function names.
  Diagnostic no_tests() const;

 private:
  std::string path_;
  Diagnostic failure_;
  std::vector<std::string> functions_;
};

}  // namespace fb::cli
