#include "cli/call_log.h"

#include <fmt/format.h>

namespace fb::cli {

Log::Fields call_fields(const Event& event) {
  Log::Fields fields;
  for (const char* name : {"decision", "path", "dest", "latency_ms", "label", "op", "pid"})
    if (event.has(name)) fields.emplace_back(name, event.field(name));
  return fields;
}

std::string decision_reason(const Event& event) {
  if (event.has("rule")) {
    // BRANCH|TEXT|ORDINAL of spec §14
    std::string_view text = event.field("rule");
    text = text.substr(std::min(text.find('|') + 1, text.size()));
    return fmt::format("rule {} fired", text.substr(0, text.rfind('|')));
  }
  const std::string_view decision = event.field("decision");
  if (decision == "allow (system path)") return "system paths are left alone";
  if (decision == "trace") return "observed by a trace scope";
  if (decision.ends_with("(released)")) return "released";
  if (decision.starts_with("allow")) return "no rule fired";
  return "partition";
}

void debug_call(const Log& log, const Event& event) {
  Log::Fields fields = call_fields(event);
  fields.emplace_back("why", decision_reason(event));
  log.debug(fmt::format("#{} {} {}", event.seq, event.service, event.field("syscall")), fields);
}

}  // namespace fb::cli
