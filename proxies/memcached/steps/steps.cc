#include "proxies/memcached/steps/steps.h"

#include "proxies/steps/arguments.h"
#include "proxies/steps/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace fb {
namespace {

using Json = nlohmann::ordered_json;
using Type = StepParameter::Type;

constexpr Duration kLimit = std::chrono::seconds(10);
constexpr size_t kReplyMax = 64 * 1024 * 1024;

constexpr StepParameter kKey{"key", Type::kString, true, ""};
constexpr StepParameter kOnKey[] = {kKey};
constexpr StepParameter kOnValue[] = {
    kKey, {"value", Type::kString, true, ""}, {"ttl", Type::kInt, false, "0"}};
constexpr StepMethod kMethods[] = {
    {"delete", kOnKey, kLimit, false, "Deletes the key; .data is {\"deleted\": bool}."},
    {"get", kOnKey, kLimit, false, "Reads the key; .data is {\"value\": …}, None on a miss."},
    {"set", kOnValue, kLimit, false, "Stores the value; .data is {\"stored\": bool}."},
};

Result<std::string> checked_key(const StepCall& call) {
  std::string key = FB_TRY(string_argument(call, "key"));
  const bool bad =
      key.empty() || key.size() > 250 || std::any_of(key.begin(), key.end(), [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
      });
  if (bad)
    return invalid(
        fmt::format("key {} has a blank or control character, or is not 1 to 250 bytes "
                    "long",
                    quote_wire(key)));
  return key;
}

Result<std::string> request_of(const StepCall& call, const StepMethod& method) {
  const std::string key = FB_TRY(checked_key(call));
  if (method.name != "set") return fmt::format("{} {}\r\n", method.name, key);
  const std::string value = FB_TRY(string_argument(call, "value"));
  const int64_t ttl = FB_TRY(int_argument(call, "ttl"));
  return fmt::format("set {} 0 {} {}\r\n{}\r\n", key, ttl, value.size(), value);
}

// The reply is whole: a line; of a get its values and END, too.
bool is_whole(std::string_view reply) {
  const size_t end = reply.find("\r\n");
  if (end == std::string_view::npos) return false;
  if (!reply.starts_with("VALUE ")) return true;
  const std::string_view line = reply.substr(0, end);
  size_t size = 0;
  const std::string_view number = line.substr(line.rfind(' ') + 1);
  std::from_chars(number.data(), number.data() + number.size(), size);
  return reply.size() >= end + 2 + size + 2 + 5;  // "END\r\n"
}

Result<std::string> exchange(const StepContext& context, ActorId actor, const Address& to,
                             const std::string& request, const Deadline& deadline) {
  const std::unique_ptr<Stream> stream = FB_TRY(context.net.connect(actor, to, deadline.left()));
  FB_TRY(stream->write(bytes_of(request), deadline.left()));
  std::string reply;
  std::array<std::byte, 16 * 1024> buffer;
  while (!is_whole(reply)) {
    Result<size_t> got = stream->read(buffer, deadline.left());
    if (deadline.passed() || (!got.ok() && got.error().code == Code::kTimeout))
      return Error{Code::kTimeout,
                   fmt::format("no reply after {}", format_duration(deadline.limit()))};
    if (!got.ok()) return std::move(got).error();
    if (*got == 0) return failed("the connection was closed before the reply was complete");
    reply.append(reinterpret_cast<const char*>(buffer.data()), *got);
    if (reply.size() > kReplyMax) return failed("the reply is too long");
  }
  return reply;
}

// The value of "VALUE key flags size\r\n…".
std::string value_of(std::string_view reply) {
  const size_t end = reply.find("\r\n");
  const std::string_view line = reply.substr(0, end);
  size_t size = 0;
  const std::string_view number = line.substr(line.rfind(' ') + 1);
  std::from_chars(number.data(), number.data() + number.size(), size);
  return std::string(reply.substr(end + 2, size));
}

Result<Json> data_of(std::string_view reply, const StepMethod& method) {
  const std::string_view line = reply.substr(0, reply.find("\r\n"));
  if (method.name == "get") {
    if (reply.starts_with("VALUE ")) return Json{{"value", value_of(reply)}};
    if (line == "END") return Json{{"value", nullptr}};
  } else if (method.name == "set") {
    if (line == "STORED" || line == "NOT_STORED") return Json{{"stored", line == "STORED"}};
  } else if (line == "DELETED" || line == "NOT_FOUND") {
    return Json{{"deleted", line == "DELETED"}};
  }
  return failed(std::string(line));
}

Result<Json> run(const StepContext& context, const StepCall& call, const StepMethod& method) {
  const Deadline deadline(context.now, call.timeout.value_or(method.limit));
  const std::string request = FB_TRY(request_of(call, method));
  const std::string reply = FB_TRY(exchange(context, call.actor, call.to, request, deadline));
  return data_of(reply, method);
}

}  // namespace

std::span<const StepMethod> memcached_methods() {
  return kMethods;
}

StepResponse call_memcached(const StepContext& context, const StepCall& call,
                            const StepMethod& method) {
  const Result<Json> data = run(context, call, method);
  if (!data.ok()) return {.error = data.error().message};
  std::string json = data->dump(-1, ' ', false, Json::error_handler_t::replace);
  return {.ok = true, .body = json, .data_json = std::move(json)};
}

Status probe_memcached(const StepContext& context, const Address& to, Duration limit) {
  const Deadline deadline(context.now, limit);
  const std::string reply = FB_TRY(exchange(context, ActorId::test(), to, "version\r\n", deadline));
  if (!reply.starts_with("VERSION"))
    return failed(std::string(trim_space(reply.substr(0, reply.find('\n')))));
  return {};
}

}  // namespace fb
