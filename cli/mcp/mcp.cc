// faultbox mcp: a Model Context Protocol server on stdin and stdout (cli.md §8). Every tool call
// runs in a worker process, so that pings and cancellations are heard meanwhile and no call can
// harm the server.
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/mcp/session.h"
#include "interpose/process/worker.h"
#include "interpose/sys/posix.h"

#include <array>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace fb::cli {
namespace {

constexpr int kStdin = 0;
constexpr size_t kLongestLine = size_t{64} << 20;

std::string encode(const ToolResult& result) {
  Json message = Json::object();
  message["error"] = result.error;
  message["structured"] = result.structured;
  message["text"] = result.text;
  return rpc_line(message);
}

// The worker's side: one call.
int serve(WorkerChannel& channel, const McpSession::Call& call, const Invocation& invocation) {
  const ToolContext context{invocation, [&](uint64_t done, uint64_t total) {
                              Json progress = Json::object();
                              progress["progress"] = {done, total};
                              (void)channel.send(rpc_line(progress));
                            }};
  const ToolResult result = call.tool->run(call.arguments, context);
  return channel.send(encode(result)).ok() ? 0 : 1;
}

class Server {
 public:
  explicit Server(const Invocation& invocation) : invocation_(invocation) {}

  int run() {
    while (true) {
      if (session_.take_stop()) worker_.reset();
      start_next();
      if (!flush()) return 0;  // nobody reads any more
      if (ended_ && !session_.busy()) return 0;
      const Status waited = wait();
      if (!waited.ok()) return usage_error(waited.error().message);
    }
  }

 private:
  void start_next() {
    if (worker_ != nullptr) return;
    while (const auto call = session_.next_call()) {
      auto started = Worker::start(
          [this, call](WorkerChannel& channel) { return serve(channel, *call, invocation_); });
      if (started.ok()) {
        worker_ = std::move(started).value();
        return;
      }
      session_.broke(started.error().message);
    }
  }

  Status wait() {
    std::vector<Worker*> workers;
    if (worker_ != nullptr) workers.push_back(worker_.get());
    const auto ready = FB_TRY(await_any_worker(workers, std::nullopt, ended_ ? -1 : kStdin));
    if (ready)
      hear_worker();
    else
      read_input();
    return {};
  }

  void hear_worker() {
    const Result<std::string> message = worker_->receive();
    if (!message.ok()) {
      session_.broke("the call's process " + message.error().message);
      worker_.reset();
      return;
    }
    Json value = Json::parse(*message, nullptr, /*allow_exceptions=*/false);
    if (value.contains("progress")) {
      session_.progress(value["progress"][0].get<uint64_t>(), value["progress"][1].get<uint64_t>());
      return;
    }
    session_.finished({value["error"].get<bool>(), std::move(value["structured"]),
                       value["text"].get<std::string>()});
    worker_.reset();
  }

  void read_input() {
    std::array<std::byte, 65536> buffer;
    const auto size = posix::read_some(kStdin, buffer);
    if (!size.ok() || (*size && **size == 0)) {
      ended_ = true;
      if (!input_.empty()) session_.receive(std::exchange(input_, {}));
      return;
    }
    if (!*size) return;
    input_.append(reinterpret_cast<const char*>(buffer.data()), **size);
    size_t begin = 0;
    for (size_t end = input_.find('\n'); end != std::string::npos; end = input_.find('\n', begin)) {
      session_.receive(std::string_view(input_).substr(begin, end - begin));
      begin = end + 1;
    }
    input_.erase(0, begin);
    if (input_.size() > kLongestLine) {
      fmt::print(stderr, "faultbox: mcp: a line is longer than {} bytes\n", kLongestLine);
      ended_ = true;
    }
  }

  bool flush() {
    for (const std::string& line : session_.take_output()) fmt::print("{}\n", line);
    return std::fflush(stdout) == 0;
  }

  const Invocation& invocation_;
  McpSession session_;
  std::unique_ptr<Worker> worker_;  // of the running call
  std::string input_;               // the beginning of a line
  bool ended_ = false;              // stdin
};

}  // namespace

int mcp_command(const Invocation& invocation) {
  CLI::App app("Model Context Protocol server on stdin and stdout.", "faultbox mcp");
  if (const std::optional<int> exit = parse(app, invocation.arguments)) return *exit;
  return Server(invocation).run();
}

}  // namespace fb::cli
