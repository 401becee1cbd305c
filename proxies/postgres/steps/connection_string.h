// Who a step logs in as: the defaults that the service's environment gives, and connstr= over them.
#pragma once
#include "core/base/result.h"
#include "core/model/address.h"
#include "core/runtime/client_catalog.h"
#include "proxies/postgres/codec/client.h"

#include <string_view>

namespace fb {

struct PostgresTarget {
  PostgresLogin login;
  Address to;
};

// "postgres://user:password@host:port/database?…" or "host=… port=… user=… password=… dbname=…".
Result<PostgresTarget> postgres_target(const StepCall& call, std::string_view connstr);

}  // namespace fb
