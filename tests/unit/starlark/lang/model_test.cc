// Properties against reference models: the table against std::map with an order, ints against plain
// arithmetic, sorts against std::stable_sort.
#include "core/base/suggest.h"
#include "starlark/eval/containers.h"
#include "starlark/eval/numbers.h"
#include "starlark/eval/operators.h"
#include "starlark/lib/sort.h"
#include "starlark/syntax/parser.h"
#include "tests/unit/starlark/lang/eval_fixture.h"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <rapidcheck/gtest.h>

namespace fb::starlark {
namespace {

RC_GTEST_PROP(TableProperty, BehavesLikeAnOrderedMap, ()) {
  Heap heap;
  const Value holder = heap.dict();
  Table& table = holder.as<Dict>()->table;
  std::vector<std::pair<int, int>> model;  // in insertion order
  const auto find = [&](int key) {
    return std::find_if(model.begin(), model.end(), [&](const auto& e) { return e.first == key; });
  };
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 40), rc::gen::inRange(0, 4)));
  for (const auto& [key, action] : steps) {
    // Half of the keys are strings, the others ints.
    const Value k = key % 2 == 0 ? Value::small(key) : heap.string("key" + std::to_string(key));
    if (action == 0) {
      const Value old = table.remove(k).value();
      const auto at = find(key);
      RC_ASSERT(old.absent() == (at == model.end()));
      if (at != model.end()) model.erase(at);
    } else {
      RC_ASSERT(table.set(k, Value::small(action)).value() == (find(key) == model.end()));
      if (const auto at = find(key); at != model.end()) {
        at->second = action;
      } else {
        model.emplace_back(key, action);
      }
    }
    RC_ASSERT(table.size() == model.size());
  }
  std::size_t i = 0;
  for (const Table::Entry& entry : table.entries()) {
    if (entry.key.absent()) continue;
    RC_ASSERT(entry.value.as_small() == model[i].second);
    const Value* found = table.find(entry.key).value();
    RC_ASSERT(found == &entry.value);
    ++i;
  }
  RC_ASSERT(i == model.size());
}

Value int_op(Heap& heap, BinaryOp op, const Value& a, const Value& b) {
  return int_binary(heap, op, a, b).value();
}

RC_GTEST_PROP(IntProperty, DivisionIsFloored, (std::int64_t a, std::int64_t b)) {
  RC_PRE(b != 0);
  Heap heap;
  const Value x = heap.integer(a);
  const Value y = heap.integer(b);
  const Value q = int_op(heap, BinaryOp::kFloorDivide, x, y);
  const Value r = int_op(heap, BinaryOp::kModulo, x, y);
  const Value back = int_op(heap, BinaryOp::kAdd, int_op(heap, BinaryOp::kMultiply, q, y), r);
  RC_ASSERT(compare_numbers(back, x) == 0);
  RC_ASSERT(int_sign(r) == 0 || int_sign(r) == int_sign(y));
}

RC_GTEST_PROP(IntProperty, LargeAndSmallAgree, (std::int64_t a, std::int64_t b, std::int32_t s)) {
  // (a << 70 op b << 70) >> 70 is a op b: the large path against the small one.
  Heap heap;
  const Value scale = int_op(heap, BinaryOp::kShiftLeft, Value::small(1), Value::small(70));
  const Value x = heap.integer(a);
  const Value y = heap.integer(b);
  const Value big_x = int_op(heap, BinaryOp::kMultiply, x, scale);
  const Value big_y = int_op(heap, BinaryOp::kMultiply, y, scale);
  for (const BinaryOp op :
       {BinaryOp::kAdd, BinaryOp::kSubtract, BinaryOp::kAnd, BinaryOp::kOr, BinaryOp::kXor}) {
    const Value big =
        int_op(heap, BinaryOp::kShiftRight, int_op(heap, op, big_x, big_y), Value::small(70));
    RC_ASSERT(compare_numbers(big, int_op(heap, op, x, y)) == 0);
  }
  RC_ASSERT(compare_numbers(big_x, big_y) == compare_numbers(x, y));
  RC_ASSERT(hash(int_op(heap, BinaryOp::kFloorDivide, big_x, scale)).value() == hash(x).value());
  const Value shifted = int_op(heap, BinaryOp::kShiftRight, x, Value::small(std::abs(s % 80)));
  RC_ASSERT(shifted.as_int64() == (a >> std::min(63, std::abs(s % 80))));
}

