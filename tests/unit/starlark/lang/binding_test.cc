// How arguments become parameters: every shape of a signature against a model of the rules.
#include "tests/unit/starlark/lang/eval_fixture.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace fb::starlark {
namespace {

using BindingTest = EvalTest;

TEST_F(BindingTest, KeywordOnlyDefaultsHoldHoweverManyPositionalOnesCome) {
  EXPECT_EQ(output("def f(a, *args, b = 1, c = 7):\n  return (a, args, b, c)\n"
                   "print(f(1), f(1, 2), f(1, 2, 3), f(1, 2, 3, 4), f(1, 2, 3, 4, 5, b = 3))"),
            "(1, (), 1, 7) (1, (2,), 1, 7) (1, (2, 3), 1, 7) (1, (2, 3, 4), 1, 7) "
            "(1, (2, 3, 4, 5), 3, 7)\n");
}

// def f(p0, p1=.., *args, k0=.., **kwargs) called with some of each; what it returns, by the rules.
RC_GTEST_PROP(Binding, FollowsTheRules, ()) {
  const int required = *rc::gen::inRange(0, 3);
  const int optional = *rc::gen::inRange(0, 3);
  const int keyword_only = *rc::gen::inRange(0, 3);
  const int positional = required + optional;
  const int given = *rc::gen::inRange(required, positional + 4);
  std::vector<std::string> parameters, values, arguments, expected;
  for (int i = 0; i < positional; ++i) {
    parameters.push_back(i < required ? fmt::format("p{}", i) : fmt::format("p{}={}", i, 100 + i));
    values.push_back(fmt::format("p{}", i));
    expected.push_back(std::to_string(i < given ? i : 100 + i));
  }
  parameters.emplace_back("*args");
  values.emplace_back("len(args)");
  expected.push_back(std::to_string(std::max(0, given - positional)));
  for (int i = 0; i < given; ++i) arguments.push_back(std::to_string(i));
  for (int i = 0; i < keyword_only; ++i) {
    parameters.push_back(fmt::format("k{}={}", i, 200 + i));
    values.push_back(fmt::format("k{}", i));
    const bool named = *rc::gen::arbitrary<bool>();
    if (named) arguments.push_back(fmt::format("k{}={}", i, 300 + i));
    expected.push_back(std::to_string(named ? 300 + i : 200 + i));
  }
  parameters.emplace_back("**kwargs");
  values.emplace_back("len(kwargs)");
  const bool extra = *rc::gen::arbitrary<bool>();
  if (extra) arguments.emplace_back("other=1");
  expected.emplace_back(extra ? "1" : "0");
  // Three times from one place: the call site remembers the callee.
  const std::string source = fmt::format(
      "def f({}):\n  return [{}]\ndef g():\n  return [f({}) for _ in range(3)][2]\nprint(g())",
      fmt::join(parameters, ", "), fmt::join(values, ", "), fmt::join(arguments, ", "));
  Interpreter interpreter({});
  lib::install_universe(interpreter);
  Thread thread(interpreter);
  std::string printed;
  thread.print = [&](Thread&, std::string_view line) { printed = line; };
  RC_ASSERT(interpreter.run(thread, "t.star", source).ok());
  RC_ASSERT(printed == fmt::format("[{}]", fmt::join(expected, ", ")));
}

}  // namespace
}  // namespace fb::starlark
