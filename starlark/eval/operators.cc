#include "starlark/eval/operators.h"

#include "core/base/suggest.h"
#include "starlark/eval/binder.h"
#include "starlark/eval/containers.h"
#include "starlark/eval/numbers.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/text.h"
#include "starlark/eval/thread.h"
#include "starlark/resolve/spell.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

// A switch here names the kinds it knows.
#pragma GCC diagnostic ignored "-Wswitch-enum"

namespace fb::starlark {
namespace {

constexpr std::size_t kMaxItems = std::size_t{1} << 28;

std::string_view sign(BinaryOp op) {
  static constexpr std::string_view kSigns[] = {"+", "-", "*",  "/",  "//", "%",     "&",
                                                "|", "^", "<<", ">>", "in", "not in"};
  return kSigns[static_cast<std::size_t>(op)];
}

std::string_view text_of(const Value& v) {
  return static_cast<const String*>(v.object())->view();
}
bool is_number(const Value& v) {
  return v.is_int() || v.is_float();
}
bool is_text(const Value& v) {
  return v.is_object(Kind::kString) || v.is_object(Kind::kBytes);
}

Raised unknown_op(BinaryOp op, const Value& a, const Value& b) {
  return Raised(fmt::format("unknown binary op: {} {} {}", a.type_name(), sign(op), b.type_name()));
}

// How often: fails like the original; 0 for what is negative or pointless.
Fallible<std::size_t> repeat_count(std::size_t size, const Value& count, std::size_t most) {
  if (size == 0) return std::size_t{0};
  const auto n = count.as_int64();
  if (!n || *n > INT32_MAX || *n < INT32_MIN) {
    return Raised(fmt::format("repeat count {} too large", str(count)));
  }
  if (*n < 1) return std::size_t{0};
  const auto times = static_cast<std::size_t>(*n);
  if (times > most / size) {
    return Raised(fmt::format("excessive repeat ({} * {} elements)", size, times));
  }
  return times;
}

Outcome repeat(Heap& heap, const Value& sequence, const Value& count) {
  if (is_text(sequence)) {
    const std::string_view text = text_of(sequence);
    const std::size_t n = FB_TRY(repeat_count(text.size(), count, kMaxStringSize - 1));
    String* result = String::create(heap, sequence.kind(), text.size() * n);
    char* to = result->mutable_data();
    for (std::size_t i = 0; i < n; ++i) std::memcpy(to + i * text.size(), text.data(), text.size());
    return Value(result);
  }
  const bool is_list = sequence.is_object(Kind::kList);
  const auto items = is_list ? sequence.as<List>()->items() : sequence.as<Tuple>()->items();
  const std::size_t n = FB_TRY(repeat_count(items.size(), count, kMaxItems));
  if (is_list) {
    List* list = List::create(heap, items.size() * n);
    Value result(list);
    for (std::size_t i = 0; i < n; ++i) {
      for (const Value& item : items) list->append(item);
    }
    return result;
  }
  Tuple* tuple = Tuple::create(heap, items.size() * n);
  for (std::size_t i = 0; i < items.size() * n; ++i) tuple->data()[i] = items[i % items.size()];
  return Value(tuple);
}

Outcome add(Thread& thread, const Value& a, const Value& b) {
  Heap& heap = thread.heap();
  if (a.is_string() && b.is_string()) {
    if (text_of(a).size() + text_of(b).size() >= kMaxStringSize) return Raised("string too large");
    return concatenate(heap, a, text_of(b));
  }
  if (const auto* x = a.as<List>()) {
    const auto* y = b.as<List>();
    if (y == nullptr) return unknown_op(BinaryOp::kAdd, a, b);
    List* list = List::create(heap, x->size() + y->size());
    Value result(list);
    for (const Value& item : x->items()) list->append(item);
    for (const Value& item : y->items()) list->append(item);
    return result;
  }
  if (const auto* x = a.as<Tuple>()) {
    const auto* y = b.as<Tuple>();
    if (y == nullptr) return unknown_op(BinaryOp::kAdd, a, b);
    Tuple* tuple = Tuple::create(heap, x->size() + y->size());
    std::copy(x->items().begin(), x->items().end(), tuple->data());
    std::copy(y->items().begin(), y->items().end(), tuple->data() + x->size());
    return Value(tuple);
  }
  if (const auto* x = a.as<Struct>()) {
    const auto* y = b.as<Struct>();
    if (y == nullptr) return unknown_op(BinaryOp::kAdd, a, b);
    if (!FB_TRY(equal(x->constructor(), y->constructor()))) {
      const auto name = [](const Struct& s) {
        return s.constructor().absent() ? std::string("struct") : repr(s.constructor());
      };
      return Raised(
          fmt::format("cannot add structs of different constructors: {} + {}", name(*x), name(*y)));
    }
    std::vector<Struct::Field> fields;
    for (const auto& field : x->fields()) {
      if (y->find(field.first) == nullptr) fields.push_back(field);
    }
    fields.insert(fields.end(), y->fields().begin(), y->fields().end());
    return Value(Struct::create(heap, x->constructor(), fields));
  }
  return unknown_op(BinaryOp::kAdd, a, b);
}

void insert_all(Table& to, const Table& from) {
  for (const Table::Entry& entry : from.entries()) {
    if (!entry.key.absent()) to.set_hashed(entry.key, entry.value, entry.hash);
  }
}

Outcome set_operation(Heap& heap, BinaryOp op, const Table& a, const Table& b) {
  Set* result = Set::create(heap);
  Value holder(result);
  bool failed = false;
  const auto keep = [&](const Table& from, const Table& other, bool if_in_other) {
    for (const Table::Entry& entry : from.entries()) {
      if (entry.key.absent()) continue;
      const bool there = other.find_hashed(entry.key, entry.hash, failed) != nullptr;
      if (there == if_in_other) result->table.set_hashed(entry.key, Value::none(), entry.hash);
    }
  };
  switch (op) {
    case BinaryOp::kOr:
      insert_all(result->table, a);
      insert_all(result->table, b);
      break;
    case BinaryOp::kAnd:
      keep(a, b, true);
      break;
    case BinaryOp::kSubtract:
      keep(a, b, false);
      break;
    default:
      keep(a, b, false);
      keep(b, a, false);
  }
  return holder;
}

Fallible<bool> contains(Thread& thread, const Value& container, const Value& item) {
  switch (container.kind()) {
    case Kind::kList:
    case Kind::kTuple: {
      const auto items = container.kind() == Kind::kList ? container.as<List>()->items()
                                                         : container.as<Tuple>()->items();
      for (const Value& x : items) {
        if (FB_TRY(equal(x, item))) return true;
      }
      return false;
    }
    case Kind::kDict: {  // an unhashable key is in no dict
      auto found = container.as<Dict>()->table.find(item);
      return found.ok() && found.value() != nullptr;
    }
    case Kind::kSet:
      return FB_TRY(container.as<Set>()->table.find(item)) != nullptr;
    case Kind::kString:
      if (!item.is_string()) {
        return Raised(
            fmt::format("'in <string>' requires string as left operand, not {}", item.type_name()));
      }
      return text_of(container).find(text_of(item)) != std::string_view::npos;
    case Kind::kBytes:
      if (item.is_object(Kind::kBytes)) {
        return text_of(container).find(text_of(item)) != std::string_view::npos;
      }
      if (item.is_int()) {
        const auto byte = item.as_int64();
        if (!byte || *byte < 0 || *byte > 255) {
          return Raised(fmt::format(
              "int in bytes: {} out of range (want value in unsigned 8-bit range)", str(item)));
        }
        return text_of(container).find(static_cast<char>(*byte)) != std::string_view::npos;
      }
      return Raised(fmt::format("'in bytes' requires bytes or int as left operand, not {}",
                                item.type_name()));
    case Kind::kRange: {
      if (!is_number(item)) {
        return Raised(
            fmt::format("'in <range>' requires integer as left operand, not {}", item.type_name()));
      }
      const auto* range = container.as<Range>();
      const auto* f = item.as<Float>();
      const auto n =
          f != nullptr ? int_of_double(thread.heap(), f->value()).as_int64() : item.as_int64();
      if (!n || range->size == 0) return false;
      const std::int64_t offset = *n - range->start;
      if (offset % range->step != 0) return false;
      const std::int64_t at = offset / range->step;
      return at >= 0 && at < range->size;
    }
    case Kind::kHost: {
      auto* host = const_cast<HostObject*>(container.as<HostObject>());
      const Value answer = FB_TRY(host->contains(thread, item));
      if (!answer.absent()) return answer.truth();
      break;
    }
    default:
      break;
  }
  return unknown_op(BinaryOp::kIn, item, container);
}

// What a host object on either side makes of it; absent: nothing.
Outcome host_binary(Thread& thread, BinaryOp op, const Value& a, const Value& b) {
  if (auto* left = const_cast<HostObject*>(a.as<HostObject>())) {
    Value result = FB_TRY(left->binary(thread, op, b, true));
    if (!result.absent()) return result;
  }
  if (auto* right = const_cast<HostObject*>(b.as<HostObject>())) {
    return right->binary(thread, op, a, false);
  }
  return Value();
}

}  // namespace

Outcome binary(Thread& thread, BinaryOp op, const Value& a, const Value& b) {
  Heap& heap = thread.heap();
  if (a.is_int() && b.is_int() && op < BinaryOp::kIn) return int_binary(heap, op, a, b);
  if (is_number(a) && is_number(b) && op <= BinaryOp::kModulo) {
    return float_binary(heap, op, FB_TRY(to_double(a)), FB_TRY(to_double(b)));
  }
  switch (op) {
    case BinaryOp::kIn:
    case BinaryOp::kNotIn: {
      auto found = contains(thread, b, a);
      if (!found.ok()) {
        if (op == BinaryOp::kNotIn && found.failure().text.starts_with("unknown binary op")) {
          return unknown_op(op, a, b);
        }
        return std::move(found).error();
      }
      return Value::boolean(found.value() == (op == BinaryOp::kIn));
    }
    case BinaryOp::kMultiply:
      if (a.is_int() && (is_text(b) || b.as<List>() != nullptr || b.as<Tuple>() != nullptr)) {
        return repeat(heap, b, a);
      }
      if (b.is_int() && (is_text(a) || a.as<List>() != nullptr || a.as<Tuple>() != nullptr)) {
        return repeat(heap, a, b);
      }
      break;
    case BinaryOp::kModulo:
      if (a.is_string()) return percent_format(thread, text_of(a), b);
      break;
    case BinaryOp::kOr:
      if (const auto* x = a.as<Dict>(); x != nullptr && b.as<Dict>() != nullptr) {
        Dict* result = Dict::create(heap);
        Value holder(result);
        insert_all(result->table, x->table);
        insert_all(result->table, b.as<Dict>()->table);
        return holder;
      }
      [[fallthrough]];
    case BinaryOp::kAnd:
    case BinaryOp::kXor:
    case BinaryOp::kSubtract:
      if (a.as<Set>() != nullptr && b.as<Set>() != nullptr) {
        return set_operation(heap, op, a.as<Set>()->table, b.as<Set>()->table);
      }
      break;
    case BinaryOp::kAdd:
      if (!a.is_object(Kind::kHost) && !b.is_object(Kind::kHost)) return add(thread, a, b);
      break;
    case BinaryOp::kDivide:
    case BinaryOp::kFloorDivide:
    case BinaryOp::kShiftLeft:
    case BinaryOp::kShiftRight:
      break;
  }
  Value result = FB_TRY(host_binary(thread, op, a, b));
  if (!result.absent()) return result;
  return unknown_op(op, a, b);
}

Outcome extend_list(Thread& thread, const Value& list, const Value& iterable) {
  auto* to = static_cast<List*>(list.object());
  if (list.same(iterable)) {
    const std::size_t n = to->size();
    to->reserve(2 * n);
    for (std::size_t i = 0; i < n; ++i) to->append((*to)[i]);
    return Value::none();
  }
  if (const auto* from = iterable.as<List>()) {
    to->reserve(to->size() + from->size());
    for (const Value& item : from->items()) to->append(item);
    return Value::none();
  }
  for (Value& item : FB_TRY(items_of(thread, iterable))) to->append(std::move(item));
  return Value::none();
}

Outcome binary_in_place(Thread& thread, BinaryOp op, const Value& a, const Value& b) {
  if (op == BinaryOp::kAdd && a.is_object(Kind::kList) && is_iterable(b)) {
    FB_TRY(static_cast<List*>(a.object())->check_mutable("apply += to"));
    FB_TRY(extend_list(thread, a, b));
    return a;
  }
  if (op == BinaryOp::kOr && a.is_object(Kind::kDict) && b.is_object(Kind::kDict)) {
    auto* dict = static_cast<Dict*>(a.object());
    FB_TRY(dict->check_mutable("apply |= to"));
    if (!a.same(b)) insert_all(dict->table, static_cast<Dict*>(b.object())->table);
    return a;
  }
  return binary(thread, op, a, b);
}

Outcome unary(Thread& thread, UnaryOp op, const Value& a) {
  if (a.is_int()) {
    if (op == UnaryOp::kPlus) return a;
    return op == UnaryOp::kMinus ? int_negate(thread.heap(), a) : int_invert(thread.heap(), a);
  }
  if (a.is_float() && op != UnaryOp::kInvert) {
    if (op == UnaryOp::kPlus) return a;
    return thread.heap().number(-a.as<Float>()->value());
  }
  const std::string_view text = op == UnaryOp::kPlus ? "+" : op == UnaryOp::kMinus ? "-" : "~";
  return Raised(fmt::format("unknown unary op: {}{}", text, a.type_name()));
}

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