RC_GTEST_PROP(IntProperty, TextRoundTrips, (std::int64_t a, std::int64_t b)) {
  Heap heap;
  const Value product = int_op(heap, BinaryOp::kMultiply, heap.integer(a), heap.integer(b));
  for (const int base : {8, 10, 16}) {
    RC_ASSERT(compare_numbers(*parse_int(heap, int_text(product, base), base), product) == 0);
  }
}

RC_GTEST_PROP(FloatProperty, TextRoundTrips, (double x)) {
  RC_ASSERT(*parse_float(float_text(x)) == x);
  Heap heap;
  RC_ASSERT(compare_numbers(heap.number(x), heap.number(x)) == 0);
}

RC_GTEST_PROP(FloatProperty, IntsAndEqualFloatsAreOneKey, (std::int32_t n)) {
  Heap heap;
  const Value i = Value::small(n);
  const Value f = heap.number(n);
  RC_ASSERT(equal(i, f).value());
  RC_ASSERT(hash(i).value() == hash(f).value());
  RC_ASSERT(compare_numbers(i, heap.number(n + 0.5)) == -1);
}

RC_GTEST_PROP(SortProperty, IsStableBothWays,
              (std::vector<std::uint8_t> small, bool reverse, int kind)) {
  Heap heap;
  std::vector<Value> items, keys;
  std::vector<std::pair<int, int>> model;
  for (std::size_t i = 0; i < small.size(); ++i) {
    const int key = small[i] % 8;
    items.push_back(Value::small(static_cast<std::int64_t>(i)));
    const Value whole = Value::small(key);
    keys.push_back(kind % 3 == 0   ? whole
                   : kind % 3 == 1 ? heap.string("k" + std::to_string(key))
                                   : heap.tuple({&whole, 1}));
    model.emplace_back(key, static_cast<int>(i));
  }
  std::stable_sort(model.begin(), model.end(), [&](const auto& a, const auto& b) {
    return reverse ? b.first < a.first : a.first < b.first;
  });
  RC_ASSERT(lib::sort_values(items, keys, reverse).ok());
  for (std::size_t i = 0; i < items.size(); ++i) RC_ASSERT(items[i].as_small() == model[i].second);
}

RC_GTEST_PROP(ParserProperty, AnyBytesParseOrFail, (std::string bytes)) {
  auto parsed = syntax::parse("t.star", bytes);
  RC_ASSERT(parsed.index() < 2);
}

TEST(Suggestions, CountTranspositionsAndComeNearestFirst) {
  EXPECT_EQ(did_you_mean("EOI", std::vector<std::string>{"EIO", "EPERM"}),
            " (did you mean \"EIO\"?)");
  EXPECT_EQ(did_you_mean("x", std::vector<std::string>{"long"}), "");
  EXPECT_EQ(suggest("delay", std::vector<std::string>{"relay", "delya", "deny"}).size(), 2u);
}

// One of the two values of one character that go wrong easily.
TEST_F(EvalTest, StringsGrowInPlaceOnlyWhenNobodyElseHoldsThem) {
  EXPECT_EQ(output("def f():\n"
                   "  s = \"\"\n"
                   "  kept = []\n"
                   "  for i in range(5):\n"
                   "    s += \"ab\" * 20\n"
                   "    kept.append(s)\n"
                   "  return [len(k) for k in kept]\n"
                   "print(f())"),
            "[40, 80, 120, 160, 200]\n");
  EXPECT_EQ(output("def f():\n  s = \"ab\" * 20\n  s += s\n  d = {s: 1}\n  s += \"x\"\n  return "
                   "len(s), s in d\nprint(f())"),
            "(81, False)\n");
}

