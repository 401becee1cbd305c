#include "cli/run_report.h"

#include "cli/version.h"
#include "shiviz/human_text.h"
#include "shiviz/json_values.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb::cli {
namespace {

constexpr int kSchemaVersion = 2;

std::string calls_text(const FaultReport& rule) {
  if (rule.matched == 0) return "no call matched";
  return fmt::format("{} {} matched", rule.matched, rule.matched == 1 ? "call" : "calls");
}

}  // namespace

void summarise(const ProgramEnd& end, const RunOptions& options, const Log& log) {
  if (options.rules.empty()) return;
  uint64_t hits = 0;
  for (const FaultReport& rule : end.result.faults) hits += rule.hits;
  if (log.format() == LogFormat::kJson) {
    for (const FaultReport& rule : end.result.faults)
      log.info("rule", {{"rule", rule.label},
                        {"hits", std::to_string(rule.hits)},
                        {"matched", std::to_string(rule.matched)}});
    for (const Diagnostic& d : end.result.diagnostics)
      log.warn(d.message, {{"code", d.code}, {"hint", d.suggestion}});
    return;
  }
  std::string text = fmt::format("faultbox: {} {}, {} {}", end.result.faults.size(),
                                 end.result.faults.size() == 1 ? "rule" : "rules", hits,
                                 hits == 1 ? "hit" : "hits");
  for (const FaultReport& rule : end.result.faults)
    text += fmt::format("\n  {}  {} {} ({})", rule.label, rule.hits,
                        rule.hits == 1 ? "hit" : "hits", calls_text(rule));
  for (const Diagnostic& d : end.result.diagnostics) {
    text += fmt::format("\n  {} {}: {}", level_name(d.level), d.code, d.message);
    if (!d.suggestion.empty()) text += fmt::format("\n    hint: {}", d.suggestion);
  }
  log.block(text);
}

std::string run_document(const ProgramEnd& end, const RunOptions& options) {
  const TestResult& result = end.result;
  const auto list_of = [](const auto& values) {
    Json list = Json::array();
    for (const auto& value : values) list.push_back(json_of(value));
    return list;
  };
  Json tool, isolation;
  tool["name"] = "faultbox";
  tool["version"] = kVersion;
  isolation["mode"] = end.isolation_mode;
  isolation["why"] = end.isolation_why;
  std::string out;
  JsonObjectText object(out, 0);
  object.member("version", kSchemaVersion);
  object.member("tool", tool);
  object.member("program", options.program);
  object.member("args", options.args);
  object.member("seed", options.seed);
  object.member("isolation", isolation);
  object.member(end.exit.signalled ? "signal" : "exit_code", end.exit.code);
  object.member("duration_ms", result.duration_ms);
  object.member("faults", list_of(result.faults));
  object.member("syscall_summary", json_of(result.syscall_summary));
  object.member("diagnostics", list_of(result.diagnostics));
  object.array("events", result.events, [&](const Event& event, std::string& text, int at) {
    append_json(text, json_of(event, result), at);
  });
  object.close();
  return out + "\n";
}

}  // namespace fb::cli
