// JSON-RPC 2.0 messages as lines of text. Pure.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace fb::cli {

using Json = nlohmann::ordered_json;

namespace rpc {
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;
}  // namespace rpc

struct RpcMessage {
  enum class Kind { kRequest, kNotification, kResponse, kInvalid };
  Kind kind = Kind::kInvalid;
  Json id;  // of requests; null when an invalid one has none that can be repeated
  std::string method;
  Json params = Json::object();  // an object or an array
  std::string problem;           // of invalid ones
};

// What one JSON value means as a message.
RpcMessage rpc_message(const Json& value);

Json rpc_result(const Json& id, Json result);
Json rpc_error(const Json& id, int code, std::string_view message);
Json rpc_notification(std::string_view method, Json params);

// One line without its end; text that is not UTF-8 is made so.
std::string rpc_line(const Json& message);

}  // namespace fb::cli
