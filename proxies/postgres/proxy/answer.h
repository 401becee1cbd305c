// Replies of our own in PostgreSQL's protocol: what response() and error() of a postgres interface
// put on the wire.
#pragma once
#include "core/base/result.h"
#include "core/model/protocol_rule.h"

#include <string>
#include <string_view>

namespace fb {

// An ErrorResponse of severity ERROR.
std::string postgres_error(const ProtocolRule& rule);

// A result as the rule's body says it: rows (a JSON list of objects), or a number of affected rows.
struct PostgresResult {
  std::string description;  // RowDescription, or NoData where there are no rows
  std::string rows;         // DataRow messages
  std::string complete;     // CommandComplete
};
// `verb` of the statement: "INSERT".
PostgresResult postgres_result(const ProtocolRule& rule, std::string_view verb);
bool postgres_body_has_rows(const ProtocolRule& rule);

Status check_postgres_rule(const ProtocolRule& rule);

}  // namespace fb
