// Values of the language from C++ ones: the makers of heap.h.
#include "starlark/eval/containers.h"
#include "starlark/eval/heap.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/text.h"

#include <cstring>

namespace fb::starlark {

Value Heap::string(std::string_view text) {
  if (text.size() <= 1) {
    return text.empty() ? empty_string() : byte_string(static_cast<unsigned char>(text[0]));
  }
  String* s = String::create(*this, Kind::kString, text.size());
  std::memcpy(s->mutable_data(), text.data(), text.size());
  return Value(s);
}

Value Heap::bytes(std::string_view bytes) {
  String* s = String::create(*this, Kind::kBytes, bytes.size());
  std::memcpy(s->mutable_data(), bytes.data(), bytes.size());
  return Value(s);
}

Value Heap::number(double value) {
  return Value(construct<Float>(sizeof(Float), value));
}

Value Heap::tuple(std::span<const Value> items) {
  Tuple* tuple = Tuple::create(*this, items.size());
  for (std::size_t i = 0; i < items.size(); ++i) tuple->data()[i] = items[i];
  return Value(tuple);
}

Value Heap::list(std::span<const Value> items) {
  List* list = List::create(*this, items.size());
  Value result(list);
  for (const Value& item : items) list->append(item);
  return result;
}

Value Heap::dict() {
  return Value(Dict::create(*this));
}
Value Heap::set() {
  return Value(Set::create(*this));
}
Value Heap::structure(std::span<const std::pair<Symbol, Value>> fields) {
  return Value(Struct::create(*this, Value(), fields));
}
Value Heap::module(std::string_view name, std::span<const std::pair<Symbol, Value>> members) {
  return Value(ModuleValue::create(*this, Symbol(name), members));
}

}  // namespace fb::starlark
