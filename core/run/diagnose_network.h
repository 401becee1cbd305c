// What a private network keeps services from (spec §5): NETWORK_ISOLATED for calls to addresses
// that only the host's network leads to. Told from the recorded calls. Pure.
#pragma once
#include "core/run/test_result.h"

namespace fb {

// For a test that ran in a network of its own: one warning per service and destination.
void add_network_isolated(TestResult& result);

}  // namespace fb
