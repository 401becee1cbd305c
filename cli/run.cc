// faultbox run [flags] [--] BINARY [args…]: one program, optionally with faults (cli.md §3).
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/disk_files.h"
#include "cli/program_run.h"
#include "cli/run_options.h"
#include "cli/run_report.h"

#include <variant>

namespace fb::cli {
namespace {

constexpr int kNotExecutable = 127;

// Secrets of the environment, of the variables that were given too.
Redaction secrets_of(const RunOptions& options, const Invocation& invocation) {
  if (!options.redact) return Redaction::none();
  const std::vector<Redaction::Environment> environments = {invocation.environment, options.env};
  return Redaction::of(environments, {});
}

}  // namespace

int run_program_command(const Invocation& invocation) {
  int exit = 0;
  const std::optional<RunOptions> options = parse_run_options(invocation, exit);
  if (!options) return exit;
  if (!options->output.empty()) {
    const Status writable = check_writable_target(options->output);
    if (!writable.ok()) return usage_error(writable.error().message);
  }
  const Redaction secrets = secrets_of(*options, invocation);
  const Log log(options->log_format, secrets);
  auto outcome = run_program(*options, invocation, log);
  if (const auto* failure = std::get_if<ProgramFailure>(&outcome)) {
    log.info(failure->message);
    return failure->not_executable ? kNotExecutable : 1;
  }
  ProgramEnd& end = std::get<ProgramEnd>(outcome);
  secrets.apply(end.result);
  summarise(end, *options, log);
  if (!options->output.empty()) {
    RunOptions shown = *options;
    for (std::string& arg : shown.args) arg = secrets.text(arg);
    const Status written = write_file(options->output, run_document(end, shown));
    if (!written.ok()) return usage_error(written.error().message);
  }
  return end.exit.signalled ? 128 + end.exit.code : end.exit.code;
}

}  // namespace fb::cli
