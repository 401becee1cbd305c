// ==, <, hash. Recursion is bounded: ten levels for comparison, a hundred for the hash of
// nested tuples.
#include "starlark/eval/containers.h"
#include "starlark/eval/numbers.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/operators.h"
#include "starlark/eval/program.h"
#include "starlark/eval/text.h"

#include <fmt/format.h>

namespace fb::starlark {
namespace {

constexpr int kMaxDepth = 10;
constexpr int kMaxHashDepth = 100;

bool is_number(Kind kind) {
  return kind == Kind::kInt || kind == Kind::kBigInt || kind == Kind::kFloat;
}
std::string_view text_of(const Value& v) {
  return static_cast<const String*>(v.object())->view();
}
Raised too_deep() {
  return Raised(std::string(kTooDeep));
}

Fallible<bool> equal_at(const Value& a, const Value& b, int depth);

Fallible<bool> equal_items(std::span<const Value> a, std::span<const Value> b, int depth) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!FB_TRY(equal_at(a[i], b[i], depth - 1))) return false;
  }
  return true;
}

Fallible<bool> equal_tables(const Table& a, const Table& b, bool values, int depth) {
  if (a.size() != b.size()) return false;
  for (const Table::Entry& entry : a.entries()) {
    if (entry.key.absent()) continue;
    bool failed = false;
    const Value* other = b.find_hashed(entry.key, entry.hash, failed);
    if (failed) return too_deep();
    if (other == nullptr) return false;
    if (values && !FB_TRY(equal_at(entry.value, *other, depth - 1))) return false;
  }
  return true;
}

Fallible<bool> equal_structs(const Struct& a, const Struct& b, int depth) {
  if (a.fields().size() != b.fields().size()) return false;
  if (!a.constructor().same(b.constructor()) &&
      !FB_TRY(equal_at(a.constructor(), b.constructor(), depth - 1))) {
    return false;
  }
  for (std::size_t i = 0; i < a.fields().size(); ++i) {
    if (a.fields()[i].first != b.fields()[i].first) return false;
    if (!FB_TRY(equal_at(a.fields()[i].second, b.fields()[i].second, depth - 1))) return false;
  }
  return true;
}

bool equal_ranges(const Range& a, const Range& b) {
  if (a.size != b.size) return false;
  if (a.size == 0) return true;
  return a.start == b.start && (a.size == 1 || a.step == b.step);
}

Fallible<bool> equal_at(const Value& a, const Value& b, int depth) {
  if (depth < 1) return too_deep();
  const Kind kind = a.kind();
  if (is_number(kind) && is_number(b.kind())) return compare_numbers(a, b) == 0;
  if (kind != b.kind()) return false;
  switch (kind) {
    case Kind::kString:
    case Kind::kBytes:
      return a.same(b) || text_of(a) == text_of(b);
    case Kind::kTuple:
      return equal_items(a.as<Tuple>()->items(), b.as<Tuple>()->items(), depth);
    case Kind::kList:
      return equal_items(a.as<List>()->items(), b.as<List>()->items(), depth);
    case Kind::kDict:
      return equal_tables(a.as<Dict>()->table, b.as<Dict>()->table, true, depth);
    case Kind::kSet:
      return equal_tables(a.as<Set>()->table, b.as<Set>()->table, false, depth);
    case Kind::kRange:
      return equal_ranges(*a.as<Range>(), *b.as<Range>());
    case Kind::kStruct:
      return equal_structs(*a.as<Struct>(), *b.as<Struct>(), depth);
    case Kind::kHost:
      return a.same(b) || a.as<HostObject>()->equals(*b.as<HostObject>());
    case Kind::kAbsent:
    case Kind::kNone:
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kBigInt:
    case Kind::kFloat:
    case Kind::kModule:
    case Kind::kFunction:
    case Kind::kBuiltin:
    case Kind::kStringElems:
    case Kind::kBytesElems:
    case Kind::kCell:
    case Kind::kIterator:
      return a.same(b);
  }
  return false;
}

bool holds(Comparison op, int order) {
  switch (op) {
    case Comparison::kLess:
      return order < 0;
    case Comparison::kLessEqual:
      return order <= 0;
    case Comparison::kGreater:
      return order > 0;
    case Comparison::kGreaterEqual:
      return order >= 0;
  }
  return false;
}

std::string_view sign(Comparison op) {
  switch (op) {
    case Comparison::kLess:
      return "<";
    case Comparison::kLessEqual:
      return "<=";
    case Comparison::kGreater:
      return ">";
    case Comparison::kGreaterEqual:
      return ">=";
  }
  return "?";
}

Raised not_implemented(Comparison op, const Value& a, const Value& b) {
  return Raised(fmt::format("{} {} {} not implemented", a.type_name(), sign(op), b.type_name()));
}

Fallible<bool> compare_at(Comparison op, const Value& a, const Value& b, int depth);

Fallible<bool> compare_items(Comparison op, std::span<const Value> a, std::span<const Value> b,
                             int depth) {
  const std::size_t n = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < n; ++i) {
    if (!FB_TRY(equal_at(a[i], b[i], depth - 1))) return compare_at(op, a[i], b[i], depth - 1);
  }
  return holds(op, a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0);
}

