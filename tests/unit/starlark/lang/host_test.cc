// The host interface: builtins from tables, host objects, calls back, threads, loads.
#include "starlark/eval/containers.h"
#include "starlark/eval/operators.h"
#include "starlark/lib/document.h"
#include "tests/unit/starlark/lang/eval_fixture.h"

#include <fmt/format.h>

namespace fb::starlark {
namespace {

struct AssertionFailed : FailurePayload {};

Outcome assert_true(Call& call) {
  if (call[0].truth()) return Value::none();
  return call.fail("assertion failed: " + call.source_text(0))
      .with(std::make_shared<AssertionFailed>());
}
constexpr Param kAssertParams[] = {{"condition"}, {"message", types::kString, nullptr}};
constexpr BuiltinDef kAssertTrue{"assert_true", kAssertParams, "Fails unless the condition holds.",
                                 assert_true};

Outcome deny(Call& call) {
  if (call.text(0) != "EIO") return invalid("unknown errno \"" + std::string(call.text(0)) + "\"");
  return call.heap().string(fmt::format("{}/{}/{}", call.text(0), str(call[1]), str(call[2])));
}
constexpr Param kDenyParams[] = {
    {"errno", types::kString, {}, ParamKind::kPositional, "what the call returns"},
    {"probability", types::kString | types::kNumber, "100%"},
    {"label", types::kString, nullptr, ParamKind::kKeywordOnly}};
constexpr BuiltinDef kDeny{"deny", kDenyParams, "Refuses the matching calls.", deny, "fault"};

Outcome service(Call& call) {
  std::string out = std::string(call.text(0));
  for (const Value& v : call.rest()) out += "," + repr(v);
  for (const auto& [name, value] : call.keywords())
    out += fmt::format(",{}={}", name.name(), repr(value));
  return call.heap().string(out);
}
constexpr Param kServiceParams[] = {{"name", types::kString},
                                    {"interfaces", types::kAny, {}, ParamKind::kArgs},
                                    {"env", types::kAny, {}, ParamKind::kKwargs}};
constexpr BuiltinDef kService{"service", kServiceParams, "A process under test.", service,
                              "service"};

class Response : public HostObject {
 public:
  explicit Response(std::int64_t status) : status_(status) {}
  static const HostType kType;
  const HostType& type() const override { return kType; }
  std::string str() const override { return fmt::format("<response status={}>", status_); }
  bool truth() const override { return status_ < 400; }
  std::int64_t status() const { return status_; }

