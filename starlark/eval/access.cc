// Subscripts, slices and attributes of operators.h.
#include "core/base/suggest.h"
#include "starlark/eval/binder.h"
#include "starlark/eval/containers.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/operators.h"
#include "starlark/eval/text.h"
#include "starlark/eval/thread.h"
#include "starlark/resolve/spell.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

// A switch here names the kinds it knows.
#pragma GCC diagnostic ignored "-Wswitch-enum"

namespace fb::starlark {
namespace {

std::string_view text_of(const Value& v) {
  return static_cast<const String*>(v.object())->view();
}

}  // namespace

Fallible<std::int64_t> to_int32(const Value& value) {
  if (!value.is_int()) return Raised(fmt::format("got {}, want int", value.type_name()));
  const auto n = value.as_int64();
  if (!n || *n > INT32_MAX || *n < INT32_MIN)
    return Raised(fmt::format("{} out of range", str(value)));
  return *n;
}

namespace {

// len() of what has positions; -1 for others.
std::int64_t indexable_length(const Value& v) {
  switch (v.kind()) {
    case Kind::kString:
    case Kind::kBytes:
      return static_cast<std::int64_t>(text_of(v).size());
    case Kind::kList:
      return static_cast<std::int64_t>(v.as<List>()->size());
    case Kind::kTuple:
      return static_cast<std::int64_t>(v.as<Tuple>()->size());
    case Kind::kRange:
      return v.as<Range>()->size;
    case Kind::kStringElems: {
      const auto* elems = v.as<StringElems>();
      return elems->indexable() ? static_cast<std::int64_t>(text_of(elems->text).size()) : -1;
    }
    default:
      return -1;
  }
}

Value item_at(Heap& heap, const Value& v, std::int64_t i) {
  const auto at = static_cast<std::size_t>(i);
  switch (v.kind()) {
    case Kind::kString:
      return byte_string(static_cast<unsigned char>(text_of(v)[at]));
    case Kind::kBytes:
      return heap.bytes(text_of(v).substr(at, 1));
    case Kind::kList:
      return (*v.as<List>())[at];
    case Kind::kTuple:
      return (*v.as<Tuple>())[at];
    case Kind::kRange:
      return Value::small(v.as<Range>()->at(i));
    default: {
      const auto* elems = v.as<StringElems>();
      const auto byte = static_cast<unsigned char>(text_of(elems->text)[at]);
      return elems->what == Elems::kBytes ? byte_string(byte) : Value::small(byte);
    }
  }
}

Raised out_of_range(std::int64_t i, std::int64_t n, const Value& v) {
  if (n == 0) return Raised(fmt::format("index {} out of range: empty {}", i, v.type_name()));
  return Raised(fmt::format("{} index {} out of range [{}:{}]", v.type_name(), i, -n, n - 1));
}

Fallible<std::int64_t> position_in(const Value& object, const Value& key, std::int64_t n) {
  const std::int64_t given = FB_TRY(to_int32(key));
  const std::int64_t i = given < 0 ? given + n : given;
  if (i < 0 || i >= n) return out_of_range(given, n, object);
  return i;
}

}  // namespace

Outcome index(Thread& thread, const Value& object, const Value& key) {
  if (const auto* dict = object.as<Dict>()) {
    const Value* found = FB_TRY(dict->table.find(key));
    if (found == nullptr) return Raised(fmt::format("key {} not in dict", repr(key)));
    return *found;
  }
  if (const std::int64_t n = indexable_length(object); n >= 0) {
    auto at = position_in(object, key, n);
    if (!at.ok()) {
      Raised error = std::move(at).error();
      if (error.failure().text.starts_with("got ") || !key.as_int64()) {
        error.failure().text =
            fmt::format("{} index: {}", object.type_name(), error.failure().text);
      }
      return error;
    }
    return item_at(thread.heap(), object, at.value());
  }
  if (auto* host = const_cast<HostObject*>(object.as<HostObject>())) {
    Value result = FB_TRY(host->index(thread, key));
    if (!result.absent()) return result;
  }
  return Raised(
      fmt::format("unhandled index operation {}[{}]", object.type_name(), key.type_name()));
}

Outcome set_index(Thread& thread, const Value& object, const Value& key, const Value& value) {
  (void)thread;
  if (object.is_object(Kind::kDict)) {
    auto* dict = static_cast<Dict*>(object.object());
    FB_TRY(dict->check_mutable("insert into"));
    FB_TRY(dict->table.set(key, value));
    return Value::none();
  }
  if (object.is_object(Kind::kList)) {
    auto* list = static_cast<List*>(object.object());
    const std::int64_t at =
        FB_TRY(position_in(object, key, static_cast<std::int64_t>(list->size())));
    FB_TRY(list->check_mutable("assign to element of"));
    list->data()[at] = value;
    return Value::none();
  }
  return Raised(fmt::format("{} value does not support item assignment", object.type_name()));
}

Fallible<std::pair<std::int64_t, std::int64_t>> slice_bounds(const Value& low, const Value& high,
                                                             std::int64_t length) {
  const auto bound = [&](const Value& v, std::int64_t fallback,
                         std::string_view which) -> Fallible<std::int64_t> {
    if (v.absent() || v.is_none()) return fallback;
    auto n = to_int32(v);
    if (!n.ok()) return Raised(fmt::format("invalid {} index: {}", which, n.failure().text));
    return n.value() < 0 ? n.value() + length : n.value();
  };
  const std::int64_t start = FB_TRY(bound(low, 0, "start"));
  const std::int64_t end = FB_TRY(bound(high, length, "end"));
  const auto clamp = [&](std::int64_t i) { return std::clamp<std::int64_t>(i, 0, length); };
  return std::pair{clamp(start), std::max(clamp(end), clamp(start))};
}

Outcome slice(Thread& thread, const Value& object, const Value& low, const Value& high,
              const Value& step_value) {
  Heap& heap = thread.heap();
  const std::int64_t n = object.is_object(Kind::kStringElems) ? -1 : indexable_length(object);
  if (n < 0) return Raised(fmt::format("invalid slice operand {}", object.type_name()));
  std::int64_t step = 1;
  if (!step_value.is_none()) {
    auto given = to_int32(step_value);
    if (!given.ok()) return Raised(fmt::format("invalid slice step: {}", given.failure().text));
    step = given.value();
    if (step == 0) return Raised("zero is not a valid slice step");
  }
  std::int64_t start, end;
  if (step > 0) {
    std::tie(start, end) = FB_TRY(slice_bounds(low, high, n));
  } else {
    const auto bound = [&](const Value& v, std::int64_t fallback,
                           std::string_view which) -> Fallible<std::int64_t> {
      if (v.is_none()) return fallback;
      auto given = to_int32(v);
      if (!given.ok())
        return Raised(fmt::format("invalid {} index: {}", which, given.failure().text));
      return given.value() < 0 ? given.value() + n : given.value();
    };
    start = std::min(FB_TRY(bound(low, n - 1, "start")), n - 1);
    end = std::max<std::int64_t>(FB_TRY(bound(high, -1, "end")), -1);
    start = std::max(start, end);
  }
  const std::int64_t count =
      step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step;
  const auto size = static_cast<std::size_t>(count);
  switch (object.kind()) {
    case Kind::kString:
    case Kind::kBytes: {
      const std::string_view text = text_of(object);
      const bool string = object.kind() == Kind::kString;
      if (step == 1) {
        const std::string_view part = text.substr(static_cast<std::size_t>(start), size);
        if (size == text.size()) return object;
        return string ? heap.string(part) : heap.bytes(part);
      }
      std::string out;
      for (std::int64_t i = 0; i < count; ++i)
        out += text[static_cast<std::size_t>(start + i * step)];
      return string ? heap.string(out) : heap.bytes(out);
    }
    case Kind::kList: {
      List* list = List::create(heap, size);
      Value result(list);
      for (std::int64_t i = 0; i < count; ++i) {
        list->append((*object.as<List>())[static_cast<std::size_t>(start + i * step)]);
      }
      return result;
    }
    case Kind::kTuple: {
      Tuple* tuple = Tuple::create(heap, size);
      for (std::int64_t i = 0; i < count; ++i) {
        tuple->data()[i] = (*object.as<Tuple>())[static_cast<std::size_t>(start + i * step)];
      }
      return Value(tuple);
    }
    default: {
      const auto* range = object.as<Range>();
      return make_range(heap, range->at(start), range->at(end), range->step * step);
    }
  }
}

const BuiltinInfo* method(const Value& object, Symbol name) {
  if (const auto* host = object.as<HostObject>()) {
    const BuiltinInfo* const* found = prepare(host->type()).methods.find(name);
    return found == nullptr ? nullptr : *found;
  }
  return find_method(object.kind(), name);
}

std::vector<std::string> attribute_names(const Value& object) {
  std::vector<std::string> names;
  if (const auto* s = object.as<Struct>()) {
    for (const auto& field : s->fields()) names.emplace_back(field.first.name());
  } else if (const auto* m = object.as<ModuleValue>()) {
    for (const auto& member : m->members()) names.emplace_back(member.first.name());
  } else if (const auto* host = object.as<HostObject>()) {
    names = host->attribute_names();
    for (const Attribute& attribute : host->type().attributes) names.emplace_back(attribute.name);
    for (const BuiltinDef* def : host->type().methods) names.emplace_back(def->name);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
  } else {
    names = method_names(object.kind());
  }
  return names;
}

namespace {

Raised no_attribute(const Value& object, Symbol name) {
  std::string text;
  const auto* host = object.as<HostObject>();
  if (const auto* s = object.as<Struct>()) {
    const std::string brand = s->constructor().absent() ? "" : repr(s->constructor()) + " ";
    text = fmt::format("{}struct has no .{} attribute", brand, name.name());
  } else {
    if (host != nullptr) text = host->no_attribute_text(name.name());
    if (text.empty()) {
      text = fmt::format("{} has no .{} field or method", object.type_name(), name.name());
    }
  }
  const std::vector<std::string> names = attribute_names(object);
  if (host != nullptr) return Raised(text + did_you_mean(name.name(), names));
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view best = resolve::nearest(name.name(), views);
  if (!best.empty()) text += fmt::format(" (did you mean .{}?)", best);
  return Raised(std::move(text));
}

}  // namespace

Outcome attribute(Thread& thread, const Value& object, Symbol name) {
  switch (object.kind()) {
    case Kind::kStruct:
      if (const Value* field = object.as<Struct>()->find(name)) return *field;
      return no_attribute(object, name);
    case Kind::kModule:
      if (const Value* member = object.as<ModuleValue>()->find(name)) return *member;
      return no_attribute(object, name);
    case Kind::kHost: {
      auto* host = static_cast<HostObject*>(object.object());
      const HostTypeInfo& info = prepare(host->type());
      if (const Attribute* const* row = info.attributes.find(name))
        return (*row)->get(thread, *host);
      Value value = FB_TRY(host->attribute(thread, name));
      if (!value.absent()) return value;
      break;
    }
    default:
      break;
  }
  if (const BuiltinInfo* found = method(object, name)) {
    return Value(thread.heap().construct<Builtin>(sizeof(Builtin), *found, object));
  }
  return no_attribute(object, name);
}

Outcome set_attribute(Thread& thread, const Value& object, Symbol name, const Value& value) {
  if (object.is_object(Kind::kHost)) {
    return static_cast<HostObject*>(object.object())->set_attribute(thread, name, value);
  }
  return Raised(fmt::format("can't assign to .{} field of {}", name.name(), object.type_name()));
}

// Defaults of host objects.

Outcome HostObject::attribute(Thread&, Symbol) {
  return Value();
}
std::string HostObject::no_attribute_text(std::string_view) const {
  return "";
}
Outcome HostObject::set_attribute(Thread&, Symbol name, Value) {
  return Raised(fmt::format("can't assign to .{} field of {}", name.name(), type().name));
}
Outcome HostObject::index(Thread&, const Value&) {
  return Value();
}
Outcome HostObject::contains(Thread&, const Value&) {
  return Value();
}
Outcome HostObject::binary(Thread&, BinaryOp, const Value&, bool) {
  return Value();
}
void HostObject::freeze(Freezer&) {}

}  // namespace fb::starlark
