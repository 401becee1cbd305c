// The arguments of a StepCall, read back from the JSON text the spec words wrote. A call without
// one of its method's parameters, or with one of another type, is answered by an error and not by a
// default: defaults are the binder's.
#pragma once
#include "core/base/result.h"
#include "core/runtime/client_catalog.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb {

Result<std::string> string_argument(const StepCall& call, std::string_view name);
Result<int64_t> int_argument(const StepCall& call, std::string_view name);
// A list of scalars, rendered as in env= of a service, or one of them alone.
Result<std::vector<std::string>> word_list_argument(const StepCall& call, std::string_view name);
// In the order of the JSON object. Numbers and booleans are rendered, as in env= of a service.
Result<std::vector<std::pair<std::string, std::string>>> string_map_argument(const StepCall& call,
                                                                             std::string_view name);

}  // namespace fb