 private:
  std::int64_t status_;
};
Outcome response_twice(Call& call) {
  return call.heap().integer(2 * call.self_as<Response>().status());
}
constexpr BuiltinDef kTwice{"twice", {}, "Twice the status.", response_twice, "int"};
constexpr const BuiltinDef* kResponseMethods[] = {&kTwice};
constexpr Attribute kResponseAttributes[] = {
    {"status", "int", "HTTP status", [](Thread& thread, HostObject& self) -> Outcome {
       return thread.heap().integer(static_cast<Response&>(self).status());
     }}};
const HostType Response::kType{
    .name = "response", .attributes = kResponseAttributes, .methods = kResponseMethods};

Outcome make_response(Call& call) {
  return call.heap().make<Response>(FB_TRY(call.integer(0)));
}
constexpr Param kResponseParams[] = {{"status", types::kInt}};
constexpr BuiltinDef kResponse{"response", kResponseParams, "", make_response, "response"};

Outcome apply(Call& call) {
  return call.thread().call(call[0], call.rest(), call.keywords());
}
constexpr Param kApplyParams[] = {{"f", types::kCallable},
                                  {"args", types::kAny, {}, ParamKind::kArgs},
                                  {"kwargs", types::kAny, {}, ParamKind::kKwargs}};
constexpr BuiltinDef kApply{"apply", kApplyParams, "", apply, "Any"};

Outcome takes_response(Call& call) {
  return call.heap().string(call.as<Response>(0)->str());
}
static const Param kTakesParams[] = {{"r", Types(Response::kType) | types::kString}};
static const BuiltinDef kTakes{"takes", kTakesParams, "", takes_response};

class HostTest : public ::testing::Test {
 protected:
  HostTest() {
    options_.dialect = Dialect::spec();
    options_.cache = &cache_;
    options_.load = [this](Thread&, std::string_view module,
                           std::string_view) -> Result<std::variant<LoadedSource, LoadedValues>> {
      const auto found = files_.find(std::string(module));
      if (found == files_.end()) return failed("no such file");
      return std::variant<LoadedSource, LoadedValues>(LoadedSource{found->first, found->second});
    };
  }
  Ran run(const std::string& source) {
    Interpreter interpreter(options_);
    lib::install_universe(interpreter);
    for (const BuiltinDef* def : {&kAssertTrue, &kDeny, &kService, &kResponse, &kApply, &kTakes}) {
      interpreter.predeclare(*def);
    }
    Ran ran;
    Thread thread(interpreter);
    thread.print = [&](Thread&, std::string_view line) { ran.printed += std::string(line) + "\n"; };
    auto result = interpreter.run(thread, "spec.star", source);
    ran.ok = result.ok();
    if (!result.ok()) {
      ran.message = result.failure().message();
      ran.report = result.failure().report();
      assertion = result.failure().payload_as<AssertionFailed>() != nullptr;
    }
    return ran;
  }

