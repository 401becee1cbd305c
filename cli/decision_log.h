// The decisions of one controlled execution, line by line, for --debug.
#pragma once
#include "core/sched/execution_record.h"

#include <string>

namespace fb::cli {

// "  12 ledger accept4 tcp:7001  reads …  (of 3: front:2, test/0 blocked)" per decision.
std::string decision_log(const ExecutionRecord& record);

}  // namespace fb::cli
