#include "cli/plain_runs.h"

#include <algorithm>

namespace fb::cli {

void PlainRuns::run(const std::vector<std::string>& tests) {
  for (const std::string& name : tests) {
    Test test;
    test.name = name;
    test.wanted = options_.runs;
    tests_.push_back(std::move(test));
  }
  while (true) {
    while (running_.size() < static_cast<size_t>(pool_.size()) && begin_next()) continue;
    if (running_.empty()) break;
    take(pool_.await_any());
    report();
  }
}

bool PlainRuns::begin_next() {
  if (pool_.interrupted() != 0) return false;
  for (size_t i = reported_; i < tests_.size(); ++i) {
    Test& test = tests_[i];
    if (test.begun >= test.wanted) continue;
    if (test.begun == 0 && options_.started) options_.started(test.name);
    const Ticket ticket{i, test.begun++};
    ++test.running;
    running_.emplace(next_ticket_, ticket);
    pool_.start(next_ticket_++, options_.request(test.name, ticket.run));
    return true;
  }
  return false;
}

void PlainRuns::take(WorkerPool::Finished&& finished) {
  const auto found = running_.find(finished.ticket);
  const Ticket ticket = found->second;
  running_.erase(found);
  Test& test = tests_[ticket.test];
  --test.running;
  if (finished.reply.ok()) test.lines[ticket.run] = std::move(finished.reply->lines);
  TestResult result = options_.result(test.name, ticket.run, std::move(finished));
  if (result.result != Verdict::kPass) test.wanted = std::min(test.wanted, ticket.run + 1);
  test.results.emplace(ticket.run, std::move(result));
  if (test.done() && options_.ended) options_.ended(test.name);
}

// The tests that are done, from the first on; after an interrupt those that were begun.
void PlainRuns::report() {
  const bool over = pool_.interrupted() != 0;
  while (reported_ < tests_.size()) {
    Test& test = tests_[reported_];
    if (over && test.begun == 0) return;
    if (over ? test.running > 0 : !test.done()) return;
    std::vector<TestResult> results;
    std::vector<TextPiece> lines;
    for (auto& [run, result] : test.results) {
      // Runs beyond the first failure were begun before it was known.
      if (run >= test.wanted) break;
      results.push_back(std::move(result));
      for (TextPiece& piece : test.lines[run]) lines.push_back(std::move(piece));
    }
    test.results.clear();
    test.lines.clear();
    ++reported_;
    options_.finished(std::move(results), std::move(lines));
  }
}

}  // namespace fb::cli
