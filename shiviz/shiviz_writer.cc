#include "shiviz/shiviz_writer.h"

#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <span>
#include <string>

namespace fb {

namespace {

constexpr std::string_view kParserLine = R"((?<host>\S+) (?<clock>\{.*?\}) (?<event>.*))";

using NamedClock = std::map<std::string, uint64_t>;  // sorted: the order of the clock's keys

void merge(NamedClock& into, const NamedClock& from) {
  for (const auto& [host, count] : from) {
    uint64_t& mine = into[host];
    mine = std::max(mine, count);
  }
}

// One line for ShiViz: its `.` stops at line ends, U+2028 and U+2029 included.
std::string on_one_line(std::string_view text) {
  std::string out = sanitise_utf8(one_line(text));
  for (std::string_view separator : {"\u2028", "\u2029"}) {
    for (size_t at = 0; (at = out.find(separator, at)) != std::string::npos;) {
      out.replace(at, separator.size(), " ");
    }
  }
  return out;
}

// Writes executions one after the other and carries each host's clock on from one to the next.
class LogText {
 public:
  LogText() : out_(std::string(kParserLine) + "\n\n") {}

  void execution(const TestResult& test, std::span<const Event> events,
                 const std::map<uint64_t, std::string>& tags) {
    const std::map<std::string, NamedClock> before = last_;
    for (const Event& event : events) {
      if (event.service.empty()) continue;
      NamedClock clock;
      for (const auto& [host, count] : event.clock.entries()) {
        const std::string name = test.host_name(host);
        // Whoever knows of an event of a host in this execution also knows what that host knew
        // before it, and nothing else of the past: no order between hosts is made up.
        if (auto past = before.find(name); past != before.end()) {
          merge(clock, past->second);
          clock[name] = std::max(clock[name], past->second.at(name) + count);
        } else {
          clock[name] = std::max(clock[name], count);
        }
      }
      std::string text = shiviz_text(event);
      if (auto tag = tags.find(event.seq); tag != tags.end()) text += tag->second;
      line(event.service, std::move(clock), text);
    }
  }

  void violation(const TestResult& test) {
    NamedClock clock;
    for (const auto& [host, known] : last_) merge(clock, known);
    ++clock["test"];
    line("test", std::move(clock), fmt::format("VIOLATION [{}] {}", test.name, test.reason));
  }

  std::string take() { return std::move(out_); }

 private:
  void line(const std::string& host, NamedClock clock, std::string_view text) {
    std::string members;
    for (const auto& [name, count] : clock) {
      if (!members.empty()) members += ", ";
      members += fmt::format("\"{}\": {}", name, count);
    }
    out_ += fmt::format("{} {{{}}} {}\n", host, members, on_one_line(text));
    last_[host] = std::move(clock);
  }

  std::string out_;
  std::map<std::string, NamedClock> last_;  // by host: the clock of its last line
};

// The racing pair and the critical decision of a counterexample (exploration.md §7).
std::map<uint64_t, std::string> tags_of(const TestResult& test) {
  std::map<uint64_t, std::string> tags;
  if (!test.exploration) return tags;
  for (const auto& access : test.exploration->race) {
    if (access.seq != 0) tags[access.seq] = " <race>";
  }
  if (const uint64_t seq = test.exploration->critical_seq; seq != 0) tags[seq] += " <critical>";
  return tags;
}

}  // namespace

std::string shiviz_text(const Event& event) {
  std::string text = event.event_type();
  if (const auto decision = event.field("decision"); !decision.empty()) {
    text += fmt::format(" {}", decision);
  }
  if (const auto label = event.field("label"); !label.empty()) text += fmt::format(" [{}]", label);
  if (const auto path = event.field("path"); !path.empty()) text += fmt::format(" {}", path);
  if (const auto latency = event.field("latency_ms"); !latency.empty()) {
    text += fmt::format(" (+{}ms)", latency);
  }
  if (event.type == EventType::kStepSend || event.type == EventType::kStepRecv) {
    text += fmt::format(" {}→{}", event.field("method"), event.field("target"));
  }
  return text;
}

std::string ShivizWriter::write(const SuiteResult& suite, const WriteOptions& options) const {
  LogText log;
  for (const TestResult& test : suite.tests) {
    if (!is_shown(test, options)) continue;
    log.execution(test, test.events, tags_of(test));
    if (test.result == Verdict::kFail) log.violation(test);
    if (test.exploration) log.execution(test, test.exploration->passing_events, {});
  }
  return log.take();
}

}  // namespace fb
