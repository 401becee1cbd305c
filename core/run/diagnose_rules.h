// What the fault rules of a finished test say about it (spec §19): rules that never fired, errors
// that nobody checked, several faults at once. Pure: read from the result, added to it.
#pragma once
#include "core/model/topology.h"
#include "core/run/step_window.h"
#include "core/run/test_result.h"
#include "core/sched/protocol_rules.h"
#include "core/sched/rule_set.h"

#include <span>
#include <string>
#include <vector>

namespace fb {

// FAULT_NOT_FIRED for every rule without hits.
void add_rules_not_fired(TestResult& result, const RuleSets& rules, const Topology& topology);
void add_protocol_rules_not_fired(TestResult& result, const ProtocolRuleSets& rules,
                                  const Topology& topology);
// FAULT_FIRED_BUT_SUCCESS for every deny rule whose error left no trace in any answer.
void add_unchecked_errors(TestResult& result, std::span<const StepWindow> steps, bool by_clock);
// MULTIPLE_FAULTS_INTERACTION for a failed test in which several rules fired.
void add_fault_interaction(TestResult& result);

// The rules that fired, one line each: "db: write=deny(ENOSPC) path=*.wal (2 hits)".
std::vector<std::string> fired_rules(const TestResult& result);

}  // namespace fb
