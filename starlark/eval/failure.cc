#include "starlark/eval/failure.h"

#include <fmt/format.h>

namespace fb::starlark {

std::string Failure::message() const {
  if (!diagnostics.empty()) {
    std::string lines;
    for (const Diagnostic& diagnostic : diagnostics) {
      if (!lines.empty()) lines += '\n';
      lines += Location{file, diagnostic.position}.str() + ": " + diagnostic.message;
    }
    return lines;
  }
  if (builtin.empty() || bare) return text;
  return builtin + ": " + text;
}

std::string Failure::backtrace() const {
  if (kind != FailureClass::kEvaluation) return message();
  std::string out = "Traceback (most recent call last):\n";
  for (const CallFrame& frame : stack) {
    out += fmt::format("  {}: in {}\n", frame.location.str(), frame.function);
  }
  out += builtin.empty() ? "Error: " : fmt::format("Error in {}: ", builtin);
  return out + message();
}

std::optional<Location> Failure::where() const {
  if (!diagnostics.empty()) return Location{file, diagnostics.front().position};
  for (auto frame = stack.rbegin(); frame != stack.rend(); ++frame) {
    if (!frame->builtin) return frame->location;
  }
  return std::nullopt;
}

std::string Failure::report() const {
  if (kind != FailureClass::kEvaluation) return message();
  const auto place = where();
  std::string out = place ? place->str() + ": " : "";
  out += builtin.empty() || bare ? text : fmt::format("{}(): {}", builtin, text);
  bool innermost = true;
  for (auto frame = stack.rbegin(); frame != stack.rend(); ++frame) {
    if (frame->builtin) continue;
    // The first line has the innermost position; it says nothing of the function around it unless
    // that is one.
    if (innermost) {
      innermost = false;
      continue;
    }
    out += fmt::format("\n  {} in {}", frame->location.str(), frame->function);
  }
  return out;
}

}  // namespace fb::starlark
