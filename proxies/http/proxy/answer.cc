#include "proxies/http/proxy/answer.h"

#include "proxies/steps/text.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace fb {
namespace {

constexpr std::pair<int, std::string_view> kReasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {425, "Too Early"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {507, "Insufficient Storage"},
};

std::string_view reason(int64_t status) {
  for (const auto& [code, text] : kReasons)
    if (code == status) return text;
  return "Injected";
}

std::string body_of(const ProtocolRule& rule) {
  if (rule.action != ProtocolAction::kError) return rule.body.value_or("");
  if (!rule.message) return "";
  const nlohmann::json text(*rule.message);
  return fmt::format("{{\"error\": {}}}",
                     text.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

// The lines of a head, without their ends; the start line first, the empty line left out.
std::vector<std::string_view> lines_of(std::string_view head) {
  std::vector<std::string_view> lines;
  while (!head.empty()) {
    const size_t end = head.find('\n');
    std::string_view line = head.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.push_back(line);
    if (end == std::string_view::npos) break;
    head = head.substr(end + 1);
  }
  return lines;
}

bool names(std::string_view line, std::string_view field) {
  const size_t colon = line.find(':');
  return colon != std::string_view::npos &&
         lower_ascii(line.substr(0, colon)) == lower_ascii(field);
}

}  // namespace

std::string http_answer(const ProtocolRule& rule, const HttpRequestHead& request, bool closing) {
  const int64_t status = rule.status.value_or(500);
  const std::string body = body_of(rule);
  const bool bodiless = status < 200 || status == 204 || status == 304;
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", status, reason(status));
  bool typed = false;
  for (const auto& [name, value] : rule.headers) {
    const std::string lower = lower_ascii(name);
    typed |= lower == "content-type";
    // The framing is ours: a wrong length would break the connection for all that follows.
    if (!value || lower == "content-length" || lower == "transfer-encoding") continue;
    out += fmt::format("{}: {}\r\n", name, *value);
  }
  if (!typed && !bodiless) out += "Content-Type: application/json\r\n";
  if (!bodiless) out += fmt::format("Content-Length: {}\r\n", body.size());
  if (closing) out += "Connection: close\r\n";
  out += "\r\n";
  if (!bodiless && request.method != "HEAD") out += body;
  return out;
}

std::string http_rewritten_head(std::string_view head, const ProtocolRule& rule) {
  std::string out;
  for (std::string_view line : lines_of(head)) {
    const bool replaced =
        !out.empty() && std::any_of(rule.headers.begin(), rule.headers.end(),
                                    [&](const auto& header) { return names(line, header.first); });
    if (!replaced) out += fmt::format("{}\r\n", line);
  }
  for (const auto& [name, value] : rule.headers)
    if (value) out += fmt::format("{}: {}\r\n", name, *value);
  return out + "\r\n";
}

namespace {

std::string with_connection(std::string_view head, std::string_view value) {
  std::string out;
  for (std::string_view line : lines_of(head))
    if (out.empty() || !names(line, "connection")) out += fmt::format("{}\r\n", line);
  return out + fmt::format("Connection: {}\r\n\r\n", value);
}

}  // namespace

std::string http_kept_alive_head(std::string_view head) {
  return with_connection(head, "keep-alive");
}

std::string http_closing_head(std::string_view head) {
  return with_connection(head, "close");
}

}  // namespace fb