TEST_F(EvalTest, TheFirstCheckOfALocalIsNotTheLast) {
  EXPECT_EQ(output("def f(c):\n  y = c and x\n  x = 1\n  return y\nprint(f(False))\nf(True)"),
            "False\nlocal variable x referenced before assignment");
  EXPECT_EQ(output("def f(c):\n  if c:\n    x = 1\n  return x\nprint(f(True))\nf(False)"),
            "1\nlocal variable x referenced before assignment");
  EXPECT_EQ(output("def f(n):\n  for x in range(n):\n    pass\n  return x\nprint(f(2))\nf(0)"),
            "1\nlocal variable x referenced before assignment");
}

TEST_F(EvalTest, AnAssignmentMayReadItsTarget) {
  EXPECT_EQ(output("def f():\n  x = 1\n  y = 0\n  x = y and x\n  return x\nprint(f())"), "0\n");
  EXPECT_EQ(output("def f():\n  x = [1]\n  x = [x, x]\n  x = {1: x}\n  x = [x for _ in range(2)]\n "
                   " return x\nprint(f())"),
            "[{1: [[1], [1]]}, {1: [[1], [1]]}]\n");
  EXPECT_EQ(output("def f():\n  a, b = 1, 2\n  a, b = b, a\n  return a, b\nprint(f())"),
            "(2, 1)\n");
}

TEST_F(EvalTest, LoopsGiveTheirLocksBack) {
  EXPECT_EQ(output("def f():\n"
                   "  xs = [1, 2]\n"
                   "  for x in xs:\n"
                   "    break\n"
                   "  xs.append(3)\n"
                   "  def g():\n"
                   "    for x in xs:\n"
                   "      return x\n"
                   "  g()\n"
                   "  xs.append(4)\n"
                   "  return xs\n"
                   "print(f())"),
            "[1, 2, 3, 4]\n");
}

TEST_F(EvalTest, NestedLoopsAndContinue) {
  EXPECT_EQ(output("def f():\n"
                   "  out = []\n"
                   "  for i in range(4):\n"
                   "    if i == 1:\n"
                   "      continue\n"
                   "    for j in range(4):\n"
                   "      if j == 2:\n"
                   "        break\n"
                   "      out.append((i, j))\n"
                   "  return out\n"
                   "print(f())"),
            "[(0, 0), (0, 1), (2, 0), (2, 1), (3, 0), (3, 1)]\n");
}

TEST_F(EvalTest, KeywordCallsOfOneSiteToSeveralFunctions) {
  EXPECT_EQ(
      output("def a(x, y):\n  return x - y\n"
             "def b(y, x, z = 0):\n  return x * 10 + y\n"
             "def c(**kw):\n  return sorted(kw)\n"
             "def d(*, y, x):\n  return (x, y)\n"
             "print([f(x = 3, y = 1) for f in [a, b, a, c, d, dict, b, c, a, d]])"),
      "[2, 31, 2, [\"x\", \"y\"], (3, 1), {\"x\": 3, \"y\": 1}, 31, [\"x\", \"y\"], 2, (3, 1)]\n");
}

TEST_F(EvalTest, ClosuresShareTheirVariables) {
  EXPECT_EQ(output("def counter(n = 10):\n"
                   "  box = [n]\n"
                   "  def bump():\n"
                   "    box[0] += 1\n"
                   "    return box[0]\n"
                   "  def both():\n"
                   "    return bump() + bump()\n"
                   "  return both\n"
                   "print(counter()(), counter(0)())"),
            "23 3\n");
}

}  // namespace
}  // namespace fb::starlark
