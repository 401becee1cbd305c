#include "cli/mcp/json_rpc.h"

namespace fb::cli {

RpcMessage rpc_message(const Json& value) {
  RpcMessage message;
  if (!value.is_object()) {
    message.problem = "a message is not an object";
    return message;
  }
  const bool has_id = value.contains("id");
  if (has_id && (value["id"].is_string() || value["id"].is_number_integer()))
    message.id = value["id"];
  if (value.value("jsonrpc", Json()) != "2.0") {
    message.problem = "jsonrpc is not \"2.0\"";
    return message;
  }
  if (!value.contains("method")) {
    const bool response = has_id && (value.contains("result") || value.contains("error"));
    if (response)
      message.kind = RpcMessage::Kind::kResponse;
    else
      message.problem = "there is no method";
    return message;
  }
  if (!value["method"].is_string()) {
    message.problem = "method is not a string";
    return message;
  }
  if (has_id && message.id.is_null()) {
    message.problem = "id is neither a string nor an integer";
    return message;
  }
  if (value.contains("params") && !value["params"].is_structured()) {
    message.problem = "params is neither an object nor an array";
    return message;
  }
  message.method = value["method"].get<std::string>();
  if (value.contains("params")) message.params = value["params"];
  message.kind = has_id ? RpcMessage::Kind::kRequest : RpcMessage::Kind::kNotification;
  return message;
}

Json rpc_result(const Json& id, Json result) {
  Json message = {{"jsonrpc", "2.0"}};
  message["id"] = id;
  message["result"] = std::move(result);
  return message;
}

Json rpc_error(const Json& id, int code, std::string_view text) {
  Json error = {{"code", code}};
  error["message"] = text;
  Json message = {{"jsonrpc", "2.0"}};
  message["id"] = id;
  message["error"] = std::move(error);
  return message;
}

Json rpc_notification(std::string_view method, Json params) {
  Json message = {{"jsonrpc", "2.0"}};
  message["method"] = method;
  message["params"] = std::move(params);
  return message;
}

std::string rpc_line(const Json& message) {
  return message.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace fb::cli
