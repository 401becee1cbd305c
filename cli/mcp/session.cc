#include "cli/mcp/session.h"

#include "cli/version.h"
#include "core/base/suggest.h"
#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace fb::cli {
namespace {

constexpr std::string_view kInstructions =
    "Faultbox runs real services under fault injection from Starlark specs (*.star). list_tests "
    "shows the tests of a spec, run_test and run_single_test run them and return diagnostics with "
    "codes, hints and a replay command; generate_faults makes failure tests from the scenarios of "
    "a spec; init_from_compose and init_spec make a first spec. The generate and init tools return "
    "text and write nothing: save it yourself.";

// Any object: what the tools return is described in their own text, and errors have another shape.
Json output_schema() {
  Json schema = Json::object();
  schema["type"] = "object";
  return schema;
}

}  // namespace

std::optional<McpSession::Version> McpSession::version_of(std::string_view text) {
  for (const Version version :
       {Version::k2024_11_05, Version::k2025_03_26, Version::k2025_06_18, Version::k2025_11_25}) {
    if (text_of(version) == text) return version;
  }
  return std::nullopt;
}

std::string_view McpSession::text_of(Version version) {
  switch (version) {
    case Version::k2024_11_05:
      return "2024-11-05";
    case Version::k2025_03_26:
      return "2025-03-26";
    case Version::k2025_06_18:
      return "2025-06-18";
    case Version::k2025_11_25:
      break;
  }
  return "2025-11-25";
}

void McpSession::receive(std::string_view line) {
  while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
  if (line.empty()) return;
  const Json value = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) {
    output_.push_back(rpc_line(rpc_error(Json(), rpc::kParseError, "the line is not JSON")));
  } else if (value.is_array()) {
    receive_batch(value);
  } else {
    receive_message(rpc_message(value), std::nullopt);
  }
}

void McpSession::receive_batch(const Json& messages) {
  if (version_ != Version::k2025_03_26 || messages.empty()) {
    const char* why =
        messages.empty() ? "an empty batch" : "batches belong to protocol version 2025-03-26 only";
    output_.push_back(rpc_line(rpc_error(Json(), rpc::kInvalidRequest, why)));
    return;
  }
  const uint64_t id = next_batch_++;
  Batch& batch = batches_[id];
  std::vector<RpcMessage> parsed;
  for (const Json& value : messages) parsed.push_back(rpc_message(value));
  for (const RpcMessage& message : parsed) {
    if (message.kind == RpcMessage::Kind::kRequest || message.kind == RpcMessage::Kind::kInvalid)
      ++batch.missing;
  }
  ++batch.missing;  // held open until all of them have been looked at
  for (const RpcMessage& message : parsed) receive_message(message, id);
  forget(id);
}

void McpSession::receive_message(const RpcMessage& message, std::optional<uint64_t> batch) {
  switch (message.kind) {
    case RpcMessage::Kind::kInvalid:
      reply(batch, rpc_error(message.id, rpc::kInvalidRequest, message.problem));
      return;
    case RpcMessage::Kind::kResponse:
      return;  // we ask nothing
    case RpcMessage::Kind::kNotification:
      receive_notification(message);
      return;
    case RpcMessage::Kind::kRequest:
      break;
  }
  const std::string& method = message.method;
  if (method == "initialize") {
    reply(batch, rpc_result(message.id, initialize(message.params)));
  } else if (method == "initialized") {
    reply(batch, rpc_result(message.id, Json::object()));
  } else if (method == "ping") {
    reply(batch, rpc_result(message.id, Json::object()));
  } else if (method == "tools/list") {
    reply(batch, rpc_result(message.id, list_tools()));
  } else if (method == "tools/call") {
    call_tool(message, batch);
  } else {
    reply(batch, rpc_error(message.id, rpc::kMethodNotFound,
                           fmt::format("unknown method {}", quote(method))));
  }
}

void McpSession::receive_notification(const RpcMessage& message) {
  if (message.method == "notifications/cancelled" && message.params.is_object())
    cancel(message.params.value("requestId", Json()));
}

void McpSession::reply(std::optional<uint64_t> batch, Json message) {
  if (!batch) {
    output_.push_back(rpc_line(message));
    return;
  }
  batches_.at(*batch).replies.push_back(std::move(message));
  close_batch(*batch);
}

void McpSession::forget(std::optional<uint64_t> batch) {
  if (batch) close_batch(*batch);
}

void McpSession::close_batch(uint64_t id) {
  Batch& batch = batches_.at(id);
  if (--batch.missing > 0) return;
  if (!batch.replies.empty()) output_.push_back(rpc_line(batch.replies));
  batches_.erase(id);
}

