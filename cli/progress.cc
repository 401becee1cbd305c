#include "cli/progress.h"

#include "core/base/text.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>

namespace fb::cli {
namespace {

constexpr size_t kTestsShown = 3;

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string left_text(Duration left) {
  const auto whole = std::chrono::round<std::chrono::seconds>(left);
  return fmt::format("about {} left",
                     format_duration(std::max<Duration>(whole, std::chrono::seconds(1))));
}

std::string units_text(const ProgressFacts& facts) {
  std::string text = facts.units_total
                         ? fmt::format("{}/{} {}", facts.units, *facts.units_total, facts.unit)
                         : fmt::format("{} {}", facts.units, facts.unit);
  const double time = seconds(facts.units_time);
  if (time <= 0 || facts.units == 0) return text;
  const double rate = static_cast<double>(facts.units) / time;
  text += fmt::format(", {:.{}f}/s", rate, rate < 10 ? 1 : 0);
  std::optional<Duration> left = facts.time_left;
  if (facts.units_total && *facts.units_total > facts.units) {
    const double rest = static_cast<double>(*facts.units_total - facts.units) / rate;
    const Duration expected(static_cast<int64_t>(rest * 1e9));
    left = left ? std::min(*left, expected) : expected;
  }
  if (left) text += ", " + left_text(*left);
  return text;
}

// At most `columns` characters; what is cut ends in an ellipsis.
std::string fitted(const std::string& line, size_t columns) {
  std::string out;
  size_t characters = 0;
  for (size_t at = 0; at < line.size();) {
    const size_t length = std::max<size_t>(utf8_length(std::string_view(line).substr(at)), 1);
    if (++characters > columns) {
      // The last one makes room for the ellipsis.
      while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0) == 0x80)
        out.pop_back();
      if (!out.empty()) out.pop_back();
      return out + "…";
    }
    out += line.substr(at, length);
    at += length;
  }
  return out;
}

}  // namespace

std::string progress_line(const ProgressFacts& facts, size_t columns) {
  std::string line = fmt::format("[{}/{}]", facts.done, facts.total);
  size_t shown = 0;
  for (const auto& [test, time] : facts.running) {
    if (shown++ == kTestsShown) {
      line += fmt::format(" and {} more", facts.running.size() - kTestsShown);
      break;
    }
    line += fmt::format("{} {} {:.1f}s", shown == 1 ? "" : ",", test, seconds(time));
  }
  line += fmt::format(" · {} failed", facts.failures);
  if (!facts.unit.empty()) line += " · " + units_text(facts);
  return fitted(line, std::max<size_t>(columns, 2) - 1);
}

Progress::Progress(std::function<Duration()> elapsed, size_t columns, bool dumb)
    : on_(true),
      elapsed_(std::move(elapsed)),
      columns_(columns),
      erase_text_(dumb ? "\r" + std::string(std::max<size_t>(columns, 2) - 1, ' ') + "\r"
                       : "\r\x1b[K") {}

void Progress::tick(const std::function<ProgressFacts()>& facts) {
  if (!on_) return;
  const Duration now = elapsed_();
  if (now < kFirst || (drawn_ && now - *drawn_ < kPause)) return;
  drawn_ = now;
  visible_ = true;
  const std::string text = erase_text_ + progress_line(facts(), columns_);
  if (std::fwrite(text.data(), 1, text.size(), stderr) == text.size()) std::fflush(stderr);
}

void Progress::erase() {
  if (!std::exchange(visible_, false)) return;
  if (std::fwrite(erase_text_.data(), 1, erase_text_.size(), stderr) == erase_text_.size())
    std::fflush(stderr);
}

}  // namespace fb::cli
