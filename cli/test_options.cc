#include "cli/test_options.h"

#include "cli/arguments.h"
#include "cli/common_flags.h"
#include "core/base/suggest.h"
#include "explorer/policy.h"

#include <fmt/format.h>

namespace fb::cli {
namespace {

CLI::Validator duration_check() {
  return CLI::Validator(
      [](std::string& text) {
        const Result<Duration> parsed = parse_duration(text);
        return parsed.ok() ? std::string() : parsed.error().message;
      },
      "DUR");
}

// Comma lists are taken apart: `--test a,b --test c`.
std::vector<std::string> split_lists(const std::vector<std::string>& values) {
  std::vector<std::string> out;
  for (const std::string& value : values) {
    size_t start = 0;
    while (start <= value.size()) {
      const size_t comma = std::min(value.find(',', start), value.size());
      if (comma > start) out.push_back(value.substr(start, comma - start));
      start = comma + 1;
    }
  }
  return out;
}

std::optional<std::string> strategy_error(const std::string& strategy) {
  if (strategy.empty()) return std::nullopt;
  if (make_policy(strategy, 0, "").ok()) return std::nullopt;
  std::vector<std::string> known;
  for (std::string_view name : policy_names()) known.emplace_back(name);
  return fmt::format("unknown strategy {}{}", strategy, did_you_mean(strategy, known));
}

}  // namespace

std::optional<TestOptions> parse_test_options(const Invocation& invocation, int& exit) {
  TestOptions options;
  std::vector<std::string> tests;
  std::string config, show = "all", timeout, max_time, explore, jobs = "1", mode = "strict";
  CLI::App app("Runs the tests of a spec.", "faultbox test");
  app.add_option("FILE", options.file, "the spec (*.star)")->required();
  app.add_option("--test", tests, "tests to run: a name with or without test_, or a glob")
      ->expected(1)
      ->take_all();
  app.add_option("--config,--spec", config)->group("");  // of topologies in YAML, long ago
  app.add_flag("--list", options.list, "print the names of the tests and exit");
  app.add_option("--runs", options.runs, "runs of each test, seeds 0…N-1")
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", options.seed, "seed of every random decision (default 0)");
  app.add_option("--show", show, "all, or fail: leave passing tests out")
      ->check(one_of({"all", "fail", "failures"}));
  add_choice<Format>(app, "--format", options.format,
                     {{"text", Format::kText}, {"json", Format::kJson}, {"junit", Format::kJunit}},
                     "what goes to stdout");
  app.add_option("--output", options.output, "write the JSON document to FILE");
  app.add_option("--report", options.report, "write a report as one HTML page to FILE");
  app.add_option("--shiviz", options.shiviz, "write a ShiViz log to FILE");
  app.add_option("--normalize", options.normalize, "write a normalized trace to FILE");
  app.add_option("--jobs", jobs, "tests or executions side by side: N or auto");
  app.add_option("--timeout", timeout, "limit of a test's body (default 60s)")
      ->check(duration_check());
  add_isolation_flag(app, options.isolation);
  app.add_flag("--strict", options.strict, "warnings make the exit code 2");
  app.add_flag("--virtual-time", options.virtual_time, "injected delays take no wall time");
  app.add_flag("--deterministic", options.deterministic, "control the order of every call");
  app.add_option("--explore", explore, "all: every inequivalent order; sample: random ones")
      ->check(one_of({"all", "sample"}));
  app.add_option("--strategy", options.explore.strategy, "sampler of --explore=sample");
  app.add_option("--reduce", options.explore.reduce, "none, sleep, source or optimal")
      ->check(one_of({"none", "sleep", "source", "optimal"}));
  app.add_option("--max-executions", options.explore.max_executions, "budget of the search")
      ->check(CLI::PositiveNumber);
  app.add_option("--max-time", max_time, "budget of the search")->check(duration_check());
  app.add_option("--max-steps", options.explore.max_steps,
                 "bound on the decisions of one execution")
      ->check(CLI::PositiveNumber);
  app.add_flag("--keep-going", options.explore.keep_going, "go on after the first failure");
  app.add_flag("--require-exhausted", options.explore.require_exhausted,
               "exit 3 when a budget ended the search");
  app.add_option("--schedule", options.schedule, "replay this schedule: fbs1:… or @FILE");
  app.add_option("--schedule-mode", mode, "strict or anchored")
      ->check(one_of({"strict", "anchored"}));
  app.add_flag("--keep", options.keep, "keep run directories and copy-on-write views");
  app.add_flag("--no-progress{false}", options.progress, "no progress line");
  app.add_flag("--no-redact{false}", options.redact, "show secrets in outputs");
  add_log_flags(app, options.debug, options.log_format);
  if (const std::optional<int> over = parse(app, invocation.arguments)) {
    exit = *over;
    return std::nullopt;
  }
  const auto refuse = [&](const std::string& message) {
    exit = usage_error(message, app);
    return std::nullopt;
  };
  if (!config.empty())
    return refuse(
        "--config and --spec named topologies in YAML: write a spec in Starlark (*.star)");
  options.tests = split_lists(tests);
  options.failures_only = show != "all";
  options.anchored = mode == "anchored";
  if (!timeout.empty()) options.timeout = parse_duration(timeout).value();
  if (!max_time.empty()) options.explore.max_time = parse_duration(max_time).value();
  if (explore == "all") options.explore.mode = ExploreOptions::Mode::kAll;
  if (explore == "sample") options.explore.mode = ExploreOptions::Mode::kSample;
  if (jobs == "auto") {
    options.jobs = invocation.processors;
  } else {
    char* end = nullptr;
    const long count = std::strtol(jobs.c_str(), &end, 10);
    if (*end != '\0' || count < 1 || count > 1024) {
      return refuse(fmt::format("--jobs must be a number from 1 to 1024, or auto, not {}", jobs));
    }
    options.jobs = static_cast<int>(count);
  }
  if (const std::optional<std::string> refused = not_a_spec(options.file)) return refuse(*refused);
  if (const std::optional<std::string> error = strategy_error(options.explore.strategy)) {
    return refuse(*error);
  }
  if (options.exploring() && !options.schedule.empty()) {
    return refuse("--schedule replays one order and --explore searches for one: give one of them");
  }
  return options;
}

std::vector<std::string> replay_flags(const TestOptions& options) {
  std::vector<std::string> flags;
  if (options.timeout) flags.push_back("--timeout=" + format_duration(*options.timeout));
  if (options.isolation == IsolationWish::kFull) flags.emplace_back("--isolation=full");
  if (options.isolation == IsolationWish::kNone) flags.emplace_back("--isolation=none");
  if (options.virtual_time) flags.emplace_back("--virtual-time");
  if (options.deterministic && !options.exploring()) flags.emplace_back("--deterministic");
  if (options.explore.max_steps != 100'000)
    flags.push_back(fmt::format("--max-steps={}", options.explore.max_steps));
  return flags;
}

}  // namespace fb::cli
