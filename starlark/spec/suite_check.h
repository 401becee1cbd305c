// What a suite lacks, told from its syntax trees: tests without assertions, a positive control, any
// test at all (spec §19). A test is taken to do what it and the file-level functions it names do.
#pragma once
#include "core/run/test_result.h"
#include "starlark/spec/check_input.h"

#include <vector>

namespace fb::spec {

void check_suite(const CheckInput& input, std::vector<Diagnostic>& found);

}  // namespace fb::spec
