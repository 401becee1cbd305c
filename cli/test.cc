// faultbox test FILE.star: runs a spec (cli.md §2).
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/disk_files.h"
#include "cli/execution_host.h"
#include "cli/kept_files.h"
#include "cli/outputs.h"
#include "cli/progress.h"
#include "cli/secrets.h"
#include "cli/spec_source.h"
#include "cli/suite.h"
#include "cli/test_options.h"
#include "cli/test_selection.h"
#include "cli/worker_pool.h"
#include "interpose/sys/interrupts.h"
#include "interpose/sys/stopwatch.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace fb::cli {
namespace {

// A spec that cannot be used still yields a document (spec §18.1).
int refuse(const TestOptions& options, const Invocation& invocation, const Redaction& secrets,
           Diagnostic diagnostic) {
  secrets.apply(diagnostic);
  if (options.format == Format::kText) {
    fmt::print(stderr, "{}\n", diagnostic.message);
    if (!diagnostic.suggestion.empty()) fmt::print(stderr, "  hint: {}\n", diagnostic.suggestion);
    return 1;
  }
  SuiteResult suite;
  suite.star_file = options.file;
  suite.seed = options.seed.value_or(0);
  suite.diagnostics.push_back(std::move(diagnostic));
  const Status written = write_outputs(suite, options, invocation);
  if (!written.ok()) return usage_error(written.error().message);
  return 1;
}

void print_list(const TestOptions& options, const std::vector<std::string>& tests) {
  if (options.format == Format::kText) {
    for (const std::string& test : tests) fmt::print("{}\n", test);
    return;
  }
  nlohmann::ordered_json document;
  document["file"] = options.file;
  document["tests"] = tests;
  document["count"] = tests.size();
  fmt::print("{}\n", document.dump(2));
}

Progress progress_of(const TestOptions& options, const Invocation& invocation,
                     const Stopwatch& watch) {
  const OutputStream& terminal = invocation.stderr_stream;
  if (!options.progress || !terminal.terminal || invocation.has("CI")) return Progress::off();
  const auto term = invocation.environment.find("TERM");
  const bool dumb = term != invocation.environment.end() && term->second == "dumb";
  return Progress([&watch] { return watch.elapsed(); }, terminal.columns, dumb);
}

// Not one test got as far as its body, because a service cannot be launched: nothing was tested.
bool nothing_launched(const SuiteResult& suite) {
  const auto not_launched = [](const TestResult& test) {
    return test.failure_type == "service_start" &&
           std::any_of(test.diagnostics.begin(), test.diagnostics.end(),
                       [](const Diagnostic& d) { return d.code == "LAUNCH_FAILED"; });
  };
  return !suite.tests.empty() && std::all_of(suite.tests.begin(), suite.tests.end(), not_launched);
}

int exit_code(const SuiteResult& suite, const TestOptions& options, bool left_open,
              int interrupted) {
  if (interrupted != 0) return 128 + interrupted;
  if (suite.count(Verdict::kFail) > 0) return nothing_launched(suite) ? 1 : 2;
  if (options.strict) {
    const auto warns = [](const Diagnostic& d) { return d.level == Diagnostic::Level::kWarning; };
    bool any = std::any_of(suite.diagnostics.begin(), suite.diagnostics.end(), warns);
    for (const TestResult& test : suite.tests)
      any |= std::any_of(test.diagnostics.begin(), test.diagnostics.end(), warns);
    if (any) return 2;
  }
  return left_open ? 3 : 0;
}

}  // namespace

int test_command(const Invocation& invocation) {
  int exit = 0;
  const std::optional<TestOptions> parsed = parse_test_options(invocation, exit);
  if (!parsed) return exit;
  TestOptions options = *parsed;

  Result<Interrupts> interrupts = Interrupts::block();
  if (!interrupts.ok()) return usage_error(interrupts.error().message);

  const Redaction ours = redaction_of(options, invocation);
  SpecSource source(options.file,
                    [&](std::string_view line) { fmt::print(stderr, "{}\n", ours.text(line)); });
  Result<std::vector<std::string>> all = source.test_names();
  if (!all.ok()) return refuse(options, invocation, ours, source.diagnostic());
  if (all->empty()) return refuse(options, invocation, ours, source.no_tests());
  const Result<std::vector<std::string>> chosen = select_tests(*all, options.tests);
  if (!chosen.ok()) return usage_error(chosen.error().message);
  if (options.list) {
    print_list(options, *chosen);
    return 0;
  }
  const Status writable = check_outputs(options);
  if (!writable.ok()) return usage_error(writable.error().message);

  options.host_network = source.host_network();
  std::string serial_why;
  if (options.jobs > 1) {
    const std::string why = shared_network_why(options);
    if (!why.empty()) {
      serial_why = fmt::format("tests run one at a time, not {}", options.jobs);
      options.jobs = 1;
    }
  }
  if (options.keep) {
    Result<std::string> directory = make_keep_directory(temporary_directory(invocation));
    if (!directory.ok()) return usage_error(directory.error().message);
    options.keep_in = std::move(directory).value();
  }
  const Stopwatch watch;
  Progress progress = progress_of(options, invocation, watch);
  options.erase_text = progress.erase_text();

  WorkerPool pool(
      options.jobs, [&] { return make_execution_host(options, invocation); }, *interrupts);
  Suite suite(options, pool, redaction_of(options, invocation, source.secrets()),
              [&](std::span<const TestResult> runs, uint64_t runs_total) {
                report_test(runs, runs_total, options, invocation);
              });
  suite.set_progress(progress);
  suite.set_serial_why(serial_why);
  const SuiteResult result = suite.run(*chosen, chosen->size() == all->size());
  const Status written = write_outputs(result, options, invocation);
  if (!written.ok()) return usage_error(written.error().message);
  return exit_code(result, options, suite.left_open(), pool.interrupted());
}

}  // namespace fb::cli
