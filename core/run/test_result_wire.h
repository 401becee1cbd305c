// The binary form of a TestResult, for the way from the worker that ran the test to the parent.
// Both ends are the same executable, so there is one version and no compatibility; but the worker
// may die half way, so a reader believes nothing: anything but a whole record is an Error.
#pragma once
#include "core/base/result.h"
#include "core/run/test_result.h"

#include <string>
#include <string_view>

namespace fb {

std::string encode_test_result(const TestResult& result);
Result<TestResult> decode_test_result(std::string_view bytes);

}  // namespace fb
