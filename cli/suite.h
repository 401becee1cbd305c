// Runs the chosen tests of a spec through worker processes, explores where asked, and gathers the
// result of the whole.
#pragma once
#include "cli/progress.h"
#include "cli/test_options.h"
#include "cli/worker_pool.h"
#include "core/run/redaction.h"
#include "core/run/test_result.h"
#include "interpose/sys/stopwatch.h"

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace fb::cli {

class Suite {
 public:
  // `report` hears of the finished runs of each test, in order.
  using Report = std::function<void(std::span<const TestResult> runs, uint64_t runs_total)>;
  // `secrets`: what neither the report nor the result shows.
  Suite(const TestOptions& options, WorkerPool& pool, Redaction secrets, Report report);

  // Shown while the tests run, and erased before `report`. Outlives the suite.
  void set_progress(Progress& progress) { progress_ = &progress; }
  // Not empty: why tests run one at a time although more was asked for.
  void set_serial_why(std::string why) { serial_why_ = std::move(why); }

  // `whole`: these are all tests of the spec.
  SuiteResult run(const std::vector<std::string>& tests, bool whole);
  // --require-exhausted was given and a search ended early without a failure.
  bool left_open() const { return left_open_; }

 private:
  void run_plain(const std::vector<std::string>& tests);
  TestResult plain_result(const std::string& test, uint64_t run, WorkerPool::Finished&& finished);
  void explore(const std::string& test);
  void replay(const std::string& test);
  std::string printed_schedule(const std::string& test, const std::string& text) const;
  void finish(std::vector<TestResult> results, uint64_t runs, std::vector<TextPiece> lines = {});
  ProgressFacts progress_facts() const;
  void started(const std::string& test);
  void ended(const std::string& test);
  ExecutionRequest request_for(const std::string& test) const;
  TestResult broken(const std::string& test, const Error& error) const;
  void note_isolation(const std::string& mode, const std::string& why);

  const TestOptions& options_;
  WorkerPool& pool_;
  Redaction secrets_;
  Report report_;
  SuiteResult suite_;
  bool left_open_ = false;
  Progress* progress_ = nullptr;
  std::string serial_why_;
  Stopwatch watch_;
  std::map<std::string, Duration> running_;  // since when, by test
  size_t total_ = 0, ended_ = 0;
  uint64_t failures_ = 0;
  uint64_t executions_before_ = 0;  // of the tests that ended
};

}  // namespace fb::cli
