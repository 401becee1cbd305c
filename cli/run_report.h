// What `faultbox run` leaves behind: the summary on stderr and the document of --output.
#pragma once
#include "cli/log.h"
#include "cli/program_run.h"
#include "cli/run_options.h"

#include <string>

namespace fb::cli {

// Hits per rule and what never fired; nothing without rules.
void summarise(const ProgramEnd& end, const RunOptions& options, const Log& log);

// {version, tool, program, args, seed, isolation, exit_code or signal, duration_ms, faults,
// syscall_summary, diagnostics, events}, the parts as in the document of spec §18.1.
std::string run_document(const ProgramEnd& end, const RunOptions& options);

}  // namespace fb::cli
