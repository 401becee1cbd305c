#include "core/run/redaction.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fb {
namespace {

Redaction of(const Redaction::Environment& environment,
             const std::vector<std::string>& strings = {}) {
  return Redaction::of(std::span(&environment, 1), strings);
}
std::string hidden(std::string_view text) {
  return of({}).text(text);
}

TEST(RedactionTest, VariablesNamedLikeSecrets) {
  for (const char* name : {"DB_PASS", "db_password", "PASSWD", "MY_PWD", "SECRET", "API_TOKEN",
                           "Key", "AWS_CREDENTIALS", "BASIC_AUTH"})
    EXPECT_TRUE(names_secret(name)) << name;
  for (const char* name : {"PATH", "PWD", "OLDPWD", "KEYBOARD", "PASSENGER", ""})
    EXPECT_FALSE(names_secret(name)) << name;
}

TEST(RedactionTest, LongValuesAreHiddenEverywhere) {
  const Redaction redaction = of({{"API_TOKEN", "abcd1234"}, {"HOME", "/home/abc"}});
  EXPECT_EQ(redaction.text("xabcd1234y abcd1234 /home/abc"), "x***y *** /home/abc");
}

TEST(RedactionTest, ShortValuesAreHiddenBesideTheirVariableOnly) {
  const Redaction redaction = of({{"DB_PASSWORD", "admin"}});
  EXPECT_EQ(redaction.text("admin logs in"), "admin logs in");
  EXPECT_EQ(redaction.text("DB_PASSWORD=admin PATH=admin"), "DB_PASSWORD=*** PATH=admin");
  EXPECT_EQ(redaction.text(R"({"DB_PASSWORD": "admin"})"), R"({"DB_PASSWORD": "***"})");
  EXPECT_EQ(redaction.text("DB_PASSWORD: administrator"), "DB_PASSWORD: administrator");
  EXPECT_EQ(redaction.text("the DB_PASSWORD admin uses"), "the DB_PASSWORD *** uses");
  EXPECT_EQ(redaction.text("MY_DB_PASSWORD=admin"), "MY_DB_PASSWORD=admin");
}

TEST(RedactionTest, StringsOfTheSpecAreHiddenHoweverShort) {
  EXPECT_EQ(of({}, {"abc", "abcdef", ""}).text("abcdef abc ab"), "*** *** ab");
}

TEST(RedactionTest, PasswordsOfUrls) {
  EXPECT_EQ(hidden("postgres://app:s3cret@db:5432/x?sslmode=off"),
            "postgres://app:***@db:5432/x?sslmode=off");
  EXPECT_EQ(hidden("redis://:p@ss@localhost"), "redis://:***@localhost");
  for (const char* plain : {"http://localhost:8080/a@b", "http://user@host/", "http://[::1]:80/",
                            "see http://localhost:80 and mail a@b.example"})
    EXPECT_EQ(hidden(plain), plain);
}

TEST(RedactionTest, PasswordsOfConnectionStrings) {
  EXPECT_EQ(hidden("root:s3cret@tcp(localhost:3306)/shop"), "root:***@tcp(localhost:3306)/shop");
  EXPECT_EQ(hidden("host=db password='a b' user=x"), "host=db password=*** user=x");
  EXPECT_EQ(hidden("Server=db;Pwd=s3cret;Port=1"), "Server=db;Pwd=***;Port=1");
  EXPECT_EQ(hidden("/login?password=s3cret&next=/"), "/login?password=***&next=/");
}

TEST(RedactionTest, LongPasswordsOfUrlsAreHiddenEverywhere) {
  const Redaction redaction = of({{"DATABASE_URL", "postgres://app:abc%40defgh@db/x"}});
  EXPECT_EQ(redaction.text("login with abc@defgh or abc%40defgh"), "login with *** or ***");
  EXPECT_EQ(of({{"DATABASE_URL", "postgres://app:abc@db/x"}}).text("abc"), "abc");
}

TEST(RedactionTest, HeadersThatCarryCredentials) {
  EXPECT_EQ(hidden("GET / HTTP/1.1\r\nAuthorization: Bearer a.b.c\r\nHost: x\r\n"),
            "GET / HTTP/1.1\r\nAuthorization: ***\r\nHost: x\r\n");
  EXPECT_EQ(hidden(R"({"set-cookie":"sid=1; Path=/","n":1})"), R"({"set-cookie":"***","n":1})");
  EXPECT_EQ(hidden(R"("{\"Cookie\": \"sid=1\"}")"), R"("{\"Cookie\": \"***\"}")");
  EXPECT_EQ(hidden("{'Cookie': 'sid=1', 'n': 1}"), "{'Cookie': '***', 'n': 1}");
  EXPECT_EQ(hidden("the cookie jar"), "the cookie jar");
}

TEST(RedactionTest, SecretsInsideJsonAndOverSeveralLines) {
  const Redaction redaction =
      of({{"API_KEY", "say \"hello\""}, {"TLS_KEY", "BEGIN KEY\nabcdefgh\n"}});
  EXPECT_EQ(redaction.text(R"({"k":"say \"hello\""})"), R"({"k":"***"})");
  EXPECT_EQ(redaction.text("line: abcdefgh"), "line: ***");
}

TEST(RedactionTest, NothingIsHiddenWhenItIsTurnedOff) {
  const std::string text = "postgres://app:s3cret@db Authorization: x";
  EXPECT_EQ(Redaction::none().text(text), text);
}

// A result that says the secret wherever it can.
TEST(RedactionTest, NoPartOfAResultShowsTheSecret) {
  const std::string secret = "topsecret";
  TestResult result;
  result.name = "test_x";
  result.reason = result.replay_command = secret;
  result.error_detail = ErrorDetail{
      .message = secret, .backtrace = {secret}, .closest = {{1, secret}}, .also = {secret}};
  FaultReport fault;
  fault.label = fault.path = fault.destination = fault.rule = fault.applied = secret;
  result.faults = {fault};
  ProtocolFaultReport protocol_fault;
  protocol_fault.label = secret;
  protocol_fault.match = {{"key", secret}};
  result.protocol_faults = {protocol_fault};
  result.diagnostics = {{.code = "X", .message = secret, .suggestion = secret}};
  Event event;
  event.fields = {{"raw", secret}, {"authorization", "x"}, {"PIN_KEY", "1234"}, {"n", "1234"}};
  result.events = {event};
  result.services = {{.name = "db", .output_tail = secret}};
  result.held = {{.path = secret}};
  ExplorationReport exploration;
  exploration.outcomes = {{.key = secret}};
  exploration.race = {{.object = secret, .value = secret, .remark = secret}};
  exploration.critical_decision = exploration.first_difference = secret;
  exploration.passing_events = {event};
  result.exploration = exploration;

  TestResult redacted = result;
  of({{"PIN_KEY", "1234"}}, {secret}).apply(redacted);

  TestResult expected = result;
  expected.reason = expected.replay_command = "***";
  expected.error_detail =
      ErrorDetail{.message = "***", .backtrace = {"***"}, .closest = {{1, "***"}}, .also = {"***"}};
  FaultReport& hidden_fault = expected.faults[0];
  hidden_fault.label = hidden_fault.path = hidden_fault.destination = hidden_fault.rule =
      hidden_fault.applied = "***";
  expected.protocol_faults[0].label = "***";
  expected.protocol_faults[0].match = {{"key", "***"}};
  expected.diagnostics = {{.code = "X", .message = "***", .suggestion = "***"}};
  event.fields = {{"raw", "***"}, {"authorization", "***"}, {"PIN_KEY", "***"}, {"n", "1234"}};
  expected.events = {event};
  expected.services[0].output_tail = expected.held[0].path = "***";
  expected.exploration->outcomes[0].key = "***";
  expected.exploration->race = {{.object = "***", .value = "***", .remark = "***"}};
  expected.exploration->critical_decision = expected.exploration->first_difference = "***";
  expected.exploration->passing_events = {event};
  EXPECT_EQ(redacted, expected);
}

RC_GTEST_PROP(RedactionProperty, ALongSecretIsNeverShownAndASecondPassChangesNothing, ()) {
  const auto secret = *rc::gen::suchThat(
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab\"\\:@=/ "))),
      [](const std::string& text) { return text.size() >= 8; });
  const auto part = rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab:@=/ \"")));
  const Redaction redaction = of({{"API_KEY", secret}});
  const std::string once = redaction.text(*part + secret + *part);
  RC_ASSERT(once.find(secret) == std::string::npos);
  RC_ASSERT(redaction.text(once) == once);
}

}  // namespace
}  // namespace fb
