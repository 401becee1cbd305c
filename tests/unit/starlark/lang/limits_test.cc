// What must never crash: depth, length, cycles, on any stack.
#include "tests/unit/starlark/lang/eval_fixture.h"

#include <boost/context/fiber.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>

namespace fb::starlark {
namespace {

using LimitsTest = EvalTest;

TEST_F(LimitsTest, AThousandParenthesesParse) {
  EXPECT_EQ(output("print(" + repeated("(", 1000) + "1" + repeated(")", 1000) + ")"), "1\n");
}

TEST_F(LimitsTest, TooManyParenthesesAreAnError) {
  const Ran ran = run("x = " + repeated("(", 100'000) + "1" + repeated(")", 100'000));
  EXPECT_NE(ran.message.find("nested too deeply"), std::string::npos) << ran.message;
}

TEST_F(LimitsTest, NestedListsOfEveryKindAreLimited) {
  for (const char* open :
       {"[", "{1:", "(1,", "f(", "x[", "-", "not ", "lambda: ", "1 if 1 else ", "[x for x in "}) {
    const Ran ran = run("x = " + repeated(open, 20'000) + "1");
    EXPECT_FALSE(ran.ok) << open;
  }
}

TEST_F(LimitsTest, NestedBlocksAreLimited) {
  std::string source = "def f():\n";
  for (std::size_t i = 1; i < 3000; ++i) source += repeated(" ", i) + "if True:\n";
  source += repeated(" ", 3000) + "pass\n";
  EXPECT_NE(run(source).message.find("nested too deeply"), std::string::npos);
}

TEST_F(LimitsTest, LongChainsOfOperatorsNeedNoDepth) {
  EXPECT_EQ(output("print(" + repeated("1 + ", 50'000) + "1)"), "50001\n");
  EXPECT_EQ(output("print(" + repeated("True and ", 20'000) + "1)"), "1\n");
  EXPECT_EQ(
      output("def f():\n  return 1 if " + repeated("1 and ", 20'000) + "1 else 2\nprint(f())"),
      "1\n");
  EXPECT_EQ(output("print(len(\"a\"" + repeated(".upper()", 1900) + "))"), "1\n");
}

TEST_F(LimitsTest, ManyStatementsAndBlankLines) {
  EXPECT_EQ(output(repeated("\n", 200'000) + repeated("pass\n", 50'000) + "print(1)"), "1\n");
}

TEST_F(LimitsTest, LongDisplays) {
  EXPECT_EQ(output("x = [" + repeated("1,", 70'000) + "]\nprint(len(x))"), "70000\n");
  EXPECT_EQ(output("x = (" + repeated("\"a\",", 70'000) + ")\nprint(len(x))"), "70000\n");
}

TEST_F(LimitsTest, ManyConstantsAndNames) {
  std::string source = "x = [";
  for (int i = 0; i < 40'000; ++i) source += "\"s" + std::to_string(i) + "\",";
  source += "]\nprint(x[39999] + x[0])\n";
  EXPECT_EQ(output(source), "s39999s0\n");
}

TEST_F(LimitsTest, DeepListsPrintFreeAndFreeze) {
  const std::string make = "def f(n):\n  x = []\n  for _ in range(n):\n    x = [x]\n  return x\n";
  EXPECT_EQ(output(make + "print(len(str(f(200000))))"), "400002\n");
  EXPECT_EQ(output(make + "deep = f(200000)\nprint(len(deep))"), "1\n");
}

TEST_F(LimitsTest, DeepTuplesAreNoKeys) {
  const Ran ran =
      run("def f():\n  x = ()\n  for _ in range(100000):\n    x = (x,)\n  return {x: 1}\nf()");
  EXPECT_NE(ran.message.find("nested too deeply"), std::string::npos) << ran.message;
}

TEST_F(LimitsTest, CyclesPrint) {
  EXPECT_EQ(output("x = [1]\nx.append(x)\nd = {}\nd[1] = d\nprint(x, d)"),
            "[1, [...]] {1: {...}}\n");
}

TEST_F(LimitsTest, JsonOfDeepAndCyclicValues) {
  const Ran deep =
      run("def f():\n  x = []\n  for _ in range(50000):\n    x = [x]\n  json.encode(x)\nf()");
  EXPECT_NE(deep.message.find("nested too deeply"), std::string::npos);
  const Ran cyclic = run("x = []\nx.append(x)\njson.encode(x)");
  EXPECT_NE(cyclic.message.find("cycle in JSON structure"), std::string::npos);
  const Ran text = run("json.decode(\"[\" * 100000)");
  EXPECT_FALSE(text.ok);
}

TEST_F(LimitsTest, RunawayRecursionIsAStackOverflow) {
  options.dialect.recursion = true;
  const Ran ran = run("def f(n):\n  return f(n + 1)\nf(0)");
  EXPECT_EQ(ran.message, "Starlark stack overflow");
}

TEST_F(LimitsTest, RunawayRecursionThroughBuiltinsIsAStackOverflow) {
  options.dialect.recursion = true;
  const Ran ran = run("def f(n):\n  return max([n, n], key = f)\nf(0)");
  EXPECT_NE(ran.message.find("Starlark stack overflow"), std::string::npos) << ran.message;
}

TEST_F(LimitsTest, DeepRecursionThatEndsIsFine) {
  options.dialect.recursion = true;
  EXPECT_EQ(output("def f(n):\n  if n == 0:\n    return 0\n  return 1 + f(n - 1)\nprint(f(50000))"),
            "50000\n");
}

TEST_F(LimitsTest, TheStepLimitEndsLoops) {
  step_limit = 10'000;
  options.dialect.while_loops = true;
  const Ran ran = run("def f():\n  while True:\n    pass\nf()");
  EXPECT_EQ(ran.message, "Starlark computation cancelled: too many steps");
  EXPECT_EQ(ran.code, Code::kCancelled);
}

TEST_F(LimitsTest, HugeRepetitionsAreRefused) {
  EXPECT_NE(run("x = \"abc\" * 1000000000").message.find("excessive repeat"), std::string::npos);
  EXPECT_NE(run("x = [1] * 1000000000").message.find("excessive repeat"), std::string::npos);
}

TEST_F(LimitsTest, CyclesAreComparedAndHashedWithAClearError) {
  EXPECT_NE(run("x = [1]\nx.append(x)\ny = [1]\ny.append(y)\nprint(x == y)")
                .message.find("comparison exceeded maximum recursion depth"),
            std::string::npos);
  EXPECT_NE(run("x = {}\nx[1] = x\ny = {}\ny[1] = y\nprint(x == y)")
                .message.find("comparison exceeded maximum recursion depth"),
            std::string::npos);
  EXPECT_EQ(output("x = []\nx.append(x)\nprint(repr(x), \"%r\" % (x,), str(struct(a = x)))"),
            "[[...]] [[...]] struct(a = [[...]])\n");
  EXPECT_NE(run("x = []\nx.append((x,))\nprint({(1, x): 2})").message.find("unhashable type: list"),
            std::string::npos);
  EXPECT_NE(run("d = {}\nd[\"a\"] = d\njson.encode(d)").message.find("cycle in JSON structure"),
            std::string::npos);
  EXPECT_EQ(output("def f():\n  def g():\n    return g\n  return g\nprint(f()()())"),
            "<function g>\n");
}

TEST_F(LimitsTest, AMillionElements) {
  EXPECT_EQ(
      output(
          "def f():\n"
          "  x = [i for i in range(1000000)]\n"
          "  t = tuple(x)\n"
          "  d = {i: str(i) for i in x}\n"
          "  s = set(x)\n"
          "  text = \",\".join([d[i] for i in x])\n"
          "  back = json.decode(json.encode(x))\n"
          "  return (len(t), len(d), len(s), len(text), back == x, sorted(x, reverse = True)[0],\n"
          "          len(str(x)), t[::-1][0], len(x + x), len(text.split(\",\")))\n"
          "print(f())"),
      "(1000000, 1000000, 1000000, 6888889, True, 999999, 7888890, 999999, 2000000, 1000000)\n");
}

TEST_F(LimitsTest, HugeIntegers) {
  EXPECT_EQ(
      output(
          "def f():\n"
          "  n = 1\n"
          "  for i in range(1, 1001):\n"
          "    n *= i\n"
          "  text = str(n)\n"
          "  return (len(text), int(text) == n, n // n, n % (n - 1), -n < n, hash(text) != 0,\n"
          "          {n: 1}[n], len(\"%x\" % n), n // 7 * 7 + n % 7 == n, (n << 500) >> 500 == n)\n"
          "print(f())"),
      "(2568, True, 1, 1, True, True, 1, 2133, True, True)\n");
  EXPECT_NE(run("1 << 100000").message.find("shift count too large"), std::string::npos);
  EXPECT_NE(run("float(int(\"9\" * 400))").message.find("int too large to convert to float"),
            std::string::npos);
  EXPECT_NE(run("[1] * int(\"9\" * 40)").ok, true);
  EXPECT_NE(run("range(int(\"9\" * 40))").ok, true);
  EXPECT_NE(run("\"a\"[int(\"9\" * 40)]").ok, true);
}

// Test bodies run on fibers with small stacks; everything above holds there too.
TEST_F(LimitsTest, SmallStacksSuffice) {
  bool done = false;
  boost::context::fiber fiber(
      std::allocator_arg, boost::context::protected_fixedsize_stack(128 * 1024),
      [&](boost::context::fiber&& caller) {
        EXPECT_EQ(output("print(" + repeated("(", 1000) + "1" + repeated(")", 1000) + ")"), "1\n");
        EXPECT_EQ(output("def f(n):\n  x = {}\n  for _ in range(n):\n    x = {1: (x,)}\n"
                         "  return x\nprint(len(str(f(10000))))"),
                  "80002\n");
        const std::string deep =
            "def f(n):\n  x = []\n  for _ in range(n):\n    x = [struct(a = x)]\n  return x\n";
        EXPECT_FALSE(run(deep + "f(10000) == f(10000)").ok);
        EXPECT_FALSE(run(deep + "json.encode(f(10000))").ok);
        EXPECT_FALSE(run(deep + "json.decode(\"[\" * 10000)").ok);
        EXPECT_FALSE(run(deep + "{(f(10000),): 1}").ok);
        EXPECT_EQ(output(deep + "frozen = f(10000)\nprint(len(frozen))"), "1\n");
        EXPECT_EQ(output("x = []\nx.append(x)\nprint(x)"), "[[...]]\n");
        EXPECT_FALSE(run("x = " + repeated("[", 100'000)).ok);
        EXPECT_EQ(output("print(" + repeated("1 + ", 20'000) + "1)"), "20001\n");
        EXPECT_EQ(output("def f(n):\n  x = []\n  for _ in range(n):\n    x = [x]\n  return x\n"
                         "print(len(repr(f(10000))))"),
                  "20002\n");
        options.dialect.recursion = true;
        const Ran ran = run("def f(n):\n  return max([n, n], key = f)\nf(0)");
        EXPECT_NE(ran.message.find("Starlark stack overflow"), std::string::npos) << ran.message;
        done = true;
        return std::move(caller);
      });
  std::move(fiber).resume();
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace fb::starlark