Json McpSession::initialize(const Json& params) {
  const Json wanted = params.is_object() ? params.value("protocolVersion", Json()) : Json();
  version_ = Version::k2025_11_25;
  if (wanted.is_string()) {
    if (const auto known = version_of(wanted.get<std::string>())) version_ = *known;
  }
  Json result = Json::object();
  result["protocolVersion"] = text_of(version_);
  result["capabilities"]["tools"]["listChanged"] = false;
  result["serverInfo"]["name"] = "faultbox";
  result["serverInfo"]["version"] = kVersion;
  result["instructions"] = kInstructions;
  return result;
}

Json McpSession::list_tools() const {
  Json list = Json::array();
  for (const Tool& tool : tools()) {
    Json entry = Json::object();
    entry["name"] = tool.name;
    if (version_ >= Version::k2025_06_18) entry["title"] = tool.title;
    entry["description"] = tool.description;
    entry["inputSchema"] = input_schema(tool);
    if (version_ >= Version::k2025_06_18) {
      entry["outputSchema"] = output_schema();
      entry["annotations"]["title"] = tool.title;
      entry["annotations"]["readOnlyHint"] = tool.read_only;
    }
    list.push_back(std::move(entry));
  }
  Json result = Json::object();
  result["tools"] = std::move(list);
  return result;
}

void McpSession::call_tool(const RpcMessage& message, std::optional<uint64_t> batch) {
  const auto refuse = [&](const std::string& why) {
    reply(batch, rpc_error(message.id, rpc::kInvalidParams, why));
  };
  const Json& params = message.params;
  if (!params.is_object() || !params.contains("name") || !params["name"].is_string())
    return refuse("tools/call needs the name of a tool");
  const std::string name = params["name"].get<std::string>();
  const Tool* tool = find_tool(name);
  if (tool == nullptr) {
    std::vector<std::string> names;
    for (const Tool& known : tools()) names.emplace_back(known.name);
    return refuse(fmt::format("unknown tool {}{}", quote(name), did_you_mean(name, names)));
  }
  Json arguments = params.value("arguments", Json::object());
  if (arguments.is_null()) arguments = Json::object();
  if (const Status fits = check_arguments(*tool, arguments); !fits.ok())
    return refuse(fits.error().message);
  Pending pending;
  pending.call = {next_ticket_++, tool, std::move(arguments)};
  pending.id = message.id;
  if (params.contains("_meta") && params["_meta"].is_object())
    pending.progress_token = params["_meta"].value("progressToken", Json());
  pending.batch = batch;
  waiting_.push_back(std::move(pending));
}

void McpSession::cancel(const Json& id) {
  if (id.is_null()) return;
  if (running_ && running_->id == id) {
    const std::optional<uint64_t> batch = running_->batch;
    running_.reset();
    stop_ = true;
    return forget(batch);
  }
  const auto waiting = std::find_if(waiting_.begin(), waiting_.end(),
                                    [&](const Pending& pending) { return pending.id == id; });
  if (waiting == waiting_.end()) return;
  const std::optional<uint64_t> batch = waiting->batch;
  waiting_.erase(waiting);
  forget(batch);
}

std::vector<std::string> McpSession::take_output() {
  return std::exchange(output_, {});
}

std::optional<McpSession::Call> McpSession::next_call() {
  if (running_ || waiting_.empty()) return std::nullopt;
  running_ = std::move(waiting_.front());
  waiting_.pop_front();
  return running_->call;
}

bool McpSession::take_stop() {
  return std::exchange(stop_, false);
}

void McpSession::progress(uint64_t done, uint64_t total) {
  if (!running_ || running_->progress_token.is_null()) return;
  Json params = Json::object();
  params["progressToken"] = running_->progress_token;
  params["progress"] = done;
  params["total"] = total;
  output_.push_back(rpc_line(rpc_notification("notifications/progress", std::move(params))));
}

void McpSession::finished(const ToolResult& result) {
  if (!running_) return;
  Json content = Json::object();
  content["type"] = "text";
  content["text"] = result.text.empty()
                        ? result.structured.dump(2, ' ', false, Json::error_handler_t::replace)
                        : result.text;
  Json out = Json::object();
  out["content"] = Json::array({std::move(content)});
  if (version_ >= Version::k2025_06_18) out["structuredContent"] = result.structured;
  out["isError"] = result.error;
  const Pending done = *std::exchange(running_, std::nullopt);
  reply(done.batch, rpc_result(done.id, std::move(out)));
}

void McpSession::broke(std::string_view why) {
  if (!running_) return;
  const Pending done = *std::exchange(running_, std::nullopt);
  reply(done.batch, rpc_error(done.id, rpc::kInternalError, why));
}

}  // namespace fb::cli
