#include "starlark/lib/universe.h"

#include "starlark/eval/containers.h"
#include "starlark/eval/numbers.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/operators.h"
#include "starlark/eval/text.h"
#include "starlark/lib/sort.h"
#include "starlark/syntax/unicode.h"

#include <cmath>
#include <fmt/format.h>
#include <vector>

// A switch here names the kinds it knows.
#pragma GCC diagnostic ignored "-Wswitch-enum"

namespace fb::starlark::lib {
namespace {

constexpr ParamKind kPosOnly = ParamKind::kPositionalOnly;
constexpr Param kOneValue[] = {{"x", types::kAny, {}, kPosOnly}};
constexpr Param kOneIterable[] = {{"iterable", types::kIterable, {}, kPosOnly}};
constexpr Param kMaybeIterable[] = {{"iterable", types::kIterable, kOptional, kPosOnly}};

std::string_view text_of(const Value& v) {
  return static_cast<const String*>(v.object())->view();
}

// Text as print and fail show it: strings as they are, everything else as repr.
std::string joined(Call& call, std::size_t separator) {
  std::string out;
  bool first = true;
  for (const Value& value : call.rest()) {
    if (!first) out += call.text(separator);
    first = false;
    if (value.is_object(Kind::kBytes)) {
      out += text_of(value);
    } else {
      out += str(value);
    }
  }
  return out;
}

// Calls `visit` for each item until it answers false.
template <class Visit>
Outcome each(Call& call, const Value& iterable, Visit visit) {
  const Value holder = FB_TRY(make_iterator(call.heap(), iterable));
  auto* iterator = static_cast<Iterator*>(holder.object());
  while (true) {
    Value item = FB_TRY(iterator->next(call.thread()));
    if (item.absent() || !visit(std::move(item))) return Value::none();
  }
}

Outcome abs_(Call& call) {
  const Value& x = call[0];
  if (x.is_float()) return call.heap().number(std::fabs(*x.as_double()));
  if (x.is_int()) return int_sign(x) < 0 ? int_negate(call.heap(), x) : x;
  return call.fail(fmt::format("got {}, want int or float", x.type_name()));
}

Outcome all_(Call& call) {
  bool all = true;
  FB_TRY(each(call, call[0], [&](Value item) { return all = item.truth(); }));
  return Value::boolean(all);
}

Outcome any_(Call& call) {
  bool any = false;
  FB_TRY(each(call, call[0], [&](Value item) { return !(any = item.truth()); }));
  return Value::boolean(any);
}

Outcome bool_(Call& call) {
  return Value::boolean(call[0].truth());
}

Outcome bytes_(Call& call) {
  const Value& x = call[0];
  if (x.is_object(Kind::kBytes)) return x;
  if (x.is_string()) {
    if (unicode::is_valid(text_of(x))) return call.heap().bytes(text_of(x));
    std::string out;
    for (std::string_view rest = text_of(x); !rest.empty();) {
      const auto d = unicode::decode(rest);
      unicode::append_utf8(out, d.code_point);
      rest.remove_prefix(d.size);
    }
    return call.heap().bytes(out);
  }
  if (!is_iterable(x)) {
    return call.fail(fmt::format("got {}, want string, bytes, or iterable of ints", x.type_name()));
  }
  std::string out;
  std::string problem;
  FB_TRY(each(call, x, [&](Value item) {
    const auto byte = item.as_int64();
    if (!item.is_int()) {
      problem = fmt::format("at index {}, got {}, want int", out.size(), item.type_name());
    } else if (!byte || *byte < 0 || *byte > 255) {
      problem = fmt::format("at index {}, {} out of range (want value in unsigned 8-bit range)",
                            out.size(), str(item));
    } else {
      out.push_back(static_cast<char>(*byte));
    }
    return problem.empty();
  }));
  if (!problem.empty()) return call.fail(problem);
  return call.heap().bytes(out);
}

Outcome chr_(Call& call) {
  if (!call[0].is_int()) return call.fail(fmt::format("got {}, want int", call[0].type_name()));
  const std::int64_t c = FB_TRY(to_int32(call[0]));
  if (c < 0) return call.fail(fmt::format("Unicode code point {} out of range (<0)", c));
  if (c > 0x10FFFF) {
    return call.fail(fmt::format("Unicode code point U+{:X} out of range (>0x10FFFF)", c));
  }
  std::string out;
  unicode::append_utf8(out, static_cast<char32_t>(c));
  return call.heap().string(out);
}

Outcome dict_(Call& call) {
  Dict* dict = Dict::create(call.heap());
  Value result(dict);
  FB_TRY(update_dict(call, *dict, call[0]));
  return result;
}

Outcome dir_(Call& call) {
  List* list = List::create(call.heap());
  Value result(list);
  for (const std::string& name : attribute_names(call[0])) list->append(Symbol(name).value());
  return result;
}

Outcome enumerate_(Call& call) {
  const std::int64_t start = FB_TRY(call.integer(1));
  List* list = List::create(call.heap());
  Value result(list);
  std::int64_t n = start;
  FB_TRY(each(call, call[0], [&](Value item) {
    Tuple* pair = Tuple::create(call.heap(), 2);
    pair->data()[0] = call.heap().integer(n++);
    pair->data()[1] = std::move(item);
    list->append(Value(pair));
    return true;
  }));
  return result;
}

Outcome fail_(Call& call) {
  return call.fail(joined(call, 1));
}

Outcome float_(Call& call) {
  const Value& x = call[0];
  if (x.absent()) return call.heap().number(0);
  if (x.is_bool()) return call.heap().number(x.as_bool() ? 1 : 0);
  if (x.is_float()) return x;
  if (x.is_int()) return call.heap().number(FB_TRY(to_double(x)));
  if (x.is_string()) {
    if (call.text(0).empty()) return call.fail("empty string");
    const auto parsed = parse_float(call.text(0));
    if (!parsed) return call.fail(fmt::format("invalid float literal: {}", call.text(0)));
    const bool says_infinite = call.text(0).find_first_of("iI") != std::string_view::npos;
    if (std::isinf(*parsed) && !says_infinite) {
      return call.fail(fmt::format("floating-point number too large: {}", call.text(0)));
    }
    return call.heap().number(*parsed);
  }
  return Raised(fmt::format("float got {}, want number or string", x.type_name())).bare();
}

Outcome getattr_(Call& call) {
  Outcome found = attribute(call.thread(), call[0], symbol_of(call[1]));
  if (found.ok()) return found;
  if (!call[2].absent()) return call[2];
  if (found.failure().text.find(" has no .") != std::string::npos) {
    return call.fail(
        fmt::format("{} has no .{} field or method", call[0].type_name(), call.text(1)));
  }
  return found;
}

Outcome hasattr_(Call& call) {
  return Value::boolean(attribute(call.thread(), call[0], symbol_of(call[1])).ok());
}

// Strings: java.lang.String.hashCode over UTF-16; bytes: FNV-1a of 32 bits.
Outcome hash_(Call& call) {
  if (call[0].is_string()) {
    std::uint32_t h = 0;
    for (std::string_view rest = call.text(0); !rest.empty();) {
      const auto d = unicode::decode(rest);
      rest.remove_prefix(d.size);
      if (d.code_point >= 0x10000) {
        h = 31 * h + (0xD800 + ((static_cast<std::uint32_t>(d.code_point) - 0x10000) >> 10));
        h = 31 * h + (0xDC00 + (d.code_point & 0x3FF));
      } else {
        h = 31 * h + static_cast<std::uint32_t>(d.code_point);
      }
    }
    return Value::small(static_cast<std::int32_t>(h));
  }
  if (call[0].is_object(Kind::kBytes)) {
    std::uint32_t h = 2166136261u;
    for (char c : text_of(call[0])) h = (h ^ static_cast<unsigned char>(c)) * 16777619u;
    return Value::small(h);
  }
  return call.fail(fmt::format("got {}, want string or bytes", call[0].type_name()));
}

// The digits of `text` in `base` (0: by prefix), or nothing.
std::optional<Value> int_literal(Heap& heap, std::string_view text, int base) {
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.size() > 1 && text[0] == '0') {
    const char letter = static_cast<char>(text[1] | 0x20);
    const int prefix = text.size() > 2 ? (letter == 'o'   ? 8
                                          : letter == 'x' ? 16
                                          : letter == 'b' ? 2
                                                          : 0)
                                       : 0;
    if (prefix != 0) {
      if (base == 0 || base == prefix) {
        base = prefix;
        text.remove_prefix(2);
      }
    } else if (base == 0 && text.find_first_not_of('0') != text.npos) {
      return std::nullopt;  // int("0755", 0)
    }
  }
  if (base == 0) base = 10;
  if (text.empty() || text[0] == '+' || text[0] == '-') return std::nullopt;
  auto value = parse_int(heap, text, base);
  if (value && negative) return int_negate(heap, *value);
  return value;
}

Outcome int_(Call& call) {
  const Value& x = call[0];
  const bool has_base = !call[1].absent();
  if (x.is_string()) {
    std::int64_t base = 10;
    if (has_base) {
      if (!call[1].is_int()) {
        return call.fail(fmt::format("for base, got {}, want int", call[1].type_name()));
      }
      base = call[1].as_int64().value_or(-1);
      if (base != 0 && (base < 2 || base > 36)) {
        return call.fail("base must be an integer >= 2 && <= 36");
      }
    }
    auto value = int_literal(call.heap(), call.text(0), static_cast<int>(base));
    if (!value) {
      return call.fail(fmt::format("invalid literal with base {}: {}", base, call.text(0)));
    }
    return *std::move(value);
  }
  if (has_base) return call.fail("can't convert non-string with explicit base");
  if (x.is_bool()) return Value::small(x.as_bool() ? 1 : 0);
  if (x.is_int()) return x;
  if (const auto* f = x.as<Float>()) {
    if (std::isnan(f->value())) return call.fail("cannot convert float NaN to integer");
    if (std::isinf(f->value())) return call.fail("cannot convert float infinity to integer");
    return int_of_double(call.heap(), f->value());
  }
  return call.fail(fmt::format("cannot convert {} to int", x.type_name()));
}

Outcome len_(Call& call) {
  const Value& x = call[0];
  if (const auto length = length_of(x)) return Value::small(*length);
  return call.fail(fmt::format("value of type {} has no len", x.type_name()));
}

Outcome list_(Call& call) {
  List* list = List::create(call.heap());
  Value result(list);
  if (!call[0].absent()) FB_TRY(extend_list(call.thread(), result, call[0]));
  return result;
}

Outcome extremum(Call& call, Comparison better) {
  const std::string_view name = call.def().name;
  if (call.rest().empty()) {
    return Raised(fmt::format("{} requires at least one positional argument", name)).bare();
  }
  std::vector<Value> items;
  if (call.rest().size() == 1) {
    const Value& iterable = call.rest()[0];
    if (!is_iterable(iterable)) {
      return call.fail(fmt::format("{} value is not iterable", iterable.type_name()));
    }
    items = FB_TRY(items_of(call.thread(), iterable));
  } else {
    items.assign(call.rest().begin(), call.rest().end());
  }
  if (items.empty()) return call.fail("argument is an empty sequence");
  const Value& key = call[1];
  const auto key_of = [&](const Value& item) -> Outcome {
    if (key.absent()) return item;
    return call.thread().call(key, {&item, 1});
  };
  Value best = items[0];
  Value best_key = FB_TRY(key_of(best));
  for (std::size_t i = 1; i < items.size(); ++i) {
    Value item_key = FB_TRY(key_of(items[i]));
    if (FB_TRY(compare(better, item_key, best_key))) {
      best = items[i];
      best_key = std::move(item_key);
    }
  }
  return best;
}

Outcome max_(Call& call) {
  return extremum(call, Comparison::kGreater);
}
Outcome min_(Call& call) {
  return extremum(call, Comparison::kLess);
}

Outcome ord_(Call& call) {
  const Value& x = call[0];
  if (x.is_string()) {
    const std::size_t n = unicode::count_code_points(text_of(x));
    if (n != 1) return call.fail(fmt::format("string encodes {} Unicode code points, want 1", n));
    return Value::small(static_cast<std::int64_t>(unicode::decode(text_of(x)).code_point));
  }
  if (x.is_object(Kind::kBytes)) {
    if (text_of(x).size() != 1) {
      return call.fail(fmt::format("bytes has length {}, want 1", text_of(x).size()));
    }
    return Value::small(static_cast<unsigned char>(text_of(x)[0]));
  }
  return call.fail(fmt::format("got {}, want string or bytes", x.type_name()));
}

Outcome print_(Call& call) {
  const std::string line = joined(call, 1);
  if (call.thread().print) {
    call.thread().print(call.thread(), line);
  } else {
    fmt::print(stderr, "{}\n", line);
  }
  return Value::none();
}

Outcome range_(Call& call) {
  std::int64_t bounds[3] = {0, 0, 1};
  for (std::size_t i = 0; i < 3; ++i) {
    if (call[i].absent()) continue;
    auto value = call[i].as_int64();
    if (!value || !Value::fits_small(*value)) {
      return call.fail(fmt::format("for parameter {}: {} out of range", i + 1, str(call[i])));
    }
    bounds[i] = *value;
  }
  if (call[1].absent()) std::swap(bounds[0], bounds[1]);
  if (bounds[2] == 0) return call.fail("step argument must not be zero");
  return make_range(call.heap(), bounds[0], bounds[1], bounds[2]);
}

Outcome repr_(Call& call) {
  return call.heap().string(repr(call[0]));
}

Outcome reversed_(Call& call) {
  std::vector<Value> items = FB_TRY(items_of(call.thread(), call[0]));
  List* list = List::create(call.heap(), items.size());
  Value result(list);
  for (std::size_t i = items.size(); i-- > 0;) list->append(std::move(items[i]));
  return result;
}

Outcome set_(Call& call) {
  Set* set = Set::create(call.heap());
  Value result(set);
  if (call[0].absent()) return result;
  for (Value& item : FB_TRY(items_of(call.thread(), call[0]))) {
    FB_TRY(set->table.set(item, Value::none()));
  }
  return result;
}

Outcome sorted_(Call& call) {
  std::vector<Value> items = FB_TRY(items_of(call.thread(), call[0]));
  std::vector<Value> keys;
  if (!call[1].absent() && !call[1].is_none()) {
    // The iterable stays locked while its keys are computed.
    const Value lock = FB_TRY(make_iterator(call.heap(), call[0]));
    keys.reserve(items.size());
    for (const Value& item : items) keys.push_back(FB_TRY(call.thread().call(call[1], {&item, 1})));
  }
  FB_TRY(sort_values(items, keys, call.flag(2)));
  List* list = List::create(call.heap(), items.size());
  Value result(list);
  for (Value& item : items) list->append(std::move(item));
  return result;
}

Outcome str_(Call& call) {
  if (call[0].is_string()) return call[0];
  return call.heap().string(str(call[0]));
}

Outcome struct_(Call& call) {
  std::vector<Struct::Field> fields(call.keywords().begin(), call.keywords().end());
  return call.heap().structure(fields);
}

Outcome tuple_(Call& call) {
  if (call[0].absent()) return call.heap().tuple({});
  if (call[0].is_object(Kind::kTuple)) return call[0];
  return call.heap().tuple(FB_TRY(items_of(call.thread(), call[0])));
}

Outcome type_(Call& call) {
  return Symbol(call[0].type_name()).value();
}

Outcome zip_(Call& call) {
  std::vector<Value> iterators;
  for (std::size_t i = 0; i < call.rest().size(); ++i) {
    const Value& x = call.rest()[i];
    if (!is_iterable(x)) {
      return call.fail(fmt::format("argument #{} is not iterable: {}", i + 1, x.type_name()));
    }
    iterators.push_back(FB_TRY(make_iterator(call.heap(), x)));
  }
  List* list = List::create(call.heap());
  Value result(list);
  while (!iterators.empty()) {
    Tuple* row = Tuple::create(call.heap(), iterators.size());
    Value holder(row);
    for (std::size_t i = 0; i < iterators.size(); ++i) {
      Value item = FB_TRY(static_cast<Iterator*>(iterators[i].object())->next(call.thread()));
      if (item.absent()) return result;
      row->data()[i] = std::move(item);
    }
    list->append(std::move(holder));
  }
  return result;
}

constexpr Param kBoolParams[] = {{"x", types::kAny, false, kPosOnly}};
constexpr Param kDictParams[] = {{"pairs", types::kAny, kOptional, kPosOnly},
                                 {"entries", types::kAny, {}, ParamKind::kKwargs}};
constexpr Param kEnumerateParams[] = {{"iterable", types::kIterable, {}, kPosOnly},
                                      {"start", types::kInt, 0, kPosOnly}};
constexpr Param kPrintParams[] = {{"args", types::kAny, {}, ParamKind::kArgs},
                                  {"sep", types::kString, " ", ParamKind::kKeywordOnly}};
constexpr Param kFloatParams[] = {{"x", types::kAny, kOptional, kPosOnly}};
constexpr Param kGetattrParams[] = {{"x", types::kAny, {}, kPosOnly},
                                    {"name", types::kString, {}, kPosOnly},
                                    {"default", types::kAny, kOptional, kPosOnly}};
constexpr Param kHasattrParams[] = {{"x", types::kAny, {}, kPosOnly},
                                    {"name", types::kString, {}, kPosOnly}};
constexpr Param kIntParams[] = {{"x"}, {"base", types::kAny, kOptional}};
constexpr Param kMaxParams[] = {{"args", types::kAny, {}, ParamKind::kArgs},
                                {"key", types::kCallable, kOptional, ParamKind::kKeywordOnly}};
constexpr Param kRangeParams[] = {{"start_or_stop", types::kInt, {}, kPosOnly},
                                  {"stop", types::kInt, kOptional, kPosOnly},
                                  {"step", types::kInt, kOptional, kPosOnly}};
constexpr Param kSortedParams[] = {{"iterable", types::kIterable},
                                   {"key", types::kCallable, nullptr},
                                   {"reverse", types::kBool, false}};
constexpr Param kStructParams[] = {{"fields", types::kAny, {}, ParamKind::kKwargs}};
constexpr Param kZipParams[] = {{"iterables", types::kAny, {}, ParamKind::kArgs}};

constexpr BuiltinDef kAbs{"abs", kOneValue, "The absolute value of a number.", abs_, "float"};
constexpr BuiltinDef kAll{"all", kOneIterable, "True if every item is true.", all_, "bool"};
constexpr BuiltinDef kAny{"any", kOneIterable, "True if some item is true.", any_, "bool"};
constexpr BuiltinDef kBool{"bool", kBoolParams, "The truth of a value.", bool_, "bool"};
constexpr BuiltinDef kBytes{"bytes", kOneValue, "Bytes from a string or from ints.", bytes_,
                            "bytes"};
constexpr BuiltinDef kChr{"chr", kOneValue, "The string of one code point.", chr_, "str"};
constexpr BuiltinDef kDict{"dict", kDictParams, "A dict from pairs or a dict, and keywords.",
                           dict_,  "dict",      true};
constexpr BuiltinDef kDir{"dir", kOneValue, "The names of a value's attributes, sorted.", dir_,
                          "list[str]"};
constexpr BuiltinDef kEnumerate{"enumerate", kEnumerateParams, "A list of (number, item) pairs.",
                                enumerate_, "list"};
constexpr BuiltinDef kFail{"fail", kPrintParams, "Ends the program with this message.",
                           fail_,  "NoReturn",   true};
constexpr BuiltinDef kFloat{"float", kFloatParams, "A number or text as a float.", float_, "float"};
constexpr BuiltinDef kGetattr{"getattr", kGetattrParams,
                              "The attribute of that name, or the default.", getattr_, "Any"};
constexpr BuiltinDef kHasattr{"hasattr", kHasattrParams,
                              "True if the value has an attribute of that name.", hasattr_, "bool"};
constexpr BuiltinDef kHash{"hash", kOneValue, "A hash of a string or bytes, the same everywhere.",
                           hash_, "int"};
constexpr BuiltinDef kInt{"int", kIntParams, "A number or text as an int.", int_, "int", true};
constexpr BuiltinDef kLen{"len", kOneValue, "How many items or bytes a value has.", len_, "int"};
constexpr BuiltinDef kList{"list", kMaybeIterable, "A new list of the items.", list_, "list"};
constexpr BuiltinDef kMax{"max", kMaxParams, "The largest item.", max_, "Any", true};
constexpr BuiltinDef kMin{"min", kMaxParams, "The smallest item.", min_, "Any", true};
constexpr BuiltinDef kOrd{"ord", kOneValue, "The code point of a one-character string.", ord_,
                          "int"};
constexpr BuiltinDef kPrint{"print", kPrintParams, "Prints one line.", print_, "None", true};
constexpr BuiltinDef kRange{"range", kRangeParams, "The ints from start up to stop, by step.",
                            range_, "range"};
constexpr BuiltinDef kRepr{"repr", kOneValue, "A value as source text.", repr_, "str"};
constexpr BuiltinDef kReversed{"reversed", kOneIterable, "A new list of the items, last first.",
                               reversed_, "list"};
constexpr BuiltinDef kSet{"set", kMaybeIterable, "A new set of the items.", set_, "set"};
constexpr BuiltinDef kSorted{
    "sorted", kSortedParams, "A new sorted list; equal items keep their order.",
    sorted_,  "list",        true};
constexpr BuiltinDef kStr{"str", kOneValue, "A value as text.", str_, "str"};
constexpr BuiltinDef kStruct{"struct", kStructParams, "A value with these fields.",
                             struct_,  "struct",      true};
constexpr BuiltinDef kTuple{"tuple", kMaybeIterable, "A tuple of the items.", tuple_, "tuple"};
constexpr BuiltinDef kType{"type", kOneValue, "The name of a value's type.", type_, "str"};
constexpr BuiltinDef kZip{"zip", kZipParams, "A list of tuples, one item of each iterable.", zip_,
                          "list"};

constexpr const BuiltinDef* kUniverse[] = {
    &kAbs,       &kAll,    &kAny,   &kBool,    &kBytes,   &kChr,   &kDict, &kDir,
    &kEnumerate, &kFail,   &kFloat, &kGetattr, &kHasattr, &kHash,  &kInt,  &kLen,
    &kList,      &kMax,    &kMin,   &kOrd,     &kPrint,   &kRange, &kRepr, &kReversed,
    &kSet,       &kSorted, &kStr,   &kStruct,  &kTuple,   &kType,  &kZip,
};

}  // namespace

std::span<const BuiltinDef* const> universe_builtins() {
  return kUniverse;
}

void install_universe(Interpreter& interpreter) {
  for (const BuiltinDef* def : kUniverse) interpreter.predeclare(*def);
  interpreter.predeclare("None", Value::none());
  interpreter.predeclare("True", Value::boolean(true));
  interpreter.predeclare("False", Value::boolean(false));
}

}  // namespace fb::starlark::lib
