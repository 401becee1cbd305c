#include "core/run/redaction.h"

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <re2/re2.h>

namespace fb {
namespace {

constexpr std::string_view kHidden = "***";
constexpr size_t kShort = 8;  // characters; shorter values are hidden only where they are named

constexpr std::array<std::string_view, 9> kSecretEndings = {
    "AUTH", "CREDENTIALS", "KEY", "PASS", "PASSWD", "PASSWORD", "PWD", "SECRET", "TOKEN"};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

void replace_all(std::string& text, std::string_view what) {
  for (size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + kHidden.size()))
    text.replace(at, what.size(), kHidden);
}

// A form in which credentials are written, whatever their value. The first group stays, the second
// is hidden.
struct Form {
  std::string_view needs;  // some character or word without which the form cannot be there
  re2::RE2 pattern;
  std::string rewrite;
};

const std::vector<std::unique_ptr<Form>>& forms() {
  static const std::vector<std::unique_ptr<Form>> all = [] {
    std::vector<std::unique_ptr<Form>> made;
    const auto add = [&](std::string_view needs, const char* pattern, std::string rewrite) {
      made.push_back(std::unique_ptr<Form>(new Form{needs, re2::RE2(pattern), std::move(rewrite)}));
    };
    // postgres://user:PASSWORD@host
    add("://", R"(([A-Za-z][A-Za-z0-9+.-]*://[^\s:/?#@"'<>]*:)[^\s/?#"'<>]*@)", R"(\1***@)");
    // user:PASSWORD@tcp(host)
    add("@", R"(([A-Za-z0-9_.-]+:)[^\s"'@]*(@(?:tcp|unix)\())", R"(\1***\2)");
    // host=db password=PASSWORD, ?password=PASSWORD
    add("=", R"((?i)(\b(?:password|passwd|pwd)\s*=\s*)(?:'(?:[^'\\]|\\.)*'|[^\s;&"',]+))",
        R"(\1***)");
    // Authorization: Bearer X; "cookie": "X"
    add("", R"re((?i)(\b(?:authorization|set-cookie|cookie)\\?["']?\s*[:=]\s*\\?")[^"\\\r\n]+)re",
        R"(\1***)");
    add("", R"re((?i)(\b(?:authorization|set-cookie|cookie)'?\s*[:=]\s*')[^'\r\n]+)re", R"(\1***)");
    add("", R"re((?i)(\b(?:authorization|set-cookie|cookie)\s*[:=]\s*)[^\s"'\\*][^"'\\\r\n]*)re",
        R"(\1***)");
    return made;
  }();
  return all;
}

// The password that a value of the environment carries as part of a URL or connection string.
std::optional<std::string> password_in(std::string_view value) {
  static const re2::RE2 url(R"([A-Za-z][A-Za-z0-9+.-]*://[^\s:/?#@"'<>]*:([^\s/?#"'<>]*)@)");
  static const re2::RE2 dsn(R"([A-Za-z0-9_.-]+:([^\s"'@]*)@(?:tcp|unix)\()");
  static const re2::RE2 pair(R"((?i)\b(?:password|passwd|pwd)\s*=\s*'?([^\s;&"',]+))");
  std::string password;
  const re2::StringPiece text(value.data(), value.size());
  for (const re2::RE2* form : {&url, &dsn, &pair})
    if (re2::RE2::PartialMatch(text, *form, &password)) return password;
  return std::nullopt;
}

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// As it stands inside a JSON string.
std::string json_escaped(const std::string& text) {
  const std::string quoted =
      nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// `NAME=value`, `NAME: "value"`, `"NAME": "value"`: the value, where it stands alone.
void hide_beside(std::string& text, const std::string& name, const std::string& value) {
  for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
    const bool begins = at == 0 || !is_word(text[at - 1]);
    at += name.size();
    if (!begins) continue;
    const size_t from = text.find_first_not_of("\"'\\:= \t", at);
    if (from == std::string::npos || from == at || from - at > 8) continue;
    if (text.compare(from, value.size(), value) != 0) continue;
    const size_t end = from + value.size();
    if (end < text.size() && is_word(text[end]) && is_word(value.back())) continue;
    text.replace(from, value.size(), kHidden);
    at = from + kHidden.size();
  }
}

bool is_credential_header(std::string_view name) {
  const std::string shown = upper(name);
  return shown == "AUTHORIZATION" || shown == "COOKIE" || shown == "SET-COOKIE";
}

}  // namespace

