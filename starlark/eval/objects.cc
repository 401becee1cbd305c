#include "starlark/eval/objects.h"

#include "starlark/eval/containers.h"
#include "starlark/eval/text.h"
#include "starlark/eval/thread.h"
#include "starlark/syntax/unicode.h"

#include <fmt/format.h>

namespace fb::starlark {

Value make_range(Heap& heap, std::int64_t start, std::int64_t stop, std::int64_t step) {
  return Value(heap.construct<Range>(sizeof(Range), start, stop, step));
}

bool is_iterable(const Value& value) {
  switch (value.kind()) {
    case Kind::kTuple:
    case Kind::kList:
    case Kind::kDict:
    case Kind::kSet:
    case Kind::kRange:
    case Kind::kStringElems:
    case Kind::kBytesElems:
      return true;
    case Kind::kHost:
      return value.as<HostObject>()->iterate() != nullptr;
    case Kind::kAbsent:
    case Kind::kNone:
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kBigInt:
    case Kind::kFloat:
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kStruct:
    case Kind::kModule:
    case Kind::kFunction:
    case Kind::kBuiltin:
    case Kind::kCell:
    case Kind::kIterator:
      return false;
  }
  return false;
}

Outcome make_iterator(Heap& heap, const Value& iterable) {
  std::unique_ptr<HostIterator> host;
  if (const auto* object = iterable.as<HostObject>()) {
    host = const_cast<HostObject*>(object)->iterate();
    if (host == nullptr)
      return Raised(fmt::format("{} value is not iterable", iterable.type_name()));
  } else if (!is_iterable(iterable)) {
    return Raised(fmt::format("{} value is not iterable", iterable.type_name()));
  }
  return Value(heap.construct<Iterator>(sizeof(Iterator), iterable, std::move(host)));
}

Iterator::Iterator(Value source_, std::unique_ptr<HostIterator> host_)
    : Object(Kind::kIterator),
      source(std::move(source_)),
      source_kind(source.kind()),
      host(std::move(host_)) {
  if (source.object()->frozen()) return;
  if (source_kind == Kind::kList) static_cast<List*>(source.object())->begin_iteration();
  if (source_kind == Kind::kDict) static_cast<Dict*>(source.object())->table.begin_iteration();
  if (source_kind == Kind::kSet) static_cast<Set*>(source.object())->table.begin_iteration();
  locked = true;
}

Iterator::~Iterator() {
  if (!locked) return;
  if (source_kind == Kind::kList) static_cast<List*>(source.object())->end_iteration();
  if (source_kind == Kind::kDict) static_cast<Dict*>(source.object())->table.end_iteration();
  if (source_kind == Kind::kSet) static_cast<Set*>(source.object())->table.end_iteration();
}

namespace {

Value next_key(const Table& table, std::int64_t& at) {
  const auto entries = table.entries();
  while (static_cast<std::size_t>(at) < entries.size()) {
    const Value& key = entries[static_cast<std::size_t>(at++)].key;
    if (!key.absent()) return key;
  }
  return Value();
}

Value next_element(const StringElems& elems, std::int64_t& at, Heap& heap) {
  const std::string_view text = static_cast<String*>(elems.text.object())->view();
  const auto offset = static_cast<std::size_t>(at);
  if (offset >= text.size()) return Value();
  const auto byte = static_cast<unsigned char>(text[offset]);
  if (elems.indexable()) {
    ++at;
    return elems.what == Elems::kBytes ? byte_string(byte) : Value::small(byte);
  }
  const auto d = unicode::decode(text.substr(offset));
  at += d.size;
  if (elems.what == Elems::kCodePointOrds)
    return Value::small(static_cast<std::int64_t>(d.code_point));
  if (d.valid) return heap.string(text.substr(offset, d.size));
  return heap.string("\xEF\xBF\xBD");
}

}  // namespace

Outcome Iterator::next(Thread& thread) {
  switch (source_kind) {
    case Kind::kList: {
      const auto* list = static_cast<List*>(source.object());
      return static_cast<std::size_t>(at) < list->size() ? (*list)[static_cast<std::size_t>(at++)]
                                                         : Value();
    }
    case Kind::kTuple: {
      const auto* tuple = static_cast<Tuple*>(source.object());
      return static_cast<std::size_t>(at) < tuple->size() ? (*tuple)[static_cast<std::size_t>(at++)]
                                                          : Value();
    }
    case Kind::kRange: {
      const auto* range = static_cast<Range*>(source.object());
      return at < range->size ? Value::small(range->at(at++)) : Value();
    }
    case Kind::kDict:
      return next_key(static_cast<Dict*>(source.object())->table, at);
    case Kind::kSet:
      return next_key(static_cast<Set*>(source.object())->table, at);
    case Kind::kStringElems:
    case Kind::kBytesElems:
      return next_element(*static_cast<StringElems*>(source.object()), at, thread.heap());
    case Kind::kHost:
      return host->next(thread);
    case Kind::kAbsent:
    case Kind::kNone:
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kBigInt:
    case Kind::kFloat:
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kStruct:
    case Kind::kModule:
    case Kind::kFunction:
    case Kind::kBuiltin:
    case Kind::kCell:
    case Kind::kIterator:
      break;
  }
  return Value();
}

Fallible<std::vector<Value>> items_of(Thread& thread, const Value& iterable) {
  std::vector<Value> items;
  if (const auto* list = iterable.as<List>()) {
    items.assign(list->items().begin(), list->items().end());
    return items;
  }
  if (const auto* tuple = iterable.as<Tuple>()) {
    items.assign(tuple->items().begin(), tuple->items().end());
    return items;
  }
  const Value holder = FB_TRY(make_iterator(thread.heap(), iterable));
  auto* iterator = static_cast<Iterator*>(holder.object());
  while (true) {
    Value item = FB_TRY(iterator->next(thread));
    if (item.absent()) return items;
    items.push_back(std::move(item));
  }
}

}  // namespace fb::starlark