bool is_subset(const Table& a, const Table& b) {
  if (a.size() > b.size()) return false;
  bool failed = false;
  for (const Table::Entry& entry : a.entries()) {
    if (!entry.key.absent() && b.find_hashed(entry.key, entry.hash, failed) == nullptr)
      return false;
  }
  return true;
}

Fallible<bool> compare_at(Comparison op, const Value& a, const Value& b, int depth) {
  if (depth < 1) return too_deep();
  const Kind kind = a.kind();
  if (is_number(kind) && is_number(b.kind())) return holds(op, compare_numbers(a, b));
  if (kind != b.kind()) return not_implemented(op, a, b);
  switch (kind) {
    case Kind::kBool:
      return holds(op, int{a.as_bool()} - int{b.as_bool()});
    case Kind::kString:
    case Kind::kBytes:
      return holds(op, text_of(a).compare(text_of(b)));
    case Kind::kTuple:
      return compare_items(op, a.as<Tuple>()->items(), b.as<Tuple>()->items(), depth);
    case Kind::kList:
      return compare_items(op, a.as<List>()->items(), b.as<List>()->items(), depth);
    case Kind::kSet: {
      const Table& x = a.as<Set>()->table;
      const Table& y = b.as<Set>()->table;
      switch (op) {
        case Comparison::kLess:
          return x.size() < y.size() && is_subset(x, y);
        case Comparison::kLessEqual:
          return is_subset(x, y);
        case Comparison::kGreater:
          return y.size() < x.size() && is_subset(y, x);
        case Comparison::kGreaterEqual:
          return is_subset(y, x);
      }
      return false;
    }
    case Kind::kHost: {
      if (const auto order = a.as<HostObject>()->compare(*b.as<HostObject>()))
        return holds(op, *order);
      return not_implemented(op, a, b);
    }
    case Kind::kAbsent:
    case Kind::kNone:
    case Kind::kInt:
    case Kind::kBigInt:
    case Kind::kFloat:
    case Kind::kDict:
    case Kind::kRange:
    case Kind::kStruct:
    case Kind::kModule:
    case Kind::kFunction:
    case Kind::kBuiltin:
    case Kind::kStringElems:
    case Kind::kBytesElems:
    case Kind::kCell:
    case Kind::kIterator:
      return not_implemented(op, a, b);
  }
  return not_implemented(op, a, b);
}

Fallible<std::uint32_t> hash_at(const Value& value, int depth) {
  switch (value.kind()) {
    case Kind::kNone:
      return 1u;
    case Kind::kBool:
      return value.as_bool() ? 3u : 2u;
    case Kind::kInt:
    case Kind::kBigInt:
    case Kind::kFloat:
      return hash_number(value);
    case Kind::kString:
      return static_cast<const String*>(value.object())->hash();
    case Kind::kBytes:
      return static_cast<const String*>(value.object())->hash() ^ 0x5bd1e995u;
    case Kind::kTuple: {
      if (depth == 0) return Raised("tuple nested too deeply to be hashed");
      std::uint32_t h = 0x345678;
      for (const Value& item : value.as<Tuple>()->items()) {
        h = (h ^ FB_TRY(hash_at(item, depth - 1))) * 1000003u;
      }
      return h;
    }
    case Kind::kStruct: {
      if (depth == 0) return Raised("struct nested too deeply to be hashed");
      std::uint32_t h = 8731;
      for (const auto& [name, field] : value.as<Struct>()->fields()) {
        h = (h ^ name.string()->hash()) * 839u;
        h = (h ^ FB_TRY(hash_at(field, depth - 1))) * 757u;
      }
      return h;
    }
    case Kind::kFunction:
      return hash_bytes(value.as<Function>()->code.name);
    case Kind::kBuiltin:
      return hash_bytes(value.as<Builtin>()->info_name());
    case Kind::kHost:
      if (const auto h = value.as<HostObject>()->hash()) return *h;
      break;
    case Kind::kAbsent:
    case Kind::kList:
    case Kind::kDict:
    case Kind::kSet:
    case Kind::kRange:
    case Kind::kModule:
    case Kind::kStringElems:
    case Kind::kBytesElems:
    case Kind::kCell:
    case Kind::kIterator:
      break;
  }
  // Two wordings, as the originals have them.
  const Kind kind = value.kind();
  const bool is_view = kind == Kind::kRange || kind == Kind::kModule ||
                       kind == Kind::kStringElems || kind == Kind::kBytesElems;
  return Raised(fmt::format("unhashable{} {}", is_view ? ":" : " type:", value.type_name()));
}

}  // namespace

Fallible<bool> equal(const Value& a, const Value& b) {
  return equal_at(a, b, kMaxDepth);
}
Fallible<bool> compare(Comparison op, const Value& a, const Value& b) {
  return compare_at(op, a, b, kMaxDepth);
}
Fallible<std::uint32_t> hash(const Value& value) {
  return hash_at(value, kMaxHashDepth);
}

}  // namespace fb::starlark
