// Steps of the instruction loop that are no fast path.
#include "starlark/eval/containers.h"
#include "starlark/eval/operators.h"
#include "starlark/eval/text.h"
#include "starlark/eval/vm.h"

#include <fmt/format.h>

namespace fb::starlark {
namespace {

const String* string_of(const Value& v) {
  return static_cast<const String*>(v.object());
}

}  // namespace

Raised unassigned(std::string_view scope, std::string_view name) {
  return Raised(fmt::format("{} variable {} referenced before assignment", scope, name));
}

Outcome make_function(Thread& thread, Frame& frame, const FunctionCode& code, Value* defaults,
                      Module& module) {
  const std::size_t count = code.fixed() - code.first_default;
  auto* function = thread.heap().construct<Function>(
      sizeof(Function) + (count + code.captures.size()) * sizeof(Value), code, module, count,
      code.captures.size());
  for (std::size_t i = 0; i < count; ++i) {
    new (&function->defaults()[i]) Value(std::move(defaults[i]));
  }
  for (std::size_t i = 0; i < code.captures.size(); ++i) {
    const FunctionCode::Capture& capture = code.captures[i];
    new (&function->cells()[i]) Value(capture.from_free ? frame.function->cells()[capture.index]
                                                        : frame.base[capture.index]);
  }
  return Value(function);
}

Outcome unpack(Thread& thread, const Value& source, Value* to, std::size_t want) {
  if (const auto* tuple = source.as<Tuple>(); tuple != nullptr && tuple->size() == want) {
    for (std::size_t i = 0; i < want; ++i) to[i] = (*tuple)[i];
    return Value::none();
  }
  if (!is_iterable(source)) {
    return Raised(fmt::format("got {} in sequence assignment", source.type_name()));
  }
  const Value held = source;  // `to` may overlap where it stands
  const Value holder = FB_TRY(make_iterator(thread.heap(), held));
  auto* iterator = static_cast<Iterator*>(holder.object());
  std::size_t got = 0;
  for (; got < want; ++got) {
    Value item = FB_TRY(iterator->next(thread));
    if (item.absent()) {
      return Raised(fmt::format("too few values to unpack (got {}, want {})", got, want));
    }
    to[got] = std::move(item);
  }
  const Value more = FB_TRY(iterator->next(thread));
  if (more.absent()) return Value::none();
  std::int64_t length = -1;
  if (const auto* list = held.as<List>()) length = static_cast<std::int64_t>(list->size());
  if (const auto* tuple = held.as<Tuple>()) length = static_cast<std::int64_t>(tuple->size());
  if (const auto* dict = held.as<Dict>()) length = static_cast<std::int64_t>(dict->size());
  if (const auto* set = held.as<Set>()) length = static_cast<std::int64_t>(set->size());
  if (const auto* range = held.as<Range>()) length = range->size;
  return Raised(fmt::format("too many values to unpack (got {}, want {})", length, want));
}

Outcome add_in_place(Thread& thread, Value& target, const Value& left, const Value& right) {
  // s += "x" grows the string where it stands when the register is its only owner.
  if (&target == &left && left.is_string() && right.is_string() &&
      string_of(left)->size() + std::size_t{string_of(right)->size()} < kMaxStringSize &&
      !left.same(right)) {
    return concatenate(thread.heap(), std::move(target), string_of(right)->view());
  }
  return binary_in_place(thread, BinaryOp::kAdd, left, right);
}

}  // namespace fb::starlark
