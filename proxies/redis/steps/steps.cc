#include "proxies/redis/steps/steps.h"

#include "proxies/redis/codec/command.h"
#include "proxies/redis/codec/reply.h"
#include "proxies/steps/arguments.h"
#include "proxies/steps/text.h"

#include <array>
#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace fb {
namespace {

using Json = nlohmann::ordered_json;
using Type = StepParameter::Type;

constexpr Duration kLimit = std::chrono::seconds(10);

constexpr StepParameter kKey{"key", Type::kString, true, ""};
constexpr StepParameter kValue{"value", Type::kString, true, ""};
constexpr StepParameter kOnKey[] = {kKey};
constexpr StepParameter kOnKeyAndValue[] = {kKey, kValue};
constexpr StepParameter kOnPattern[] = {{"pattern", Type::kString, false, "\"*\""}};
constexpr StepParameter kOnRange[] = {
    kKey, {"start", Type::kInt, false, "0"}, {"stop", Type::kInt, false, "-1"}};
constexpr StepParameter kOnCommand[] = {{"cmd", Type::kString, true, ""},
                                        {"args", Type::kAny, false, "[]"}};

constexpr StepMethod kMethods[] = {
    {"command", kOnCommand, kLimit, false, "Sends any command: its name, then its arguments."},
    {"del", kOnKey, kLimit, false, "DEL key; `del` is a reserved word, delete() its usable name."},
    {"delete", kOnKey, kLimit, false, "DEL key."},
    {"get", kOnKey, kLimit, false, "GET key; None when there is none."},
    {"incr", kOnKey, kLimit, false, "INCR key."},
    {"keys", kOnPattern, kLimit, false, "KEYS pattern."},
    {"lpush", kOnKeyAndValue, kLimit, false, "LPUSH key value."},
    {"lrange", kOnRange, kLimit, false, "LRANGE key start stop."},
    {"ping", {}, kLimit, false, "PING."},
    {"rpush", kOnKeyAndValue, kLimit, false, "RPUSH key value."},
    {"set", kOnKeyAndValue, kLimit, false, "SET key value."},
};

// All but command() send their own name and their arguments in order.
Result<std::vector<std::string>> command_words(const StepCall& call, const StepMethod& method) {
  std::vector<std::string> words;
  if (method.name == "command") {
    words.push_back(FB_TRY(string_argument(call, "cmd")));
    for (std::string& word : FB_TRY(word_list_argument(call, "args"))) {
      words.push_back(std::move(word));
    }
    return words;
  }
  words.push_back(method.name == "delete" ? "DEL" : upper_ascii(method.name));
  for (const StepParameter& parameter : method.parameters) {
    words.push_back(parameter.type == Type::kInt
                        ? std::to_string(FB_TRY(int_argument(call, parameter.name)))
                        : FB_TRY(string_argument(call, parameter.name)));
  }
  return words;
}

Error no_reply(const Deadline& deadline) {
  return {Code::kTimeout, fmt::format("no reply after {}", format_duration(deadline.limit()))};
}

Result<RedisReply> receive(Stream& stream, const Deadline& deadline) {
  RedisReplyParser parser;
  std::array<std::byte, 16 * 1024> buffer;
  while (parser.state() == RedisReplyParser::State::kNeedMore) {
    if (deadline.passed()) return no_reply(deadline);
    Result<size_t> got = stream.read(buffer, deadline.left());
    if (!got.ok()) {
      if (got.error().code == Code::kTimeout) return no_reply(deadline);
      return std::move(got).error();
    }
    if (*got == 0) return failed("the connection was closed before the reply was complete");
    parser.feed({reinterpret_cast<const char*>(buffer.data()), *got});
  }
  if (parser.state() == RedisReplyParser::State::kError) return failed(parser.error());
  return parser.reply();
}

Result<RedisReply> exchange(const StepContext& context, ActorId actor, const Address& to,
                            std::span<const std::string> words, const Deadline& deadline) {
  const std::unique_ptr<Stream> stream = FB_TRY(context.net.connect(actor, to, deadline.left()));
  const Status written = stream->write(bytes_of(write_redis_command(words)), deadline.left());
  if (!written.ok() && written.error().code == Code::kTimeout) return no_reply(deadline);
  // A server that refuses a client says why and closes; that counts for more than a failed write.
  Result<RedisReply> reply = receive(*stream, deadline);
  if (!reply.ok() && !written.ok()) return written.error();
  return reply;
}

Json json_of(const RedisReply& reply) {
  switch (reply.type) {
    case RedisReply::Type::kNull:
      return nullptr;
    case RedisReply::Type::kText:
    case RedisReply::Type::kError:
      return reply.text;
    case RedisReply::Type::kInteger:
      return reply.integer;
    case RedisReply::Type::kBoolean:
      return reply.integer != 0;
    case RedisReply::Type::kDouble: {
      // inf and nan are no JSON numbers; they stay text.
      Json number = Json::parse(reply.text, nullptr, /*allow_exceptions=*/false);
      return number.is_number() ? number : Json(reply.text);
    }
    case RedisReply::Type::kList: {
      Json list = Json::array();
      for (const RedisReply& item : reply.items) list.push_back(json_of(item));
      return list;
    }
    case RedisReply::Type::kMap: {
      Json map = Json::object();
      for (size_t i = 0; i + 1 < reply.items.size(); i += 2) {
        const RedisReply& key = reply.items[i];
        map[key.type == RedisReply::Type::kText ? key.text : json_of(key).dump()] =
            json_of(reply.items[i + 1]);
      }
      return map;
    }
  }
  return nullptr;
}

// Bytes that are no UTF-8 become the replacement character: `.data` is text.
std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::span<const StepMethod> redis_methods() {
  return kMethods;
}

StepResponse call_redis(const StepContext& context, const StepCall& call,
                        const StepMethod& method) {
  const Deadline deadline(context.now, call.timeout.value_or(method.limit));
  const Result<std::vector<std::string>> words = command_words(call, method);
  if (!words.ok()) return {.error = words.error().message};
  const Result<RedisReply> reply = exchange(context, call.actor, call.to, *words, deadline);
  if (!reply.ok()) return {.error = reply.error().within(words->front()).message};
  if (reply->type == RedisReply::Type::kError) {
    return {.body = reply->text, .error = reply->text, .data_json = text_of({{"value", nullptr}})};
  }
  const Json value = json_of(*reply);
  return {.ok = true,
          .body = value.is_string() ? value.get<std::string>() : text_of(value),
          .data_json = text_of({{"value", value}})};
}

Status probe_redis(const StepContext& context, const Address& to, Duration limit) {
  const Deadline deadline(context.now, limit);
  const std::string ping[] = {"PING"};
  const RedisReply reply = FB_TRY(exchange(context, ActorId::test(), to, ping, deadline));
  const bool asks_for_password =
      reply.type == RedisReply::Type::kError && reply.text.starts_with("NOAUTH");
  if (reply.text == "PONG" || asks_for_password) return {};
  return failed(fmt::format("PING was answered {}", quote_wire(reply.text)));
}

}  // namespace fb
