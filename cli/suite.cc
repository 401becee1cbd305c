#include "cli/suite.h"

#include "cli/disk_files.h"
#include "cli/plain_runs.h"
#include "cli/process_world.h"
#include "cli/test_selection.h"
#include "cli/version.h"
#include "core/base/text.h"
#include "core/run/diagnose_assertions.h"
#include "core/run/test_result_wire.h"
#include "explorer/campaign.h"
#include "explorer/schedule.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace fb::cli {
namespace {

constexpr const char* kLevel = "ordered";

// A command line that repeats the test: everything that affects the execution.
std::string replay_command(const TestOptions& options, const std::string& test, uint64_t seed,
                           const std::string& schedule) {
  std::vector<std::string> words = {
      "faultbox",          "test", options.file, "--test", short_test_name(test), "--seed",
      std::to_string(seed)};
  for (const std::string& flag : replay_flags(options)) words.push_back(flag);
  if (!schedule.empty()) {
    words.emplace_back("--schedule");
    words.push_back(schedule);
  }
  return shell_command(words);
}

Result<Schedule> read_schedule(const std::string& wish) {
  if (!wish.starts_with("@")) return parse_schedule(wish);
  const std::string text = FB_TRY(read_file(wish.substr(1)));
  return parse_schedule(text);
}

Diagnostic nondeterminism(const std::string& message) {
  return {
      .level = Diagnostic::Level::kWarning,
      .code = "NONDETERMINISM",
      .message = message,
      .suggestion = "two executions of one schedule differed: the search may have missed orders"};
}

}  // namespace

Suite::Suite(const TestOptions& options, WorkerPool& pool, Redaction secrets, Report report)
    : options_(options), pool_(pool), secrets_(std::move(secrets)), report_(std::move(report)) {
  suite_.star_file = options.file;
  suite_.tool_version = kVersion;
  suite_.seed = options.seed.value_or(0);
  suite_.jobs = pool.size();
  suite_.runs = options.runs.value_or(1);
  suite_.causality = options.full_causality() ? "full" : "recorded";
}

SuiteResult Suite::run(const std::vector<std::string>& tests, bool whole) {
  total_ = tests.size();
  if (progress_ != nullptr && progress_->on())
    pool_.on_tick([this] { progress_->tick([this] { return progress_facts(); }); });
  if (options_.schedule.empty() && !options_.exploring()) {
    run_plain(tests);
  } else {
    for (const std::string& test : tests) {
      if (pool_.interrupted() != 0) break;
      started(test);
      if (!options_.schedule.empty())
        replay(test);
      else
        explore(test);
      ended(test);
    }
  }
  pool_.on_tick({});
  if (progress_ != nullptr) progress_->erase();
  suite_.duration_ms = watch_.elapsed_ms();
  if (whole && pool_.interrupted() == 0)
    if (auto missing = no_positive_control(suite_))
      suite_.diagnostics.push_back(*std::move(missing));
  return std::move(suite_);
}

ExecutionRequest Suite::request_for(const std::string& test) const {
  ExecutionRequest request;
  request.test = test;
  request.seed = options_.seed.value_or(0);
  request.timeout = options_.timeout;
  request.controlled = options_.controlled();
  request.virtual_time = options_.virtual_time;
  request.followed = options_.full_causality() && !options_.controlled();
  return request;
}

void Suite::note_isolation(const std::string& mode, const std::string& why) {
  suite_.isolation_mode = mode;
  suite_.isolation_why = why;
  if (!serial_why_.empty()) suite_.isolation_why += (why.empty() ? "" : "; ") + serial_why_;
}

TestResult Suite::broken(const std::string& test, const Error& error) const {
  TestResult result;
  result.name = test;
  result.seed = options_.seed.value_or(0);
  result.result = error.code == Code::kCancelled ? Verdict::kCancelled : Verdict::kFail;
  if (result.result == Verdict::kFail) {
    result.failure_type = "error";
    result.reason = error.message;
  }
  return result;
}

void Suite::finish(std::vector<TestResult> results, uint64_t runs, std::vector<TextPiece> lines) {
  if (progress_ != nullptr) progress_->erase();
  write_pieces(lines);
  for (TestResult& result : results) secrets_.apply(result);
  report_(results, runs);
  for (TestResult& result : results) suite_.tests.push_back(std::move(result));
}

TestResult Suite::plain_result(const std::string& test, uint64_t run,
                               WorkerPool::Finished&& finished) {
  TestResult result;
  if (finished.reply.ok()) {
    note_isolation(finished.reply->isolation_mode, finished.reply->isolation_why);
    result = std::move(finished.reply->result);
    if (result.result == Verdict::kFail)
      result.replay_command = replay_command(options_, test, result.seed, "");
  } else {
    result = broken(test, finished.reply.error());
    if (!options_.seed) result.seed = run;
  }
  if (options_.runs) result.run = run;
  if (result.result == Verdict::kFail) ++failures_;
  return result;
}

void Suite::run_plain(const std::vector<std::string>& tests) {
  PlainRuns runs(
      pool_, {.runs = options_.runs.value_or(1),
              .request =
                  [this](const std::string& test, uint64_t run) {
                    ExecutionRequest request = request_for(test);
                    if (!options_.seed) request.seed = run;
                    request.collect_lines = pool_.size() > 1;
                    if (options_.keep) {
                      request.keep_as = test;
                      if (options_.runs) request.keep_as += fmt::format(".{}", run);
                    }
                    return request;
                  },
              .result =
                  [this](const std::string& test, uint64_t run, WorkerPool::Finished&& finished) {
                    return plain_result(test, run, std::move(finished));
                  },
              .finished =
                  [this](std::vector<TestResult> results, std::vector<TextPiece> lines) {
                    finish(std::move(results), options_.runs.value_or(1), std::move(lines));
                  },
              .started = [this](const std::string& test) { started(test); },
              .ended = [this](const std::string& test) { ended(test); }});
  runs.run(tests);
}

