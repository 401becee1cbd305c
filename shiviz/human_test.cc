#include "shiviz/human_test.h"

#include "core/base/text.h"
#include "core/trace/event_filter.h"
#include "shiviz/human_exploration.h"
#include "shiviz/human_text.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb {

namespace {

std::string header(const TestResult& test, Colour colour) {
  std::string facts = exploration_header(test);
  if (facts.empty()) facts = fmt::format("{}ms, seed={}", test.duration_ms, test.seed);
  return fmt::format("\n--- {}: {} ({}) ---\n", verdict_mark(test.result, colour),
                     printable_line(test.name), facts);
}

std::string failure_lines(const TestResult& test) {
  std::string out;
  if (!test.reason.empty()) out += paragraph("  reason: ", test.reason, 4);
  if (test.error_detail) {
    const ErrorDetail& detail = *test.error_detail;
    if (!detail.position.empty()) out += paragraph("  at: ", detail.position, 4);
    for (const std::string& caller : detail.backtrace) out += paragraph("    ", caller, 6);
    for (const std::string& also : detail.also) out += paragraph("  also: ", also, 4);
  }
  if (test.exploration) out += counterexample_lines(*test.exploration);
  if (!test.replay_command.empty()) {
    out += "  replay: " + printable_line(test.replay_command);
    if (test.exploration && !test.exploration->replayed.empty()) {
      out += fmt::format("   (replayed {})", printable_line(test.exploration->replayed));
    }
    out += "\n";
  }
  return out;
}

std::string_view decision_colour(std::string_view decision) {
  return decision.starts_with("deny(") || decision.starts_with("drop(") ? kRed : kYellow;
}

// `#50  db           write            deny(no space left on device)  [wal]  /tmp/db.wal`
std::string trace_line(const Event& event, Colour colour) {
  const std::string decision = printable_line(event.field("decision"));
  std::string call(event.field("syscall"));
  if (event.has("op")) call = fmt::format("{}({})", event.field("op"), call);
  std::string line = fmt::format(
      "    #{}  {} {} {}", event.seq, padded(printable_line(event.service), 12),
      padded(printable_line(call), 16), paint(decision, decision_colour(decision), colour));
  if (const auto label = event.field("label"); !label.empty()) {
    line += fmt::format("  [{}]", printable_line(label));
  }
  if (const auto path = event.field("path"); !path.empty()) line += "  " + printable_line(path);
  if (const auto latency = event.field("latency_ms"); !latency.empty()) {
    line += fmt::format("  (+{}ms)", printable_line(latency));
  }
  return line + "\n";
}

std::string trace_lines(const TestResult& test, Colour colour) {
  size_t calls = 0;
  std::string lines;
  for (const Event& event : test.events) {
    if (event.type != EventType::kSyscall) continue;
    ++calls;
    // allow, allow (system path), allow (released): what the service saw is as without a rule.
    if (!event.field("decision").starts_with("allow")) lines += trace_line(event, colour);
  }
  if (lines.empty()) return {};
  return fmt::format("  syscall trace ({} events):\n{}", calls, lines);
}

std::string hits_text(uint64_t hits) {
  return hits > 0 ? fmt::format(" ({} hits)", hits) : "";
}

// `error(method=POST, path=/orders*) source=test label="busy"`
std::string protocol_rule(const ProtocolFaultReport& fault) {
  std::string match;
  for (const auto& [key, value] : fault.match) {
    match += fmt::format("{}{}={}", match.empty() ? "" : ", ", key, value);
  }
  std::string out = fmt::format("{}({})", fault.action, match);
  if (!fault.source.empty()) out += " source=" + fault.source;
  if (!fault.label.empty()) out += " label=" + quote(fault.label);
  return out;
}

std::string rule_lines(const TestResult& test) {
  std::string out;
  const auto add = [&](const std::string& line) { out += "  " + printable_line(line) + "\n"; };
  for (const FaultReport& fault : test.faults) {
    add(fmt::format("fault rule on {}: {}={}{}", fault.service, fault.syscall, fault.applied,
                    hits_text(fault.hits)));
  }
  for (const ProtocolFaultReport& fault : test.protocol_faults) {
    add(fmt::format("fault rule on {}.{}: {}{}", fault.service, fault.interface,
                    protocol_rule(fault), hits_text(fault.hits)));
  }
  // Observation scopes are in the log only; the calls they saw have the decision `trace`.
  for (const Event& event : test.events) {
    if (event.type != EventType::kTraceApplied) continue;
    for (const auto& [key, text] : event.fields) {
      add(fmt::format("trace rule on {}: {}={}", event.service, key, text));
    }
  }
  return out;
}

// `db 46 total, 2 faulted  [fsync:4 write:42]`
std::string summary_lines(const TestResult& test) {
  std::string out;
  for (const auto& [service, counts] : test.syscall_summary) {
    std::string calls;
    for (const auto& [call, count] : counts.breakdown) {
      calls += fmt::format("{}{}:{}", calls.empty() ? "" : " ", call, count);
    }
    out += printable_line(fmt::format("  {} {} total, {} faulted  [{}]", service, counts.total,
                                      counts.faulted, calls)) +
           "\n";
  }
  return out;
}

}  // namespace

std::string verdict_mark(Verdict verdict, Colour colour) {
  switch (verdict) {
    case Verdict::kPass:
      return paint("PASS", kGreen, colour);
    case Verdict::kFail:
      return paint("FAIL", kRed, colour);
    case Verdict::kCancelled:
      break;
  }
  return paint("CANCELLED", kYellow, colour);
}

std::string closest_event_lines(const TestResult& test) {
  if (!test.error_detail || test.error_detail->closest.empty()) return {};
  std::string out = "  closest events:\n";
  for (const ClosestEvent& near : test.error_detail->closest) {
    const Event* event = test.event_of(near.seq);
    out +=
        fmt::format("    {} but {}\n",
                    event ? printable_line(describe_event(*event)) : fmt::format("#{}", near.seq),
                    printable_line(near.failed));
  }
  return out;
}

std::string diagnostic_lines(const std::vector<Diagnostic>& diagnostics, Colour colour) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    const std::string_view code = diagnostic.level == Diagnostic::Level::kError ? kRed : kYellow;
    const std::string_view level = level_name(diagnostic.level);
    out += paragraph(
        fmt::format("  {} {}: ",
                    diagnostic.level == Diagnostic::Level::kInfo ? std::string(level)
                                                                 : paint(level, code, colour),
                    printable_line(diagnostic.code)),
        diagnostic.message, 4);
    if (!diagnostic.position.empty()) out += paragraph("    at: ", diagnostic.position, 6);
    if (!diagnostic.suggestion.empty()) out += paragraph("    hint: ", diagnostic.suggestion, 6);
  }
  return out;
}

std::string human_test(const TestResult& test, Colour colour) {
  const bool failed = test.result == Verdict::kFail;
  std::string out = header(test, colour);
  if (failed) out += failure_lines(test);
  if (test.exploration) out += coverage_lines(*test.exploration);
  for (const auto& [service, added] : test.restarts) {
    out += paragraph("  restarted once: ", fmt::format("{} records {} too", service, added), 4);
  }
  if (failed) out += closest_event_lines(test);
  out += trace_lines(test, colour);
  out += rule_lines(test);
  if (failed) out += summary_lines(test);
  out += diagnostic_lines(test.diagnostics, colour);
  return out;
}

}  // namespace fb
