// What is legal Python but not Starlark, as the explaining dialect refuses it: the message names
// the way to write it.
#include "tests/unit/starlark/lang/eval_fixture.h"

#include <string>

namespace fb::starlark {
namespace {

struct Habit {
  std::string source;
  std::string says;
};

class HabitTest : public EvalTest, public ::testing::WithParamInterface<Habit> {};

TEST_P(HabitTest, IsExplained) {
  options.dialect.explain_python = true;
  const Ran ran = run(GetParam().source);
  EXPECT_NE(ran.message.find(GetParam().says), std::string::npos) << ran.message;
}

INSTANTIATE_TEST_SUITE_P(
    Python, HabitTest,
    ::testing::Values(
        Habit{"x = f'{y}'", "write \"{}\".format(x)"},
        Habit{"def f():\n  while True:\n    pass", "write `for i in range(n)` and break"},
        Habit{"try:\n  pass\nexcept:\n  pass", "errors end the program; test the condition first"},
        Habit{"class A:\n  pass", "write a def that returns a struct or dict"},
        Habit{"import json", "write load(\"file.star\", \"name\")"},
        Habit{"from json import loads", "write load(\"file.star\", \"name\")"},
        Habit{"if True:\n  pass", "put it into a def and call that"},
        Habit{"for x in [1]:\n  pass", "put it into a def and call that"},
        Habit{"x = 1 if True", "write `x if c else y`"}, Habit{"x = 1 is None", "write == or !="},
        Habit{"x = 1 is not None", "write == or !="},
        Habit{"x = 2 ** 3", "** is not a power operator: multiply instead"},
        Habit{"def f():\n  raise 1", "write fail(\"message\")"},
        Habit{"def f():\n  del x[1]", "write d.pop(key)"},
        Habit{"def f():\n  global x", "change a list or dict held by the global"},
        Habit{"with x as y:\n  pass", "pass a function to the one that needs a scope"},
        Habit{"def f():\n  yield 1", "return a list"},
        Habit{"a = b = 1", "assignments do not chain: write one per line"},
        Habit{"x = list(y for y in [1])", "there are no generator expressions"},
        Habit{"x = 'a' 'b'", "strings are joined with +"},
        Habit{"print 'a'", "print(...) is a function"},
        Habit{"x = {1, 2}", "a set is written set([...])"},
        Habit{"x = {1}", "a set is written set([...])"},
        Habit{"x: int = 1", "names have no type annotations"},
        Habit{"@cached\ndef f():\n  pass", "there are no decorators"}));

// Neither style of a keyword argument is a habit to refuse.
TEST_F(EvalTest, BothCallStylesParse) {
  EXPECT_EQ(output("def f(a, b):\n  return a + b\nprint(f(a=1, b=2), f(a = 1, b = 2))"), "3 3\n");
}

}  // namespace
}  // namespace fb::starlark
