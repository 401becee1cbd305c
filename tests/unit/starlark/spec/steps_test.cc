// Steps: how arguments are bound and what comes back.
#include "tests/unit/starlark/spec/spec_fixture.h"

namespace fb::spec {
namespace {

class StepsTest : public SpecTest {
 protected:
  std::map<std::string, std::string> arguments(const std::string& step) {
    const std::string reason = reason_in_test(step);
    EXPECT_EQ(reason, "");
    return catalog_.calls.empty() ? std::map<std::string, std::string>{}
                                  : catalog_.calls.back().arguments_json;
  }
  using Arguments = std::map<std::string, std::string>;
  using Texts = std::vector<std::string>;
};

TEST_F(StepsTest, ArgumentsGoByPositionOrKeywordAndDefaultsAreFilledIn) {
  EXPECT_EQ(arguments("api.post('/pay', body = 'x')"),
            (Arguments{{"path", "\"/pay\""}, {"body", "\"x\""}, {"headers", "{}"}}));
  EXPECT_EQ(arguments("api.main.get()"), (Arguments{{"path", "\"/\""}, {"headers", "{}"}}));
}

TEST_F(StepsTest, TheCallNamesWhoAsksWhomAndWhat) {
  arguments("api.get('/x', timeout = '3s')");
  const StepCall& call = catalog_.calls.back();
  EXPECT_EQ(call.actor, ActorId::test());
  EXPECT_EQ(call.to, Address::loopback4(8080));
  EXPECT_EQ(call.protocol, "http");
  EXPECT_EQ(call.method, "get");
  EXPECT_EQ(call.timeout, Duration(std::chrono::seconds(3)));
}

TEST_F(StepsTest, ValuesGoByMeaning) {
  EXPECT_EQ(arguments("api.post('/', body = 5)").at("body"), "\"5\"");
  EXPECT_EQ(arguments("api.post('/', body = {'a': [1, None, True, 1.5]})").at("body"),
            "\"{\\\"a\\\":[1,null,true,1.5]}\"");
  EXPECT_EQ(arguments("api.get(headers = {'X-N': 3})").at("headers"), "{\"X-N\":\"3\"}");
}

TEST_F(StepsTest, WrongArgumentsAreErrors) {
  EXPECT_NE(reason_in_test("api.get('/', headers = 5)")
                .find("get(): for parameter headers: got int, want dict"),
            std::string::npos);
  EXPECT_NE(reason_in_test("api.get(pth = '/')")
                .find("get(): unexpected keyword argument \"pth\" (did you mean \"path\"?)"),
            std::string::npos);
  EXPECT_NE(reason_in_test("db.send()").find("send(): missing argument for data"),
            std::string::npos);
  EXPECT_NE(reason_in_test("api.get(timeout = 'soon')").find("get(): "), std::string::npos);
}

TEST_F(StepsTest, SurplusPositionalsBecomeArgs) {
  run("r = service('r', './r', interface('main', 'redis', 1))\n"
      "def test_a():\n    r.command('SET', 'k', 5)\n    r.command('GET', args = ['k'])\n"
      "    r.command('PING')\n");
  ASSERT_EQ(catalog_.calls.size(), 3u);
  EXPECT_EQ(catalog_.calls[0].arguments_json.at("args"), "[\"k\",5]");
  EXPECT_EQ(catalog_.calls[1].arguments_json.at("args"), "[\"k\"]");
  EXPECT_EQ(catalog_.calls[2].arguments_json.at("args"), "[]");
}

TEST_F(StepsTest, AResponseHasItsParts) {
  catalog_.answer = [](const StepCall&) {
    return StepResponse{.ok = true,
                        .status = 201,
                        .body = "{\"n\": 1.0, \"x\": 1.5, \"l\": [true, null]}",
                        .headers = {{"content-type", "application/json"}, {"a", "1"}, {"a", "2"}}};
  };
  run(std::string(kServices) +
      "def test_a():\n    r = api.get('/')\n    print(r, r.status, r.ok, r.data, r.headers)\n"
      "    print(type(r.data['n']), bool(r), r.body, repr(r.error), r.duration_ms, type(r))\n");
  EXPECT_EQ(printed_,
            (Texts{"<response status=201> 201 True {\"n\": 1, \"x\": 1.5, \"l\": [True, None]} "
                   "{\"a\": \"1, 2\", \"content-type\": \"application/json\"}",
                   "int True {\"n\": 1.0, \"x\": 1.5, \"l\": [true, null]} \"\" 0 response"}));
}

TEST_F(StepsTest, AFailureDoesNotRaise) {
  catalog_.answer = [](const StepCall&) { return StepResponse{.error = "connection refused"}; };
  const TestResult result = run(std::string(kServices) +
                                "def test_a():\n    r = api.get('/')\n"
                                "    print(r, bool(r), r.status, r.data == '')\n");
  EXPECT_EQ(result.result, Verdict::kPass) << result.reason;
  EXPECT_EQ(printed_, Texts{"<response error=\"connection refused\"> False 0 True"});
}

TEST_F(StepsTest, AFailureOfSendRaises) {
  catalog_.answer = [](const StepCall&) {
    return StepResponse{.error = "tcp send failed: dial 127.0.0.1:7000: connection refused"};
  };
  EXPECT_EQ(reason_in_test("db.main.send('x')"),
            "tcp send failed: dial 127.0.0.1:7000: connection refused");
}

TEST_F(StepsTest, StepsAreEventsOfTheTest) {
  const TestResult result = run(std::string(kServices) + "def test_a():\n    db.send('x')\n");
  std::vector<std::string> types;
  for (const Event& event : result.events) {
    if (event.service == "test") types.push_back(event.event_type());
  }
  EXPECT_EQ(types, (Texts{"step_send.db", "step_recv.db"}));
}

}  // namespace
}  // namespace fb::spec