  bool assertion = false;
  CodeCache cache_;
  InterpreterOptions options_;
  std::map<std::string, std::string> files_;
};

TEST_F(HostTest, DefaultsAndKeywordsAreBound) {
  EXPECT_EQ(
      run("print(deny(\"EIO\"))\nprint(deny(label = \"x\", errno = \"EIO\", probability = 0.5))")
          .printed,
      "EIO/100%/None\nEIO/0.5/x\n");
}

TEST_F(HostTest, ErrorsNameTheBuiltinThePlaceAndTheCallers) {
  const Ran ran = run("def test_disk():\n  deny(\"EOI\")\n\ntest_disk()\n");
  EXPECT_EQ(ran.report,
            "spec.star:2:7: deny(): unknown errno \"EOI\"\n  spec.star:4:10 in <toplevel>");
  EXPECT_EQ(ran.message, "deny: unknown errno \"EOI\"");
}

TEST_F(HostTest, BindingErrorsOfBuiltins) {
  EXPECT_EQ(run("deny()").message, "deny: missing argument for errno");
  EXPECT_EQ(run("deny(1)").message, "deny: for parameter errno: got int, want string");
  EXPECT_EQ(run("deny(\"EIO\", 1, 2)").message, "deny: got 3 arguments, want at most 2");
  EXPECT_EQ(run("deny(\"EIO\", lable = \"x\")").message,
            "deny: unexpected keyword argument \"lable\" (did you mean \"label\"?)");
  EXPECT_EQ(run("deny(\"EIO\", errno = \"EIO\")").message,
            "deny: got multiple values for keyword argument \"errno\"");
  EXPECT_EQ(run("deny(\"EIO\", [])").message,
            "deny: for parameter probability: got list, want float or int or string");
  EXPECT_EQ(run("takes(1)").message, "takes: for parameter r: got int, want response or string");
}

TEST_F(HostTest, ArgsAndKwargs) {
  EXPECT_EQ(run("print(service(\"db\", 1, 2, a = 3))\nprint(service(\"db\", *[1], **{\"b\": 2}))")
                .printed,
            "db,1,2,a=3\ndb,1,b=2\n");
}

TEST_F(HostTest, TheSourceOfAnArgumentIsKnown) {
  EXPECT_EQ(run("x = 1\nassert_true(x  ==  2)").message, "assert_true: assertion failed: x  ==  2");
  EXPECT_TRUE(assertion);
  EXPECT_EQ(run("assert_true(message = \"\", condition = [])").message,
            "assert_true: assertion failed: []");
}

TEST_F(HostTest, HostObjectsHaveAttributesAndMethods) {
  EXPECT_EQ(
      run("r = response(200)\nprint(r, r.status, r.twice(), bool(r), type(r), dir(r))").printed,
      "<response status=200> 200 400 True response [\"status\", \"twice\"]\n");
  EXPECT_EQ(run("response(1).statsu").message,
            "response has no .statsu field or method (did you mean \"status\"?)");
  EXPECT_EQ(run("{response(1): 1}").message, "unhashable type: response");
  EXPECT_EQ(run("print(takes(response(3)))").printed, "<response status=3>\n");
}

TEST_F(HostTest, BuiltinsCallBack) {
  EXPECT_EQ(
      run("print(apply(lambda a, b = 2: a + b, 1))\nprint(apply(dict, [(1, 2)], c = 3))").printed,
      "3\n{1: 2, \"c\": 3}\n");
  EXPECT_EQ(run("apply(lambda: 1 // 0)").report,
            "spec.star:1:17: floored division by zero\n  spec.star:1:6 in <toplevel>");
}

TEST_F(HostTest, ModuleValuesStayMutableInSpecs) {
  files_["m.star"] = "counts = {\"n\": 0}\ndef bump():\n  counts[\"n\"] += 1\n";
  EXPECT_EQ(run("load(\"m.star\", \"counts\", \"bump\")\nbump()\nbump()\nprint(counts)").printed,
            "{\"n\": 2}\n");
}

TEST_F(HostTest, LoadCyclesAreShown) {
  files_["b.star"] = "load(\"c.star\", \"x\")";
  files_["c.star"] = "load(\"b.star\", \"x\")";
  const Ran ran = run("load(\"b.star\", \"x\")");
  EXPECT_NE(ran.message.find("cycle in load graph: b.star -> c.star -> b.star"), std::string::npos)
      << ran.message;
}

TEST_F(HostTest, AFileRunsOnce) {
  files_["a.star"] = "print(\"a\")\nx = []";
  files_["b.star"] = "load(\"a.star\", \"x\")\ny = x";
  EXPECT_EQ(run("load(\"a.star\", \"x\")\nload(\"b.star\", \"y\")\nx.append(1)\nprint(y)").printed,
            "a\n[1]\n");
}

TEST_F(HostTest, CodeIsCompiledOnceForManyEvaluations) {
  files_["a.star"] = "x = 1";
  for (int i = 0; i < 3; ++i) run("load(\"a.star\", \"x\")\nprint(x)");
  EXPECT_EQ(cache_.size(), 2u);
}

TEST_F(HostTest, ASpecMayBindAPredeclaredName) {
  EXPECT_EQ(run("deny = 1\nprint(deny)").printed, "1\n");
}

TEST_F(HostTest, HabitsOfPythonAreExplained) {
  EXPECT_NE(run("x = f\"a\"").message.find("f-strings are not part of Starlark"),
            std::string::npos);
  EXPECT_NE(run("if True:\n  pass").message.find("put it into a def"), std::string::npos);
  EXPECT_NE(run("try:\n  pass").message.find("try is not part of Starlark"), std::string::npos);
  EXPECT_NE(run("def f():\n  while True:\n    pass").message.find("for i in range(n)"),
            std::string::npos);
  EXPECT_NE(run("x = 1 if True").message.find("write `x if c else y`"), std::string::npos);
  EXPECT_NE(run("import os").message.find("load("), std::string::npos);
  EXPECT_EQ(run("denny(1)").message, "spec.star:1:1: undefined: denny (did you mean \"deny\"?)");
}

TEST(Documents, ShowTheTable) {
  const BuiltinDef* const rows[] = {&kDeny};
  EXPECT_EQ(lib::signature(kDeny), "deny(errno, probability = \"100%\", *, label = None) -> fault");
  EXPECT_NE(
      lib::render_markdown(rows).find("| `errno` | string | required | what the call returns |"),
      std::string::npos);
  EXPECT_NE(
      lib::render_stubs(rows).find("def deny(errno: str, probability: float | str = \"100%\", *, "
                                   "label: str = None) -> fault:"),
      std::string::npos);
}

// Several threads over one interpreter, with a switch in the middle of a call: a builtin of the one
// runs code on the other, as parallel() does.
Outcome elsewhere(Call& call) {
  auto* other = call.thread().interpreter().host<Thread>();
  return other->call(call[0]);
}
constexpr Param kElsewhereParams[] = {{"f", types::kCallable}};
constexpr BuiltinDef kElsewhere{"elsewhere", kElsewhereParams, "", elsewhere, "Any"};

TEST(Threads, HaveTheirOwnFramesAndRecursionCheck) {
  Interpreter interpreter({.dialect = Dialect::spec()});
  lib::install_universe(interpreter);
  interpreter.predeclare(kElsewhere);
  Thread thread(interpreter, "main");
  Thread other(interpreter, "other");
  interpreter.host_data = &other;
  auto ran = interpreter.run(thread, "t.star",
                             "def twice(f):\n  return f() if f else 7\n"
                             "x = twice(lambda: elsewhere(lambda: twice(None)))\n");
  ASSERT_TRUE(ran.ok()) << ran.failure().backtrace();
  EXPECT_EQ(ran.value()->find("x").as_int64(), 7);
}

TEST(Threads, AreCancelledFromOutside) {
  Interpreter interpreter({.dialect = {.while_loops = true}});
  lib::install_universe(interpreter);
  Thread thread(interpreter);
  thread.print = [](Thread& t, std::string_view) { t.cancel("test timed out"); };
  auto ran = interpreter.run(thread, "t.star", "def f():\n  while True:\n    print(1)\nf()\n");
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.failure().message(), "Starlark computation cancelled: test timed out");
}

// Calls of attributes that are values, not methods, must not keep their object.
TEST(Threads, CallsOfFieldsHoldNothingAfterwards) {
  Interpreter interpreter({});
  lib::install_universe(interpreter);
  Thread thread(interpreter);
  auto ran =
      interpreter.run(thread, "t.star",
                      "def f(n):\n  for i in range(n):\n    s = struct(f = len, x = [i] * 100)\n"
                      "    s.f(s.x)\n    [1, 2].index(2)\n    \"%d\".format(i)\n");
  ASSERT_TRUE(ran.ok());
  const Value count = Value::small(1000);
  ASSERT_TRUE(thread.call(ran.value()->find("f"), {&count, 1}).ok());
  const std::size_t before = interpreter.heap().bytes_in_use();
  ASSERT_TRUE(thread.call(ran.value()->find("f"), {&count, 1}).ok());
  EXPECT_EQ(interpreter.heap().bytes_in_use(), before);
}

TEST(Threads, GlobalsComeInOrderOfDefinition) {
  Interpreter interpreter({});
  lib::install_universe(interpreter);
  Thread thread(interpreter);
  auto ran = interpreter.run(thread, "t.star", "b = 1\ndef a(x, y = 1, *z):\n  \"\"\"Doc.\"\"\"\n");
  ASSERT_TRUE(ran.ok());
  const auto globals = ran.value()->globals();
  ASSERT_EQ(globals.size(), 2u);
  EXPECT_EQ(globals[0].name, "b");
  const auto info = Interpreter::describe(globals[1].value);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->name, "a");
  EXPECT_EQ(info->doc, "Doc.");
  EXPECT_EQ(info->parameters, 2u);
  EXPECT_TRUE(info->variadic);
  EXPECT_EQ(info->location.str(), "t.star:2:1");
}

}  // namespace
}  // namespace fb::starlark
