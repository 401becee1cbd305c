// Events as JSON text without a tree in between, which is what a log of millions needs. The text is
// the one of json_of(event, test).
#pragma once
#include "core/run/test_result.h"

#include <string>
#include <string_view>
#include <vector>

namespace fb {

class EventJson {
 public:
  // `test` outlives it and does not change.
  explicit EventJson(const TestResult& test);

  // Appends the object as it stands at that depth (the first line is not indented).
  void append(const Event& event, std::string& out, int depth);

 private:
  struct Host {
    HostIndex index;
    std::string quoted;
  };
  void append_time(const Event& event, std::string& out);
  void append_clock(const VectorClock& clock, std::string& out, int depth) const;
  bool is_usual(const VectorClock& clock) const;

  const TestResult& test_;
  std::vector<Host> hosts_;  // sorted by name
  bool names_are_unique_ = true;
  // The calendar's part of the last time stamp.
  int64_t second_ = -1;
  std::string second_text_;
};

// A JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace fb
