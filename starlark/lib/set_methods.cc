// The methods of set.
#include "starlark/eval/containers.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/operators.h"
#include "starlark/lib/methods.h"

#include <fmt/format.h>

namespace fb::starlark::lib {
namespace {

constexpr ParamKind kPosOnly = ParamKind::kPositionalOnly;

Set& self(const Call& call) {
  return *static_cast<Set*>(call.self().object());
}

Set* copy_of(Heap& heap, const Set& set) {
  Set* copy = Set::create(heap);
  for (const Table::Entry& entry : set.table.entries()) {
    if (!entry.key.absent()) copy->table.set_hashed(entry.key, Value::none(), entry.hash);
  }
  return copy;
}

// The optional iterable in parameter 0 as a set.
Fallible<Value> other_set(Call& call) {
  Set* set = Set::create(call.heap());
  Value result(set);
  if (call[0].absent()) return result;
  for (const Value& item : FB_TRY(items_of(call.thread(), call[0]))) {
    FB_TRY(set->table.set(item, Value::none()));
  }
  return result;
}

Outcome add(Call& call) {
  if (FB_TRY(self(call).table.find(call[0])) != nullptr) return Value::none();
  FB_TRY(self(call).check_mutable("insert into"));
  FB_TRY(self(call).table.set(call[0], Value::none()));
  return Value::none();
}

Outcome clear(Call& call) {
  if (self(call).size() == 0) return Value::none();
  FB_TRY(self(call).check_mutable("clear"));
  self(call).table.clear();
  return Value::none();
}

Outcome combine(Call& call, BinaryOp op) {
  const Value other = FB_TRY(other_set(call));
  return binary(call.thread(), op, call.self(), other);
}
Outcome difference(Call& call) {
  return combine(call, BinaryOp::kSubtract);
}
Outcome intersection(Call& call) {
  return combine(call, BinaryOp::kAnd);
}
Outcome symmetric_difference(Call& call) {
  return combine(call, BinaryOp::kXor);
}

Outcome discard(Call& call) {
  FB_TRY(self(call).check_mutable("delete from"));
  FB_TRY(self(call).table.remove(call[0]));
  return Value::none();
}

Outcome issubset(Call& call) {
  const Value other = FB_TRY(other_set(call));
  return Value::boolean(FB_TRY(compare(Comparison::kLessEqual, call.self(), other)));
}
Outcome issuperset(Call& call) {
  const Value other = FB_TRY(other_set(call));
  return Value::boolean(FB_TRY(compare(Comparison::kGreaterEqual, call.self(), other)));
}

Outcome pop(Call& call) {
  const Table::Entry* first = self(call).table.first();
  if (first == nullptr) return call.fail("empty set");
  FB_TRY(self(call).check_mutable("delete from"));
  const Value key = first->key;
  FB_TRY(self(call).table.remove(key));
  return key;
}

Outcome remove(Call& call) {
  FB_TRY(self(call).check_mutable("delete from"));
  if (FB_TRY(self(call).table.remove(call[0])).absent()) return call.fail("missing key");
  return Value::none();
}

Outcome add_all(Call& call, Set& to) {
  for (std::size_t i = 0; i < call.rest().size(); ++i) {
    const Value& iterable = call.rest()[i];
    if (!is_iterable(iterable)) {
      return call.fail(
          fmt::format("argument #{} is not iterable: {}", i + 1, iterable.type_name()));
    }
    for (const Value& item : FB_TRY(items_of(call.thread(), iterable))) {
      FB_TRY(to.table.set(item, Value::none()));
    }
  }
  return Value::none();
}

Outcome union_(Call& call) {
  Set* copy = copy_of(call.heap(), self(call));
  Value result(copy);
  FB_TRY(add_all(call, *copy));
  return result;
}

Outcome update(Call& call) {
  FB_TRY(self(call).check_mutable("insert into"));
  return add_all(call, self(call));
}

constexpr Param kValueParam[] = {{"x", types::kAny, {}, kPosOnly}};
constexpr Param kOtherParam[] = {{"other", types::kIterable, kOptional, kPosOnly}};
constexpr Param kOthersParams[] = {{"others", types::kAny, {}, ParamKind::kArgs}};

constexpr BuiltinDef kMethods[] = {
    {"add", kValueParam, "Adds one value.", add},
    {"clear", {}, "Removes every value.", clear},
    {"difference", kOtherParam, "Without the values of other.", difference, "set"},
    {"discard", kValueParam, "Removes the value if it is there.", discard},
    {"intersection", kOtherParam, "With the values of both.", intersection, "set"},
    {"issubset", kOtherParam, "True if other has every value.", issubset, "bool"},
    {"issuperset", kOtherParam, "True if it has every value of other.", issuperset, "bool"},
    {"pop", {}, "Removes and returns the first value.", pop, "Any"},
    {"remove", kValueParam, "Removes the value; it must be there.", remove},
    {"symmetric_difference", kOtherParam, "With the values of exactly one.", symmetric_difference,
     "set"},
    {"union", kOthersParams, "With the values of all.", union_, "set"},
    {"update", kOthersParams, "Adds the values of all.", update},
};

}  // namespace

std::span<const BuiltinDef> set_methods() {
  return kMethods;
}

}  // namespace fb::starlark::lib
