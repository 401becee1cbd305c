// The one line on a terminal that tells how far the tests are (cli.md §1.3): from half a second on,
// at most ten times a second, gone before anything else is written.
//
//   [3/12] test_put 1.2s, test_get 0.4s · 1 failed · 40/1000 runs, 12/s, about 1m20s left
#pragma once
#include "core/base/time.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace fb::cli {

struct ProgressFacts {
  size_t done = 0, total = 0;               // tests
  std::map<std::string, Duration> running;  // since when, by test
  uint64_t failures = 0;                    // so far
  std::string unit;                         // "runs", "executions"; empty: one per test
  uint64_t units = 0;                       // of the tests that run now, done
  std::optional<uint64_t> units_total;      // known only where there is a bound
  Duration units_time{};                    // they took so far
  std::optional<Duration> time_left;        // a budget of time
};

// Without a line end; no longer than `columns` - 1 characters.
std::string progress_line(const ProgressFacts& facts, size_t columns);

class Progress {
 public:
  static constexpr Duration kFirst = std::chrono::milliseconds(500);
  static constexpr Duration kPause = std::chrono::milliseconds(100);

  // Off: nothing is ever written.
  static Progress off() { return Progress(); }
  // `elapsed`: since the start of the run. `dumb`: the terminal has no erase sequence.
  Progress(std::function<Duration()> elapsed, size_t columns, bool dumb);

  bool on() const { return on_; }
  // What makes way for a line: erases the progress line if it stands there.
  const std::string& erase_text() const { return erase_text_; }

  // Draws if it is time.
  void tick(const std::function<ProgressFacts()>& facts);
  // Call before anything else is written to the terminal.
  void erase();

 private:
  Progress() = default;

  bool on_ = false;
  std::function<Duration()> elapsed_;
  size_t columns_ = 80;
  std::string erase_text_;
  std::optional<Duration> drawn_;
  bool visible_ = false;
};

}  // namespace fb::cli
