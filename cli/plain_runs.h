// Tests that are run, not explored: every test as often as asked, side by side as far as the pool
// goes, and reported as if one had followed the other. The order of reports, the seeds and the
// results do not depend on the size of the pool.
#pragma once
#include "cli/worker_pool.h"
#include "core/run/test_result.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace fb::cli {

class PlainRuns {
 public:
  struct Options {
    uint64_t runs = 1;  // of each test; it stops at its first failure
    std::function<ExecutionRequest(const std::string& test, uint64_t run)> request;
    // A finished run as its result.
    std::function<TestResult(const std::string& test, uint64_t run,
                             WorkerPool::Finished&& finished)>
        result;
    // The runs of a test, all of them or up to the first that did not pass, and what was collected
    // of their output: in order of the tests.
    std::function<void(std::vector<TestResult> runs, std::vector<TextPiece> lines)> finished;
    std::function<void(const std::string& test)> started, ended;  // for progress
  };
  PlainRuns(WorkerPool& pool, Options options) : pool_(pool), options_(std::move(options)) {}

  // Until all are done, or the user interrupts: then what runs is cancelled and no more is begun.
  void run(const std::vector<std::string>& tests);

 private:
  struct Test {
    std::string name;
    uint64_t begun = 0;
    size_t running = 0;
    std::map<uint64_t, TestResult> results;  // by run
    std::map<uint64_t, std::vector<TextPiece>> lines;
    uint64_t wanted = 0;  // runs up to the first that did not pass
    bool done() const { return running == 0 && begun >= wanted; }
  };
  struct Ticket {
    size_t test = 0;
    uint64_t run = 0;
  };

  bool begin_next();
  void take(WorkerPool::Finished&& finished);
  void report();

  WorkerPool& pool_;
  Options options_;
  std::vector<Test> tests_;
  std::map<uint64_t, Ticket> running_;
  uint64_t next_ticket_ = 0;
  size_t reported_ = 0;
};

}  // namespace fb::cli
