#include "cli/mcp/session.h"

#include <gtest/gtest.h>

namespace fb::cli {
namespace {

class McpSessionTest : public ::testing::Test {
 protected:
  Json one(const std::string& line) {
    session_.receive(line);
    const auto out = session_.take_output();
    EXPECT_EQ(out.size(), 1u) << line;
    return out.empty() ? Json() : Json::parse(out[0]);
  }
  void initialize(const std::string& version) {
    one(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":")" + version +
        "\"}}");
  }
  void call(int id, const std::string& more = "") {
    session_.receive(
        R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
        R"(,"method":"tools/call","params":{"name":"list_tests","arguments":{"file":"a"})" + more +
        "}}");
  }
  static ToolResult done() {
    ToolResult result;
    result.structured["n"] = 1;
    return result;
  }
  McpSession session_;
};

TEST_F(McpSessionTest, VersionsAreNegotiated) {
  for (const std::string version : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
    const Json reply =
        one(R"({"jsonrpc":"2.0","id":"a","method":"initialize","params":{"protocolVersion":")" +
            version + "\"}}");
    EXPECT_EQ(reply["id"], "a");
    EXPECT_EQ(reply["result"]["protocolVersion"], version);
    EXPECT_EQ(reply["result"]["capabilities"]["tools"]["listChanged"], false);
  }
  EXPECT_EQ(
      one(R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"1"}})")
          ["result"]["protocolVersion"],
      "2025-11-25");
}

TEST_F(McpSessionTest, OlderClientsSeeNoNewMembers) {
  const Json old = one(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})")["result"]["tools"];
  ASSERT_EQ(old.size(), 6u);
  for (const Json& tool : old) {
    EXPECT_FALSE(tool.contains("outputSchema"));
    EXPECT_EQ(tool["inputSchema"]["additionalProperties"], false);
  }
  initialize("2025-06-18");
  const Json now = one(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})")["result"]["tools"];
  for (const Json& tool : now) {
    EXPECT_TRUE(tool.contains("outputSchema"));
    const std::string name = tool["name"];
    EXPECT_EQ(tool["annotations"]["readOnlyHint"], !name.starts_with("run_")) << name;
  }
}

TEST_F(McpSessionTest, Errors) {
  const auto code = [&](const std::string& line) { return one(line)["error"]["code"]; };
  EXPECT_EQ(code("{"), -32700);
  EXPECT_EQ(code("3"), -32600);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":null,"method":"ping"})"), -32600);
  EXPECT_EQ(code(R"({"jsonrpc":"1.0","id":1,"method":"ping"})"), -32600);
  EXPECT_EQ(code(R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])"), -32600);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1,"method":"pong"})"), -32601);
  const Json misspelt =
      one(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"run_tst"}})");
  EXPECT_EQ(misspelt["error"]["code"], -32602);
  EXPECT_EQ(misspelt["error"]["message"], "unknown tool \"run_tst\" (did you mean \"run_test\"?)");
  const auto arguments = [&](const std::string& text) {
    return one(
        R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"run_test","arguments":)" +
        text + "}}")["error"]["message"];
  };
  EXPECT_EQ(arguments(R"({"file":"a","sede":1})"),
            "run_test has no argument \"sede\" (did you mean \"seed\"?)");
  EXPECT_EQ(arguments("{}"), "argument \"file\" is missing");
  EXPECT_EQ(arguments(R"({"file":"a","seed":-1})"), "argument \"seed\" is not an integer >= 0");
  EXPECT_EQ(arguments(R"({"file":"a","events":"al"})"),
            "argument \"events\" is \"al\", want auto, all, none (did you mean \"all\"?)");
}

TEST_F(McpSessionTest, NotificationsAndResponsesGetNoReply) {
  for (const char* line : {R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
                           R"({"jsonrpc":"2.0","method":"initialized"})",
                           R"({"jsonrpc":"2.0","method":"notifications/other"})",
                           R"({"jsonrpc":"2.0","id":1,"result":{}})", "", "  \r"}) {
    session_.receive(line);
    EXPECT_TRUE(session_.take_output().empty()) << line;
  }
}

