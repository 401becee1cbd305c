#include "proxies/postgres/steps/connection_string.h"

#include "proxies/steps/text.h"

#include <fmt/format.h>
#include <string>

namespace fb {
namespace {

std::string env_of(const StepCall& call, const std::string& name) {
  const auto found = call.service_env.find(name);
  return found == call.service_env.end() ? "" : found->second;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                         hex_value(text[i + 2]) >= 0;
    if (escaped) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Status set(PostgresTarget& target, std::string_view name, std::string value) {
  if (name == "user") {
    target.login.user = std::move(value);
  } else if (name == "password") {
    target.login.password = std::move(value);
  } else if (name == "dbname") {
    target.login.database = std::move(value);
  } else if (name == "sslmode" && value == "require") {
    return invalid("connstr=: steps have no TLS; leave sslmode=require out");
  }
  return {};
}

Status read_url(PostgresTarget& target, std::string_view rest) {
  const size_t query = rest.find('?');
  rest = rest.substr(0, query);
  const size_t slash = rest.find('/');
  if (slash != std::string_view::npos) target.login.database = decoded(rest.substr(slash + 1));
  std::string_view authority = rest.substr(0, slash);
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = authority.substr(0, at);
    const size_t colon = user.find(':');
    target.login.user = decoded(user.substr(0, colon));
    if (colon != std::string_view::npos) target.login.password = decoded(user.substr(colon + 1));
    authority = authority.substr(at + 1);
  }
  if (authority.find(':') != std::string_view::npos) target.to = FB_TRY(parse_address(authority));
  return {};
}

Status read_words(PostgresTarget& target, std::string_view rest) {
  std::string host = "localhost", port;
  while (!(rest = trim_space(rest)).empty()) {
    const size_t equals = rest.find('=');
    if (equals == std::string_view::npos)
      return invalid(fmt::format("connstr=: {} is no NAME=VALUE", quote_wire(rest)));
    const std::string_view name = trim_space(rest.substr(0, equals));
    rest = trim_space(rest.substr(equals + 1));
    const bool quoted = rest.starts_with('\'');
    if (quoted) rest = rest.substr(1);
    const size_t end = rest.find_first_of(quoted ? "'" : " \t\n");
    std::string value(rest.substr(0, end));
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    if (name == "host" || name == "hostaddr") host = value;
    if (name == "port") port = value;
    FB_TRY(set(target, name, std::move(value)));
  }
  if (!port.empty()) target.to = FB_TRY(parse_address(fmt::format("{}:{}", host, port)));
  return {};
}

}  // namespace

Result<PostgresTarget> postgres_target(const StepCall& call, std::string_view connstr) {
  PostgresTarget target{.login = {}, .to = call.to};
  if (const std::string user = env_of(call, "POSTGRES_USER"); !user.empty())
    target.login.user = user;
  target.login.password = env_of(call, "POSTGRES_PASSWORD");
  target.login.database = env_of(call, "POSTGRES_DB");
  for (const std::string_view scheme : {"postgres://", "postgresql://"}) {
    if (!connstr.starts_with(scheme)) continue;
    FB_TRY(read_url(target, connstr.substr(scheme.size())));
    return target;
  }
  FB_TRY(read_words(target, connstr));
  return target;
}

}  // namespace fb
