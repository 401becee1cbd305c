#include "starlark/eval/freezer.h"

#include "starlark/eval/containers.h"
#include "starlark/eval/host_object.h"
#include "starlark/eval/objects.h"

namespace fb::starlark {

void Freezer::add(const Value& value) {
  if (!value.is_object() || value.object()->frozen()) return;
  value.object()->flags_ |= Object::kFrozenFlag;
  pending_.push_back(value.object());
}

void Freezer::run() {
  const auto add_table = [&](const Table& table) {
    for (const Table::Entry& entry : table.entries()) {
      add(entry.key);
      add(entry.value);
    }
  };
  while (!pending_.empty()) {
    Object* object = pending_.back();
    pending_.pop_back();
    switch (object->kind()) {
      case Kind::kTuple:
        for (const Value& item : static_cast<Tuple*>(object)->items()) add(item);
        break;
      case Kind::kList:
        for (const Value& item : static_cast<List*>(object)->items()) add(item);
        break;
      case Kind::kDict:
        add_table(static_cast<Dict*>(object)->table);
        break;
      case Kind::kSet:
        add_table(static_cast<Set*>(object)->table);
        break;
      case Kind::kStruct:
        add(static_cast<Struct*>(object)->constructor());
        for (const auto& field : static_cast<Struct*>(object)->fields()) add(field.second);
        break;
      case Kind::kModule:
        for (const auto& member : static_cast<ModuleValue*>(object)->members()) add(member.second);
        break;
      case Kind::kFunction:
        for (const Value& value : static_cast<Function*>(object)->defaults()) add(value);
        for (const Value& cell : static_cast<Function*>(object)->cells()) add(cell);
        break;
      case Kind::kCell:
        add(static_cast<Cell*>(object)->value);
        break;
      case Kind::kBuiltin:
        add(static_cast<Builtin*>(object)->self);
        break;
      case Kind::kHost:
        static_cast<HostObject*>(object)->freeze(*this);
        break;
      case Kind::kAbsent:
      case Kind::kNone:
      case Kind::kBool:
      case Kind::kInt:
      case Kind::kBigInt:
      case Kind::kFloat:
      case Kind::kString:
      case Kind::kBytes:
      case Kind::kRange:
      case Kind::kStringElems:
      case Kind::kBytesElems:
      case Kind::kIterator:
        break;
    }
  }
}

void freeze(const Value& value) {
  Freezer freezer;
  freezer.add(value);
  freezer.run();
}

}  // namespace fb::starlark
