// The conversation with one MCP client, as a pure state machine: lines in, lines and one tool call
// at a time out. It runs no tool and knows no process; whoever drives it starts the call that
// next_call() names and says how it ended. Protocol: modelcontextprotocol.io, versions 2024-11-05
// to 2025-11-25.
#pragma once
#include "cli/mcp/json_rpc.h"
#include "cli/mcp/tool.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fb::cli {

class McpSession {
 public:
  // What the client sent, without the line's end. Blank lines are nothing.
  void receive(std::string_view line);

  // Lines to send, in order; taken out.
  std::vector<std::string> take_output();

  struct Call {
    uint64_t ticket = 0;
    const Tool* tool = nullptr;
    Json arguments;
  };
  // The call that should run now: the oldest, if none is running.
  std::optional<Call> next_call();
  // The running call was cancelled and is to be stopped. True once.
  bool take_stop();

  // Of the running call.
  void progress(uint64_t done, uint64_t total);
  void finished(const ToolResult& result);
  void broke(std::string_view why);  // its process died

  // Calls are waiting or running.
  bool busy() const { return running_.has_value() || !waiting_.empty(); }

 private:
  enum class Version { k2024_11_05, k2025_03_26, k2025_06_18, k2025_11_25 };
  static std::optional<Version> version_of(std::string_view text);
  static std::string_view text_of(Version version);

  // Where a reply goes: alone on a line, or into the answer of a batch.
  struct Batch {
    size_t missing = 0;  // replies that are still to come
    Json replies = Json::array();
  };
  struct Pending {
    Call call;
    Json id, progress_token;
    std::optional<uint64_t> batch;
  };

  void receive_batch(const Json& messages);
  void receive_message(const RpcMessage& message, std::optional<uint64_t> batch);
  void receive_notification(const RpcMessage& message);
  void reply(std::optional<uint64_t> batch, Json message);
  void forget(std::optional<uint64_t> batch);  // a reply that never comes
  void close_batch(uint64_t batch);
  Json initialize(const Json& params);
  Json list_tools() const;
  void call_tool(const RpcMessage& message, std::optional<uint64_t> batch);
  void cancel(const Json& id);

  Version version_ = Version::k2024_11_05;
  std::deque<Pending> waiting_;
  std::optional<Pending> running_;
  bool stop_ = false;
  uint64_t next_ticket_ = 1, next_batch_ = 1;
  std::map<uint64_t, Batch> batches_;
  std::vector<std::string> output_;
};

}  // namespace fb::cli
