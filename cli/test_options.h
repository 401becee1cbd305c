// What `faultbox test` was asked to do: its flags, parsed and checked (cli.md §2, exploration.md).
#pragma once
#include "cli/invocation.h"
#include "cli/isolation_wish.h"
#include "cli/log.h"
#include "core/base/time.h"
#include "core/sched/world.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fb::cli {

enum class Format { kText, kJson, kJunit };

struct ExploreOptions {
  enum class Mode { kOff, kAll, kSample };
  Mode mode = Mode::kOff;
  std::string strategy;            // sample: "surw", "pos", "rw", …
  std::string reduce = "optimal";  // all: "none", "sleep", "source", "optimal"
  std::optional<uint64_t> max_executions;
  std::optional<Duration> max_time;
  uint64_t max_steps = 100'000;
  bool keep_going = false;
  bool require_exhausted = false;
};

struct TestOptions {
  std::string file;
  std::vector<std::string> tests;  // names or globs of --test; empty: all
  bool list = false;
  std::optional<uint64_t> runs;
  std::optional<uint64_t> seed;
  bool failures_only = false;
  Format format = Format::kText;
  std::string output, shiviz, normalize, report;  // files; empty: not asked for
  int jobs = 1;
  std::optional<Duration> timeout;
  IsolationWish isolation = IsolationWish::kAuto;
  bool strict = false;
  bool virtual_time = false;
  bool deterministic = false;  // order controlled without exploring
  ExploreOptions explore;
  std::string schedule;  // text form, or "@PATH"
  bool anchored = false;
  bool progress = true;
  bool debug = false;
  LogFormat log_format = LogFormat::kConsole;
  bool keep = false;  // the run's directories and views
  // Not flags: what the spec and the terminal add before the workers are made.
  bool host_network = false;  // options(network="host")
  std::string erase_text;     // makes way for a line where a progress line may stand
  std::string keep_in;        // directory of --keep
  bool redact = true;

  bool exploring() const { return explore.mode != ExploreOptions::Mode::kOff; }
  // Spec §17.3: clocks tell every relation, not only those of calls that are intercepted anyway.
  bool full_causality() const { return controlled() || !shiviz.empty() || !report.empty(); }
  bool controlled() const { return exploring() || deterministic || !schedule.empty(); }
};

// Parses the command line. Without a value the command is over: `exit` has its code and everything
// has been said.
std::optional<TestOptions> parse_test_options(const Invocation& invocation, int& exit);

// The flags (not the file, the test or the seed) that a replay must repeat because they affect the
// execution.
std::vector<std::string> replay_flags(const TestOptions& options);

}  // namespace fb::cli
