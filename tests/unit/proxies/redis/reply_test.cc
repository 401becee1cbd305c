// Replies of Redis, whole and cut at every byte.
#include "proxies/redis/codec/reply.h"

#include "proxies/redis/codec/command.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fb {
namespace {

using State = RedisReplyParser::State;
using Type = RedisReply::Type;

RedisReply text(std::string value) {
  return {.type = Type::kText, .text = std::move(value)};
}
RedisReply integer(int64_t value) {
  return {.type = Type::kInteger, .integer = value};
}
RedisReply list(std::vector<RedisReply> items) {
  return {.type = Type::kList, .items = std::move(items)};
}

struct ReplyRow {
  std::string_view bytes;
  RedisReply reply;
};

const std::vector<ReplyRow>& reply_rows() {
  static const std::vector<ReplyRow> rows = {
      {"+OK\r\n", text("OK")},
      {"+\r\n", text("")},
      {"-ERR no\r\n", {.type = Type::kError, .text = "ERR no"}},
      {":-7\r\n", integer(-7)},
      {":+7\r\n", integer(7)},
      {"$2\r\nv1\r\n", text("v1")},
      {"$0\r\n\r\n", text("")},
      {"$4\r\na\r\nb\r\n", text("a\r\nb")},
      {"$-1\r\n", {}},
      {"*-1\r\n", {}},
      {"*0\r\n", list({})},
      {"*2\r\n$1\r\na\r\n:1\r\n", list({text("a"), integer(1)})},
      {"*2\r\n*1\r\n+x\r\n*0\r\n", list({list({text("x")}), list({})})},
      // RESP3.
      {"_\r\n", {}},
      {"#t\r\n", {.type = Type::kBoolean, .integer = 1}},
      {",1.5\r\n", {.type = Type::kDouble, .text = "1.5"}},
      {"(12345678901234567890123\r\n", text("12345678901234567890123")},
      {"=7\r\ntxt:abc\r\n", text("abc")},
      {"!5\r\nERR x\r\n", {.type = Type::kError, .text = "ERR x"}},
      {"~1\r\n+a\r\n", list({text("a")})},
      {"%1\r\n+k\r\n:1\r\n", {.type = Type::kMap, .items = {text("k"), integer(1)}}},
      {"|1\r\n+ttl\r\n:9\r\n+a\r\n", text("a")},
      {"*1\r\n|1\r\n+ttl\r\n:9\r\n+a\r\n", list({text("a")})},
  };
  return rows;
}

TEST(RedisReplyTest, ReadsEveryTypeHoweverItIsCut) {
  for (const ReplyRow& row : reply_rows()) {
    for (size_t cut = 0; cut <= row.bytes.size(); ++cut) {
      RedisReplyParser parser;
      const State after_first = parser.feed(row.bytes.substr(0, cut));
      EXPECT_EQ(after_first, cut < row.bytes.size() ? State::kNeedMore : State::kDone)
          << row.bytes << cut;
      parser.feed(row.bytes.substr(cut));
      EXPECT_EQ(parser.state(), State::kDone) << row.bytes << " " << parser.error();
      EXPECT_EQ(parser.reply(), row.reply) << row.bytes;
    }
  }
}

TEST(RedisReplyTest, RefusesWhatIsNoReply) {
  for (std::string_view bytes :
       {"HTTP/1.1 200 OK\r\n", "\r\n", "$x\r\n", "$-2\r\n", ":\r\n", ":1x\r\n", "*x\r\n", "*-2\r\n",
        "#y\r\n", "=3\r\nabc\r\n", "$1\r\nabc", "$999999999999\r\n", "*99999999\r\n", "%600000\r\n",
        "*9223372036854775807\r\n"}) {
    RedisReplyParser parser;
    EXPECT_EQ(parser.feed(bytes), State::kError) << bytes;
    EXPECT_FALSE(parser.error().empty());
  }
}

TEST(RedisReplyTest, BoundsLinesAndNesting) {
  RedisReplyParser line;
  EXPECT_EQ(line.feed("+" + std::string(kRedisLineBytesMax + 2, 'x')), State::kError);
  std::string nested;
  for (size_t i = 0; i <= kRedisDepthMax; ++i) nested += "*1\r\n";
  RedisReplyParser deep;
  EXPECT_EQ(deep.feed(nested), State::kError);
}

RC_GTEST_PROP(RedisReplyPropertyTest, AnyBytesComeBackFromACommand,
              (const std::vector<std::string>& words)) {
  // A command is itself an array of bulk strings, which the parser reads.
  RedisReplyParser parser;
  const std::string bytes = write_redis_command(words);
  const size_t cut = *rc::gen::inRange<size_t>(0, bytes.size() + 1);
  parser.feed(std::string_view(bytes).substr(0, cut));
  parser.feed(std::string_view(bytes).substr(cut));
  RC_ASSERT(parser.state() == State::kDone);
  RC_ASSERT(parser.reply().items.size() == words.size());
  for (size_t i = 0; i < words.size(); ++i) RC_ASSERT(parser.reply().items[i].text == words[i]);
}

}  // namespace
}  // namespace fb
