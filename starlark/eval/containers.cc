#include "starlark/eval/containers.h"

#include "core/base/check.h"
#include "starlark/eval/text.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <new>

namespace fb::starlark {

Tuple* Tuple::create(Heap& heap, std::size_t size) {
  Tuple* tuple = heap.construct<Tuple>(sizeof(Tuple) + size * sizeof(Value), size);
  std::memset(static_cast<void*>(tuple->data()), 0, size * sizeof(Value));
  return tuple;
}

List* List::create(Heap& heap, std::size_t capacity) {
  List* list = heap.construct<List>(sizeof(List), heap);
  if (capacity > 0) list->grow(capacity);
  return list;
}

void List::grow(std::size_t least) {
  FB_CHECK(least < (std::size_t{1} << 31));
  const std::size_t capacity =
      std::max<std::size_t>(least, capacity_ == 0 ? 4 : capacity_ * std::size_t{2});
  data_ =
      static_cast<Value*>(heap_.resize(data_, capacity_ * sizeof(Value), capacity * sizeof(Value)));
  capacity_ = static_cast<std::uint32_t>(capacity);
}

void List::reserve(std::size_t size) {
  if (size > capacity_) grow(size);
}

void List::append(Value value) {
  if (size_ == capacity_) grow(size_ + std::size_t{1});
  new (&data_[size_++]) Value(std::move(value));
}

// Values move as bytes: they are a word that owns a count.
void List::insert(std::size_t at, Value value) {
  if (size_ == capacity_) grow(size_ + std::size_t{1});
  std::memmove(static_cast<void*>(data_ + at + 1), data_ + at, (size_ - at) * sizeof(Value));
  new (&data_[at]) Value(std::move(value));
  ++size_;
}

Value List::take(std::size_t at) {
  Value taken = std::move(data_[at]);
  std::memmove(static_cast<void*>(data_ + at), data_ + at + 1, (size_ - at - 1) * sizeof(Value));
  --size_;
  return taken;
}

void List::truncate(std::size_t size) {
  while (size_ > size) data_[--size_].~Value();
}
void List::clear() {
  truncate(0);
}

Fallible<bool> List::check_mutable(std::string_view verb) const {
  if (frozen()) return Raised(fmt::format("cannot {} frozen list", verb));
  if (iterating_ > 0) return Raised(fmt::format("cannot {} list during iteration", verb));
  return true;
}

Dict* Dict::create(Heap& heap) {
  return heap.construct<Dict>(sizeof(Dict), heap);
}
Set* Set::create(Heap& heap) {
  return heap.construct<Set>(sizeof(Set), heap);
}

void Dict::set(std::string_view key, Value value) {
  const Symbol symbol(key);
  table.set_hashed(symbol.value(), std::move(value), symbol.string()->hash());
}

namespace {

template <class Field>
void store_fields(Field* to, std::span<const Field> fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) new (&to[i]) Field(fields[i]);
  std::sort(to, to + fields.size(),
            [](const Field& a, const Field& b) { return a.first.name() < b.first.name(); });
}

}  // namespace

Struct* Struct::create(Heap& heap, Value constructor, std::span<const Field> fields) {
  Struct* s = heap.construct<Struct>(sizeof(Struct) + fields.size() * sizeof(Field),
                                     std::move(constructor), fields.size());
  store_fields(s->data(), fields);
  return s;
}

const Value* Struct::find(Symbol name) const {
  for (const Field& field : fields()) {
    if (field.first == name) return &field.second;
  }
  return nullptr;
}

ModuleValue* ModuleValue::create(Heap& heap, Symbol name, std::span<const Member> members) {
  ModuleValue* m = heap.construct<ModuleValue>(
      sizeof(ModuleValue) + members.size() * sizeof(Member), name, members.size());
  store_fields(m->data(), members);
  return m;
}

const Value* ModuleValue::find(Symbol name) const {
  for (const Member& member : members()) {
    if (member.first == name) return &member.second;
  }
  return nullptr;
}

}  // namespace fb::starlark
