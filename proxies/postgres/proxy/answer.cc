#include "proxies/postgres/proxy/answer.h"

#include "proxies/postgres/codec/message.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <vector>

namespace fb {
namespace {

using Json = nlohmann::ordered_json;

// Object identifiers of pg_type.
constexpr int kBool = 16, kInt8 = 20, kText = 25, kJson = 114, kFloat8 = 701;

Json body_of(const ProtocolRule& rule) {
  return Json::parse(rule.body.value_or("[]"), nullptr, /*allow_exceptions=*/false);
}

int type_of(const Json& value) {
  if (value.is_boolean()) return kBool;
  if (value.is_number_integer()) return kInt8;
  if (value.is_number()) return kFloat8;
  if (value.is_structured()) return kJson;
  return kText;
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "t" : "f";
  return value.dump();
}

struct Column {
  std::string name;
  int type = kText;
  bool typed = false;
};

// In the order in which the rows name them.
std::vector<Column> columns_of(const Json& rows) {
  std::vector<Column> columns;
  for (const Json& row : rows) {
    for (const auto& [name, value] : row.items()) {
      auto found = std::find_if(columns.begin(), columns.end(),
                                [&](const Column& column) { return column.name == name; });
      if (found == columns.end()) found = columns.insert(columns.end(), Column{name});
      if (value.is_null()) continue;
      const int type = type_of(value);
      found->type = found->typed && found->type != type ? kText : type;
      found->typed = true;
    }
  }
  return columns;
}

std::string describe(const std::vector<Column>& columns) {
  std::string body = postgres_int16(static_cast<int>(columns.size()));
  for (const Column& column : columns) {
    body += column.name;
    body += '\0';
    body += postgres_int32(0) + postgres_int16(0);             // no table
    body += postgres_int32(column.type) + postgres_int16(-1);  // of any size
    body += postgres_int32(-1) + postgres_int16(0);            // in text format
  }
  return postgres_message('T', body);
}

std::string row_message(const Json& row, const std::vector<Column>& columns) {
  std::string body = postgres_int16(static_cast<int>(columns.size()));
  for (const Column& column : columns) {
    const auto value = row.find(column.name);
    if (value == row.end() || value->is_null()) {
      body += postgres_int32(-1);
      continue;
    }
    const std::string text = text_of(*value);
    body += postgres_int32(static_cast<int64_t>(text.size())) + text;
  }
  return postgres_message('D', body);
}

std::string complete(std::string_view tag) {
  std::string body(tag);
  body += '\0';
  return postgres_message('C', body);
}

struct CodeName {
  std::string_view name, code;
};
// Condition names of PostgreSQL's appendix A that specs are likely to want.
constexpr CodeName kCodeNames[] = {
    {"admin_shutdown", "57P01"},
    {"cannot_connect_now", "57P03"},
    {"check_violation", "23514"},
    {"connection_failure", "08006"},
    {"deadlock_detected", "40P01"},
    {"disk_full", "53100"},
    {"foreign_key_violation", "23503"},
    {"internal_error", "XX000"},
    {"lock_not_available", "55P03"},
    {"not_null_violation", "23502"},
    {"out_of_memory", "53200"},
    {"query_canceled", "57014"},
    {"read_only_sql_transaction", "25006"},
    {"serialization_failure", "40001"},
    {"too_many_connections", "53300"},
    {"undefined_table", "42P01"},
    {"unique_violation", "23505"},
};

std::string_view sqlstate(std::string_view code) {
  for (const CodeName& row : kCodeNames)
    if (row.name == code) return row.code;
  return code;
}

bool is_sqlstate(std::string_view code) {
  return code.size() == 5 && std::all_of(code.begin(), code.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

}  // namespace

std::string postgres_error(const ProtocolRule& rule) {
  const std::string code(sqlstate(rule.code.value_or("XX000")));
  std::string message = rule.message.value_or("injected fault");
  std::erase(message, '\0');
  std::string body;
  for (const auto& [field, value] : {std::pair{'S', std::string("ERROR")},
                                     {'V', std::string("ERROR")},
                                     {'C', code},
                                     {'M', message}}) {
    body += field;
    body += value;
    body += '\0';
  }
  body += '\0';
  return postgres_message('E', body);
}

bool postgres_body_has_rows(const ProtocolRule& rule) {
  return body_of(rule).is_array();
}

PostgresResult postgres_result(const ProtocolRule& rule, std::string_view verb) {
  const Json body = body_of(rule);
  PostgresResult result;
  if (!body.is_array()) {
    const auto affected = body.value("rows_affected", int64_t{0});
    const std::string_view word = verb.empty() ? "UPDATE" : verb;
    result.description = postgres_message('n', "");
    result.complete = complete(word == "INSERT" ? fmt::format("INSERT 0 {}", affected)
                                                : fmt::format("{} {}", word, affected));
    return result;
  }
  const std::vector<Column> columns = columns_of(body);
  result.description = describe(columns);
  for (const Json& row : body) result.rows += row_message(row, columns);
  result.complete = complete(fmt::format("SELECT {}", body.size()));
  return result;
}

Status check_postgres_rule(const ProtocolRule& rule) {
  if (rule.status || !rule.headers.empty())
    return invalid("status= and headers= have no meaning for postgres; error() takes code=");
  if (rule.code && !is_sqlstate(sqlstate(*rule.code)))
    return invalid(
        fmt::format("code=\"{}\" is no SQLSTATE (five characters, such as 53100) and no "
                    "known condition name",
                    *rule.code));
  if (rule.action != ProtocolAction::kRespond) return {};
  const Json body = body_of(rule);
  const bool rows = body.is_array() && std::all_of(body.begin(), body.end(),
                                                   [](const Json& row) { return row.is_object(); });
  const bool affected = body.is_object() && body.size() == 1 && body.contains("rows_affected") &&
                        body["rows_affected"].is_number_integer();
  if (rows || affected) return {};
  return invalid("body= must be a JSON list of objects (rows) or {\"rows_affected\": n}");
}

}  // namespace fb