void Suite::started(const std::string& test) {
  running_[test] = watch_.elapsed();
}

void Suite::ended(const std::string& test) {
  running_.erase(test);
  ++ended_;
  if (running_.empty()) executions_before_ = pool_.executions();
}

ProgressFacts Suite::progress_facts() const {
  ProgressFacts facts{.done = ended_, .total = total_, .failures = failures_};
  Duration longest{};
  for (const auto& [test, since] : running_) {
    facts.running[test] = watch_.elapsed() - since;
    longest = std::max(longest, facts.running[test]);
  }
  const ExploreOptions& explore = options_.explore;
  if (options_.exploring()) {
    facts.unit = "executions";
    facts.units_total = explore.max_executions;
    if (explore.mode == ExploreOptions::Mode::kSample && options_.runs)
      facts.units_total = std::min(facts.units_total.value_or(*options_.runs), *options_.runs);
    if (explore.max_time) facts.time_left = std::max(Duration{}, *explore.max_time - longest);
  } else if (options_.runs.value_or(1) > 1) {
    facts.unit = "runs";
    facts.units_total = *options_.runs * running_.size();
  }
  facts.units = pool_.executions() - executions_before_;
  facts.units_time = longest;
  return facts;
}

void Suite::replay(const std::string& test) {
  Result<Schedule> schedule = read_schedule(options_.schedule);
  ExecutionRequest request = request_for(test);
  TestResult result;
  if (!schedule.ok()) {
    result = broken(test, invalid("--schedule: " + schedule.error().message));
  } else {
    if (!options_.seed) request.seed = schedule->seed;
    // Actors are named by services, which only the worker knows: it makes the plan.
    request.schedule =
        options_.schedule.starts_with("@") ? schedule_text(*schedule) : options_.schedule;
    request.anchored = options_.anchored;
    request.max_steps = options_.explore.max_steps;
    pool_.start(0, request);
    WorkerPool::Finished finished = pool_.await_any();
    if (finished.reply.ok()) {
      note_isolation(finished.reply->isolation_mode, finished.reply->isolation_why);
      result = std::move(finished.reply->result);
      result.schedule = request.schedule;
      if (result.result == Verdict::kFail)
        result.replay_command = replay_command(options_, test, request.seed, options_.schedule);
    } else {
      result = broken(test, finished.reply.error());
    }
  }
  std::vector<TestResult> results;
  results.push_back(std::move(result));
  finish(std::move(results), 1);
}

void Suite::explore(const std::string& test) {
  const ExploreOptions& explore = options_.explore;
  CampaignOptions campaign;
  campaign.mode = explore.mode == ExploreOptions::Mode::kAll ? CampaignOptions::Mode::kAll
                                                             : CampaignOptions::Mode::kSample;
  campaign.seed = options_.seed.value_or(0);
  campaign.level = kLevel;
  campaign.keep_going = explore.keep_going;
  campaign.reduction = *parse_reduction(explore.reduce);
  if (!explore.strategy.empty()) campaign.strategy = explore.strategy;
  if (options_.runs) campaign.runs = *options_.runs;
  campaign.max_steps = explore.max_steps;
  campaign.max_executions = explore.max_executions;
  campaign.max_time = explore.max_time;
  const Stopwatch watch;
  campaign.elapsed = [&watch] { return watch.elapsed(); };
  campaign.cancelled = [this] { return pool_.interrupted() != 0; };

  ExecutionRequest request = request_for(test);
  request.forward_output = false;
  ProcessWorld world(pool_, request);
  Result<CampaignResult> searched = run_campaign(campaign, world);
  TestResult result;
  if (pool_.interrupted() != 0) {
    result = broken(test, Error{Code::kCancelled, "interrupted"});
  } else if (!searched.ok()) {
    result = broken(test, searched.error());
  } else {
    const CampaignResult& found = *searched;
    note_isolation(world.isolation_mode(), world.isolation_why());
    const ExecutionRecord* shown = found.counterexample ? &found.counterexample->record
                                   : found.first        ? &*found.first
                                                        : nullptr;
    Result<TestResult> decoded =
        shown != nullptr ? decode_test_result(shown->result)
                         : Result<TestResult>(failed(found.broken.value_or("nothing ran")));
    result = decoded.ok() ? std::move(decoded).value() : broken(test, decoded.error());
    result.exploration = found.report;
    if (found.passing)
      if (Result<TestResult> passing = decode_test_result(found.passing->result); passing.ok())
        result.exploration->passing_events = std::move(passing->events);
    if (found.counterexample) {
      result.schedule = schedule_text(found.counterexample->schedule);
      result.replay_command = replay_command(options_, test, found.counterexample->schedule.seed,
                                             printed_schedule(test, result.schedule));
    }
    for (const std::string& difference : found.nondeterminism)
      result.diagnostics.push_back(nondeterminism(difference));
    if (!found.report.exhausted && result.result == Verdict::kPass && explore.require_exhausted)
      left_open_ = true;
  }
  std::vector<TestResult> results;
  results.push_back(std::move(result));
  finish(std::move(results), 1);
}

// Short schedules stand in the command itself, long ones in a file beside the other outputs
// (exploration.md §6).
std::string Suite::printed_schedule(const std::string& test, const std::string& text) const {
  if (text.size() <= kScheduleTextMax) return text;
  const std::string path = test + ".fbs";
  const Status written = write_file(path, text + "\n");
  return written.ok() ? "@" + path : text;
}

}  // namespace fb::cli
