#include "cli/log.h"

#include "core/base/text.h"
#include "shiviz/human_text.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace fb::cli {
namespace {

// A value that reads as one word needs no quotes.
std::string value_text(const std::string& value) {
  const bool plain = std::all_of(value.begin(), value.end(), [](char c) {
    return c > ' ' && c != '"' && c != '\\' && c != '=' && c < 0x7f;
  });
  return plain ? value : quote(value);
}

}  // namespace

// One write, so that lines of several processes do not mix. Whoever no longer reads is no reason
// to fail.
void Log::put_on_stderr(std::string_view lines) {
  std::fflush(stdout);
  if (std::fwrite(lines.data(), 1, lines.size(), stderr) == lines.size()) std::fflush(stderr);
}

void Log::line(std::string_view level, std::string_view message, const Fields& fields) const {
  if (format_ == LogFormat::kJson) {
    nlohmann::ordered_json json;
    json["level"] = level;
    json["msg"] = secrets_.text(message);
    for (const auto& [name, value] : fields)
      if (!value.empty()) json[name] = secrets_.text(value);
    put_(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    return;
  }
  std::string text = "faultbox: ";
  if (level == "warning") text += "warning: ";
  text += message;
  for (const auto& [name, value] : fields)
    if (!value.empty()) text += fmt::format(" {}={}", name, value_text(value));
  put_(printable(secrets_.text(text)) + "\n");
}

void Log::info(std::string_view message, const Fields& fields) const {
  line("info", message, fields);
}
void Log::warn(std::string_view message, const Fields& fields) const {
  line("warning", message, fields);
}
void Log::debug(std::string_view message, const Fields& fields) const {
  line("debug", message, fields);
}

void Log::block(std::string_view text) const {
  if (format_ == LogFormat::kJson) return line("info", text, {});
  put_(printable(secrets_.text(text)) + "\n");
}

}  // namespace fb::cli