bool names_secret(std::string_view variable) {
  const std::string name = upper(variable);
  if (name == "PWD" || name == "OLDPWD") return false;
  return std::any_of(kSecretEndings.begin(), kSecretEndings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

Redaction Redaction::of(std::span<const Environment> environments,
                        std::span<const std::string> strings) {
  Redaction redaction;
  redaction.enabled_ = true;
  for (const Environment& environment : environments) {
    for (const auto& [name, value] : environment) {
      if (names_secret(name) && !value.empty()) {
        if (value.size() < kShort)
          redaction.short_.emplace_back(name, value);
        else
          redaction.add_secret(value);
      }
      if (const auto password = password_in(value)) {
        redaction.add_secret(*password);
        redaction.add_secret(percent_decoded(*password));
      }
    }
  }
  // What the spec names is hidden wherever it is, however short.
  for (const std::string& text : strings)
    if (!text.empty()) redaction.values_.push_back(text);
  auto& values = redaction.values_;
  std::sort(values.begin(), values.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return redaction;
}

void Redaction::add_secret(std::string_view value) {
  if (value.size() < kShort) return;
  values_.emplace_back(value);
  std::string escaped = json_escaped(values_.back());
  if (escaped != values_.back()) values_.push_back(std::move(escaped));
  // A key in several lines is printed line by line.
  for (size_t start = 0; value.find('\n') != std::string_view::npos && start < value.size();) {
    const size_t end = std::min(value.find('\n', start), value.size());
    if (end - start >= kShort) values_.emplace_back(value.substr(start, end - start));
    start = end + 1;
  }
}

std::string Redaction::text(std::string_view shown) const {
  std::string out(shown);
  if (!enabled_) return out;
  for (const std::string& value : values_) replace_all(out, value);
  for (const auto& [name, value] : short_) hide_beside(out, name, value);
  for (const auto& form : forms())
    if (out.find(form->needs) != std::string::npos)
      re2::RE2::GlobalReplace(&out, form->pattern, form->rewrite);
  return out;
}

void Redaction::apply(std::vector<std::string>& shown) const {
  for (std::string& one : shown) apply(one);
}

void Redaction::apply(std::vector<Event>& events) const {
  for (Event& event : events) {
    FieldList shown;
    for (const auto& [name, value] : event.fields) {
      const bool whole = is_credential_header(name) ||
                         std::any_of(short_.begin(), short_.end(), [&](const auto& secret) {
                           return secret.first == name && secret.second == value;
                         });
      std::string text(whole ? std::string_view(kHidden) : value);
      if (!whole) apply(text);
      shown.add(name, text);
    }
    if (shown != event.fields) event.fields = std::move(shown);
  }
}

void Redaction::apply(Diagnostic& diagnostic) const {
  apply(diagnostic.message);
  apply(diagnostic.suggestion);
}

void Redaction::apply(ExplorationReport& report) const {
  for (auto& outcome : report.outcomes) apply(outcome.key);
  for (auto& access : report.race) {
    apply(access.object);
    apply(access.value);
    apply(access.remark);
  }
  apply(report.critical_decision);
  apply(report.first_difference);
  apply(report.passing_events);
}

void Redaction::apply(TestResult& result) const {
  if (!enabled_) return;
  apply(result.reason);
  apply(result.replay_command);
  if (result.error_detail) {
    ErrorDetail& detail = *result.error_detail;
    apply(detail.message);
    apply(detail.backtrace);
    apply(detail.also);
    for (ClosestEvent& closest : detail.closest) apply(closest.failed);
  }
  for (FaultReport& fault : result.faults) {
    for (std::string* shown :
         {&fault.label, &fault.path, &fault.destination, &fault.rule, &fault.applied})
      apply(*shown);
  }
  for (ProtocolFaultReport& fault : result.protocol_faults) {
    for (auto& [key, value] : fault.match) apply(value);
    apply(fault.label);
  }
  for (Diagnostic& diagnostic : result.diagnostics) apply(diagnostic);
  apply(result.events);
  for (ServiceReport& service : result.services) apply(service.output_tail);
  for (HeldReport& held : result.held) apply(held.path);
  if (result.exploration) apply(*result.exploration);
}

}  // namespace fb
