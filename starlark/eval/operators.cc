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

}  // namespace fb::starlark
