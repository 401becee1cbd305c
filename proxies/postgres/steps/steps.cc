#include "proxies/postgres/steps/steps.h"

#include "proxies/postgres/codec/client.h"
#include "proxies/postgres/steps/connection_string.h"
#include "proxies/steps/arguments.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace fb {
namespace {

using Json = nlohmann::ordered_json;
using Type = StepParameter::Type;

constexpr Duration kLimit = std::chrono::seconds(10);

constexpr StepParameter kParameters[] = {{"sql", Type::kString, true, ""},
                                         {"connstr", Type::kString, false, "\"\""}};
constexpr StepMethod kMethods[] = {
    {"exec", kParameters, kLimit, false, "Runs a statement; .data is {\"rows_affected\": n}."},
    {"query", kParameters, kLimit, false, "Runs a query; .data is the list of its rows."},
};

// SQLSTATE of a server that is not ready yet.
constexpr std::string_view kStartingUp = "57P03";

Error too_late(const Deadline& deadline) {
  return {Code::kTimeout, fmt::format("no result after {}", format_duration(deadline.limit()))};
}

// Until the client is done, has failed, or `enough` says so.
template <class Enough>
Status exchange(const StepContext& context, ActorId actor, const Address& to,
                const Deadline& deadline, PostgresClient& client, Enough enough) {
  const std::unique_ptr<Stream> stream = FB_TRY(context.net.connect(actor, to, deadline.left()));
  std::string out = client.startup();
  std::array<std::byte, 16 * 1024> buffer;
  PostgresClient::State state = PostgresClient::State::kNeedMore;
  while (true) {
    const Status written = out.empty() ? Status{} : stream->write(bytes_of(out), deadline.left());
    // A server that ends the session may do so before it reads our goodbye.
    if (!written.ok() && state == PostgresClient::State::kNeedMore) return written.error();
    out.clear();
    if (state != PostgresClient::State::kNeedMore || enough(client)) return {};
    if (deadline.passed()) return too_late(deadline);
    Result<size_t> got = stream->read(buffer, deadline.left());
    if (!got.ok()) {
      if (got.error().code == Code::kTimeout) return too_late(deadline);
      return std::move(got).error();
    }
    if (*got == 0) {
      // An error that was told before the end counts for more than the end.
      if (!client.error().empty()) return failed(client.error());
      return failed("the server closed the connection unexpectedly");
    }
    state = client.feed({reinterpret_cast<const char*>(buffer.data()), *got}, out);
  }
}

Json value_of(const std::string& text, uint32_t type) {
  switch (type) {
    case 16:
      return text == "t";
    case 20:
    case 21:
    case 23:
    case 26:
    case 114:
    case 700:
    case 701:
    case 1700:
    case 3802: {
      Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
      return value.is_discarded() ? Json(text) : value;
    }
    default:
      return text;
  }
}

std::string rows_json(const PostgresRows& result) {
  Json list = Json::array();
  for (const auto& row : result.rows) {
    Json object = Json::object();
    for (size_t i = 0; i < std::min(row.size(), result.columns.size()); ++i)
      object[result.columns[i].name] =
          row[i] ? value_of(*row[i], result.columns[i].type) : Json(nullptr);
    list.push_back(std::move(object));
  }
  return list.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The last number of "INSERT 0 3".
std::string affected_json(const PostgresRows& result) {
  const std::string_view tag = result.complete;
  const std::string_view last = tag.substr(tag.rfind(' ') + 1);
  uint64_t rows = 0;
  std::from_chars(last.data(), last.data() + last.size(), rows);
  return fmt::format("{{\"rows_affected\": {}}}", rows);
}

Result<PostgresRows> run(const StepContext& context, const StepCall& call,
                         const StepMethod& method) {
  const Deadline deadline(context.now, call.timeout.value_or(method.limit));
  const std::string sql = FB_TRY(string_argument(call, "sql"));
  const std::string connstr = FB_TRY(string_argument(call, "connstr"));
  const PostgresTarget target = FB_TRY(postgres_target(call, connstr));
  PostgresClient client(target.login, sql);
  FB_TRY(exchange(context, call.actor, target.to, deadline, client,
                  [](const PostgresClient&) { return false; }));
  if (!client.error().empty()) return failed(client.error());
  return client.result();
}

}  // namespace

std::span<const StepMethod> postgres_methods() {
  return kMethods;
}

StepResponse call_postgres(const StepContext& context, const StepCall& call,
                           const StepMethod& method) {
  const Result<PostgresRows> result = run(context, call, method);
  if (!result.ok()) return {.error = result.error().message};
  std::string json = method.name == "exec" ? affected_json(*result) : rows_json(*result);
  return {.ok = true, .body = json, .data_json = std::move(json)};
}

Status probe_postgres(const StepContext& context, const Address& to, Duration limit) {
  const Deadline deadline(context.now, limit);
  PostgresClient client({}, "");
  FB_TRY(exchange(context, ActorId::test(), to, deadline, client,
                  [](const PostgresClient& one) { return one.was_asked(); }));
  if (client.sqlstate() == kStartingUp) return failed(client.error());
  return {};
}

}  // namespace fb
