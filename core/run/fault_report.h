// What the rules did, for faults[] of spec §18.1.
#pragma once
#include "core/model/topology.h"
#include "core/run/test_result.h"
#include "core/sched/protocol_rules.h"
#include "core/sched/rule_set.h"

#include <vector>

namespace fb {

// One entry per KEY in opening order; an op rule has one per listed syscall. Traces and allow() are
// not listed.
std::vector<FaultReport> fault_reports(const Topology& topology, const RuleSets& rules);
// The entries of protocol_faults[], in opening order.
std::vector<ProtocolFaultReport> protocol_fault_reports(const Topology& topology,
                                                        const ProtocolRuleSets& rules);

}  // namespace fb
