// The last lines a service printed, for crash reports.
#pragma once
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace fb {

class OutputTail {
 public:
  static constexpr size_t kLines = 20;
  static constexpr size_t kLineBytes = 64 * 1024;  // longer lines are cut

  void add(std::string_view bytes) {
    for (char c : bytes) {
      if (c == '\n') {
        lines_.push_back(std::move(open_line_));
        open_line_.clear();
        if (lines_.size() > kLines) lines_.pop_front();
      } else if (open_line_.size() < kLineBytes) {
        open_line_ += c;
      }
    }
  }
  // The last kLines lines, each ended by '\n'.
  std::string text() const {
    std::string out;
    const size_t whole = open_line_.empty() ? kLines : kLines - 1;
    const size_t first = lines_.size() > whole ? lines_.size() - whole : 0;
    for (size_t i = first; i < lines_.size(); ++i) out += lines_[i] + "\n";
    if (!open_line_.empty()) out += open_line_ + "\n";
    return out;
  }

 private:
  std::deque<std::string> lines_;
  std::string open_line_;
};

}  // namespace fb
