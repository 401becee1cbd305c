// The spec as the parent looks at it before anything runs: which tests there are, or why it cannot
// be used.
#pragma once
#include "cli/secrets.h"
#include "core/base/result.h"
#include "core/run/test_result.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fb::cli {

class SpecSource {
 public:
  using Print = std::function<void(std::string_view line)>;
  SpecSource(std::string path, Print print) : path_(std::move(path)), print_(std::move(print)) {}

  // Evaluates the spec; sorted. Error: it does not load, see diagnostic().
  Result<std::vector<std::string>> test_names();
  // After a load that succeeded: what outputs must not show.
  const SpecSecrets& secrets() const { return secrets_; }
  // options(network="host")
  bool host_network() const { return host_network_; }
  // SPEC_SYNTAX or SPEC_LOAD_FAILED of the failed load.
  const Diagnostic& diagnostic() const { return failure_; }
  // NO_TESTS_DISCOVERED, naming the nearest function names.
  Diagnostic no_tests() const;

 private:
  std::string path_;
  Print print_;
  Diagnostic failure_;
  std::vector<std::string> functions_;
  SpecSecrets secrets_;
  bool host_network_ = false;
};

}  // namespace fb::cli