TEST_F(McpSessionTest, CallsRunOneAtATimeInOrderWhilePingsAreAnswered) {
  call(1);
  call(2);
  const auto first = session_.next_call();
  ASSERT_TRUE(first.has_value());
  EXPECT_FALSE(session_.next_call().has_value());
  EXPECT_EQ(one(R"({"jsonrpc":"2.0","id":"p","method":"ping"})")["id"], "p");
  session_.finished(done());
  EXPECT_EQ(Json::parse(session_.take_output().at(0))["id"], 1);
  EXPECT_TRUE(session_.next_call().has_value());
  session_.broke("ended by signal 9");
  const Json broken = Json::parse(session_.take_output().at(0));
  EXPECT_EQ(broken["id"], 2);
  EXPECT_EQ(broken["error"]["code"], -32603);
  EXPECT_FALSE(session_.busy());
}

TEST_F(McpSessionTest, ProgressOnlyWhereItWasAskedFor) {
  call(1);
  (void)session_.next_call();
  session_.progress(1, 2);
  EXPECT_TRUE(session_.take_output().empty());
  session_.finished(done());
  call(2, R"(,"_meta":{"progressToken":"t"})");
  (void)session_.take_output();
  (void)session_.next_call();
  session_.progress(1, 2);
  const Json progress = Json::parse(session_.take_output().at(0));
  EXPECT_EQ(progress["method"], "notifications/progress");
  EXPECT_EQ(progress["params"], (Json{{"progressToken", "t"}, {"progress", 1}, {"total", 2}}));
}

TEST_F(McpSessionTest, ACancelledCallIsStoppedAndGetsNoReply) {
  call(1);
  call(2);
  (void)session_.next_call();
  session_.receive(
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}})");
  EXPECT_FALSE(session_.take_stop());
  session_.receive(
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  EXPECT_TRUE(session_.take_stop());
  EXPECT_FALSE(session_.take_stop());
  session_.finished(done());  // too late
  EXPECT_TRUE(session_.take_output().empty());
  EXPECT_FALSE(session_.busy());
}

TEST_F(McpSessionTest, StructuredContentFromTheVersionThatHasIt) {
  const auto result = [&] {
    call(1);
    (void)session_.next_call();
    session_.finished(done());
    return Json::parse(session_.take_output().at(0))["result"];
  };
  EXPECT_FALSE(result().contains("structuredContent"));
  initialize("2025-06-18");
  const Json now = result();
  EXPECT_EQ(now["structuredContent"], (Json{{"n", 1}}));
  EXPECT_EQ(Json::parse(now["content"][0]["text"].get<std::string>()), now["structuredContent"]);
}

TEST_F(McpSessionTest, ABatchIsAnsweredAsOneWhenAllOfItIsDone) {
  initialize("2025-03-26");
  session_.receive(
      R"([{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"x"},5,)"
      R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list_tests","arguments":{"file":"a"}}}])");
  EXPECT_TRUE(session_.take_output().empty());
  (void)session_.next_call();
  session_.finished(done());
  const auto out = session_.take_output();
  ASSERT_EQ(out.size(), 1u);
  const Json replies = Json::parse(out[0]);
  ASSERT_EQ(replies.size(), 3u);
  EXPECT_EQ(replies[0]["id"], 1);
  EXPECT_EQ(replies[1]["error"]["code"], -32600);
  EXPECT_EQ(replies[2]["id"], 2);
}

TEST_F(McpSessionTest, ABatchOfNotificationsGetsNoAnswer) {
  initialize("2025-03-26");
  session_.receive(R"([{"jsonrpc":"2.0","method":"x"}])");
  EXPECT_TRUE(session_.take_output().empty());
}

}  // namespace
}  // namespace fb::cli
