#include "cli/check_report.h"

#include "shiviz/human_text.h"
#include "shiviz/json_values.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb::cli {
namespace {

constexpr int kSchemaVersion = 2;

std::string_view level_colour(Diagnostic::Level level) {
  return level == Diagnostic::Level::kError ? kRed : kYellow;
}

// The position stands before the level; a message that begins with it says it twice.
std::string_view without_position(const Diagnostic& finding) {
  std::string_view message = finding.message;
  if (!finding.position.empty() && message.starts_with(finding.position + ": "))
    message.remove_prefix(finding.position.size() + 2);
  return message;
}

}  // namespace

std::string check_text(const CheckReport& report, Colour colour) {
  std::string text;
  for (const Diagnostic& finding : report.diagnostics) {
    const std::string level(level_name(finding.level));
    const std::string first =
        fmt::format("{}: {} {}: ", finding.position.empty() ? report.file : finding.position,
                    finding.level == Diagnostic::Level::kInfo
                        ? level
                        : paint(level, level_colour(finding.level), colour),
                    finding.code);
    text += paragraph(first, without_position(finding), 2);
    if (!finding.suggestion.empty()) text += paragraph("  hint: ", finding.suggestion, 4);
  }
  return text;
}

std::string check_json(const CheckReport& report) {
  Json diagnostics = Json::array(), services = Json::array();
  bool ok = true;
  for (const Diagnostic& finding : report.diagnostics) {
    ok &= finding.level != Diagnostic::Level::kError;
    diagnostics.push_back(json_of(finding));
  }
  for (const ServiceSpec& service : report.services) {
    Json json;
    json["name"] = service.name;
    json["recorded"] = Json::array();
    for (SyscallId call : service.recorded.list()) json["recorded"].push_back(row_of(call).name);
    services.push_back(std::move(json));
  }
  Json document;
  document["version"] = kSchemaVersion;
  document["file"] = report.file;
  document["ok"] = ok;
  document["diagnostics"] = std::move(diagnostics);
  document["tests"] = report.tests;
  document["services"] = std::move(services);
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace fb::cli
