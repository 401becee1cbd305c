// The methods of dict.
#include "starlark/eval/containers.h"
#include "starlark/eval/operators.h"
#include "starlark/lib/methods.h"
#include "starlark/lib/universe.h"

namespace fb::starlark::lib {
namespace {

constexpr ParamKind kPosOnly = ParamKind::kPositionalOnly;

Dict& self(const Call& call) {
  return *static_cast<Dict*>(call.self().object());
}

Outcome clear(Call& call) {
  FB_TRY(self(call).check_mutable("clear"));
  self(call).table.clear();
  return Value::none();
}

Outcome get(Call& call) {
  const Value* found = FB_TRY(self(call).table.find(call[0]));
  return found == nullptr ? call[1] : *found;
}

template <class Make>
Outcome listed(Call& call, Make make) {
  const Dict& dict = self(call);
  List* list = List::create(call.heap(), dict.size());
  Value result(list);
  for (const Table::Entry& entry : dict.table.entries()) {
    if (!entry.key.absent()) list->append(make(entry));
  }
  return result;
}
Outcome items(Call& call) {
  return listed(call, [&](const Table::Entry& entry) {
    Tuple* pair = Tuple::create(call.heap(), 2);
    pair->data()[0] = entry.key;
    pair->data()[1] = entry.value;
    return Value(pair);
  });
}
Outcome keys(Call& call) {
  return listed(call, [](const Table::Entry& entry) { return entry.key; });
}
Outcome values(Call& call) {
  return listed(call, [](const Table::Entry& entry) { return entry.value; });
}

Outcome pop(Call& call) {
  FB_TRY(self(call).check_mutable("delete from"));
  Value old = FB_TRY(self(call).table.remove(call[0]));
  if (!old.absent()) return old;
  if (!call[1].absent()) return call[1];
  return call.fail("missing key");
}

Outcome popitem(Call& call) {
  const Table::Entry* first = self(call).table.first();
  if (first == nullptr) return call.fail("empty dict");
  FB_TRY(self(call).check_mutable("delete from"));
  const Value pair[2] = {first->key, first->value};
  const Value gone = FB_TRY(self(call).table.remove(pair[0]));
  return call.heap().tuple(pair);
}

Outcome setdefault(Call& call) {
  const Value* found = FB_TRY(self(call).table.find(call[0]));
  if (found != nullptr) return *found;
  FB_TRY(self(call).check_mutable("insert into"));
  FB_TRY(self(call).table.set(call[0], call[1]));
  return call[1];
}

Outcome update(Call& call) {
  FB_TRY(self(call).check_mutable("insert into"));
  return update_dict(call, self(call), call[0]);
}

constexpr Param kGetParams[] = {{"key", types::kAny, {}, kPosOnly},
                                {"default", types::kAny, nullptr, kPosOnly}};
constexpr Param kPopParams[] = {{"key", types::kAny, {}, kPosOnly},
                                {"default", types::kAny, kOptional, kPosOnly}};
constexpr Param kUpdateParams[] = {{"pairs", types::kAny, kOptional, kPosOnly},
                                   {"entries", types::kAny, {}, ParamKind::kKwargs}};

constexpr BuiltinDef kMethods[] = {
    {"clear", {}, "Removes every entry.", clear},
    {"get", kGetParams, "The value of the key, or the default.", get, "Any"},
    {"items", {}, "A list of (key, value) pairs in order of insertion.", items, "list"},
    {"keys", {}, "A list of the keys in order of insertion.", keys, "list"},
    {"pop", kPopParams, "Removes the key and returns its value, or the default.", pop, "Any"},
    {"popitem", {}, "Removes and returns the first (key, value).", popitem, "tuple"},
    {"setdefault", kGetParams, "The value of the key, which is set to the default if absent.",
     setdefault, "Any"},
    {"update", kUpdateParams, "Sets entries from a dict or pairs, and keywords.", update},
    {"values", {}, "A list of the values in order of insertion.", values, "list"},
};

}  // namespace

std::span<const BuiltinDef> dict_methods() {
  return kMethods;
}

}  // namespace fb::starlark::lib
