#include "proxies/postgres/codec/message.h"
#include "proxies/proxy/sql_text.h"
#include "tests/support/session_bench.h"

#include <gtest/gtest.h>

namespace fb {
namespace {

std::string text(std::string_view value) {
  return std::string(value) + '\0';
}
std::string query(std::string_view sql) {
  return postgres_message('Q', text(sql));
}
std::string parse(std::string_view name, std::string_view sql) {
  return postgres_message('P', text(name) + text(sql) + postgres_int16(0));
}
std::string bind(std::string_view portal, std::string_view statement, int result_format = 0) {
  return postgres_message('B', text(portal) + text(statement) + postgres_int16(0) +
                                   postgres_int16(0) + postgres_int16(1) +
                                   postgres_int16(result_format));
}
std::string describe_portal() {
  return postgres_message('D', text("P"));
}
std::string execute(std::string_view portal = "") {
  return postgres_message('E', text(portal) + postgres_int32(0));
}
std::string sync() {
  return postgres_message('S', "");
}
std::string ready(std::string_view state) {
  return postgres_message('Z', state);
}
std::string server_error() {
  return postgres_message('E', text("SERROR") + text("C34000") + text("Mportal") + '\0');
}
std::string injected(std::string_view code, std::string_view message) {
  return postgres_message('E', text("SERROR") + text("VERROR") + text("C" + std::string(code)) +
                                   text("M" + std::string(message)) + '\0');
}

class PostgresProxyTest : public testing::Test {
 protected:
  PostgresProxyTest() : bench("postgres") {
    const std::string startup = postgres_int32(196608) + text("user") + text("me") + '\0';
    bench.client(postgres_int32(static_cast<int64_t>(startup.size()) + 4) + startup);
    bench.server(postgres_message('R', postgres_int32(0)) + ready("I"));
    forget();
  }
  void forget() {
    bench.up.clear();
    bench.down.clear();
  }
  static ProtocolRule disk_full(std::string_view pattern) {
    ProtocolRule rule = error_rule({{"query", std::string(pattern)}}, "disk full");
    rule.code = "disk_full";
    return rule;
  }
  SessionBench bench;
};

TEST_F(PostgresProxyTest, AnIdleSessionIsAnsweredWithoutTheServer) {
  bench.add_rule(disk_full("insert*"));
  bench.client(query("INSERT  INTO t /* c */ VALUES (1);"));
  EXPECT_EQ(bench.up, "");
  EXPECT_EQ(bench.down, injected("53100", "disk full") + ready("I"));
}

TEST_F(PostgresProxyTest, InsideATransactionTheServerFailsToo) {
  bench.client(query("begin"));
  bench.server(postgres_message('C', text("BEGIN")) + ready("T"));
  bench.add_rule(disk_full("insert*"));
  forget();
  bench.client(query("insert into t values (1)"));
  EXPECT_NE(bench.up.find("faultbox"), std::string::npos);
  bench.server(server_error() + ready("E"));
  EXPECT_EQ(bench.down, injected("53100", "disk full") + ready("E"));
}

TEST_F(PostgresProxyTest, APreparedStatementIsJudgedWhenItIsBound) {
  bench.add_rule(disk_full("select * from t"));
  bench.client(parse("s", "select *  from t") + sync());
  bench.server(postgres_message('1', "") + ready("I"));
  EXPECT_EQ(bench.rule().hits, 0u);
  for (uint64_t i = 1; i <= 2; ++i) {
    forget();
    bench.client(bind("", "s") + execute() + sync());
    EXPECT_EQ(bench.rule().hits, i);
    bench.server(server_error() + ready("I"));
    EXPECT_EQ(bench.down, injected("53100", "disk full") + ready("I"));
  }
}

TEST_F(PostgresProxyTest, AnErrorInAPipelineSkipsToItsSync) {
  bench.add_rule(disk_full("bad"));
  bench.client(parse("", "bad") + bind("", "") + describe_portal() + execute() + sync() +
               parse("", "good") + bind("", "") + execute() + sync());
  bench.server(postgres_message('1', "") + server_error() + ready("I"));
  EXPECT_EQ(bench.down, postgres_message('1', "") + injected("53100", "disk full") + ready("I"));
  forget();
  const std::string rest = postgres_message('1', "") + postgres_message('2', "") +
                           postgres_message('C', text("SELECT 0")) + ready("I");
  bench.server(rest);
  EXPECT_EQ(bench.down, rest);
  bench.add_rule(disk_full("other"));
  forget();
  bench.client(query("other"));
  EXPECT_EQ(bench.down, injected("53100", "disk full") + ready("I"));
}

TEST_F(PostgresProxyTest, RowsAnswerSimpleAndExtendedQueries) {
  bench.add_rule(response_rule({{"query", "select*"}}, R"([{"a": 1, "b": null}])"));
  bench.client(query("select 1"));
  const std::string simple = bench.down;
  EXPECT_TRUE(simple.ends_with(postgres_message('C', text("SELECT 1")) + ready("I")));
  forget();
  bench.client(parse("", "select 2") + bind("", "") + describe_portal() + execute() + sync());
  EXPECT_EQ(bench.up, parse("", "select 2") + sync());
  bench.server(postgres_message('1', ""));
  bench.server(ready("I"));
  EXPECT_EQ(bench.down, postgres_message('1', "") + postgres_message('2', "") + simple);
}

TEST_F(PostgresProxyTest, RowsInBinaryAreRefused) {
  bench.add_rule(response_rule({}, "[]"));
  bench.client(parse("", "select 2") + bind("", "", 1) + execute() + sync());
  EXPECT_EQ(bench.refused.size(), 1u);
}

TEST_F(PostgresProxyTest, ADuplicateIsExecutedTwice) {
  bench.add_rule(duplicate_rule());
  bench.client(query("insert 1"));
  EXPECT_EQ(bench.up, query("insert 1") + query("insert 1"));
  const std::string reply = postgres_message('C', text("INSERT 0 1")) + ready("I");
  bench.server(reply + reply);
  EXPECT_EQ(bench.down, reply);
  forget();
  bench.client(parse("", "insert 2") + bind("", "") + execute() + sync());
  EXPECT_EQ(bench.up,
            parse("", "insert 2") + bind("", "") + execute() + bind("", "") + execute() + sync());
  const std::string bound = postgres_message('2', "");
  const std::string done = postgres_message('C', text("INSERT 0 1"));
  bench.server(postgres_message('1', "") + bound + done + bound + done + ready("I"));
  EXPECT_EQ(bench.down, postgres_message('1', "") + bound + done + ready("I"));
}

TEST_F(PostgresProxyTest, ADropClosesTheConnection) {
  bench.add_rule(drop_rule());
  bench.client(query("select 1"));
  EXPECT_EQ(bench.ended, Ending::kClose);
}

TEST(PostgresStartTest, TlsIsToldAndPassesUnread) {
  SessionBench bench("postgres");
  bench.client(postgres_int32(8) + postgres_int32(80877103));
  bench.server("S");
  bench.client("\x16\x03\x01 and so on");
  EXPECT_TRUE(bench.lost_to_tls);
  EXPECT_TRUE(bench.up.ends_with("and so on"));
}

TEST(SqlTextTest, CommentsAndWhiteSpaceAreNoPartOfAStatement) {
  EXPECT_EQ(normal_sql("  SELECT\n\t1 -- one\n , '  a--b ' ; "), "SELECT 1 , '  a--b '");
  EXPECT_EQ(normal_sql("a/* x /* y */ z */b"), "a b");
  EXPECT_EQ(normal_sql("select $tag$ a  ; $tag$ ;;"), "select $tag$ a  ; $tag$");
  EXPECT_EQ(normal_sql("select 'unclosed  "), "select 'unclosed");
  EXPECT_EQ(sql_verb("insert into"), "INSERT");
}

}  // namespace
}  // namespace fb
