// Why the body of a test failed, told by whoever noticed.
#pragma once
#include "core/run/test_result.h"

#include <string>

namespace fb {

struct TestFailure {
  std::string type;  // failure_type of spec §4: "assertion", "monitor", "timeout", "service_start",
                     // "crash", "deadlock", …, "error"
  std::string reason;
  ErrorDetail detail;
};

}  // namespace fb
