// Where the results go: the report on the terminal, the document on stdout, the files that were
// asked for.
#pragma once
#include "cli/invocation.h"
#include "cli/test_options.h"
#include "core/base/result.h"
#include "core/run/test_result.h"

#include <cstdint>
#include <span>

namespace fb::cli {

// Before the first test: every file that will be written can be.
Status check_outputs(const TestOptions& options);

// The human report of one test (all its runs so far), on stderr as it ends (--format text).
void report_test(std::span<const TestResult> runs, uint64_t runs_total, const TestOptions& options,
                 const Invocation& invocation);

// The last line of the report or the document on stdout, and all files. Error: a file could not be
// written.
Status write_outputs(const SuiteResult& suite, const TestOptions& options,
                     const Invocation& invocation);

}  // namespace fb::cli
