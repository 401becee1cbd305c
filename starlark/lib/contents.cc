// len() and the filling of dicts, which several builtins share.
#include "starlark/eval/containers.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/text.h"
#include "starlark/lib/universe.h"

#include <fmt/format.h>

// A switch here names the kinds it knows.
#pragma GCC diagnostic ignored "-Wswitch-enum"

namespace fb::starlark::lib {
namespace {

std::string_view text_of(const Value& v) {
  return static_cast<const String*>(v.object())->view();
}

}  // namespace

std::optional<std::int64_t> length_of(const Value& x) {
  switch (x.kind()) {
    case Kind::kString:
    case Kind::kBytes:
      return static_cast<std::int64_t>(text_of(x).size());
    case Kind::kTuple:
      return static_cast<std::int64_t>(x.as<Tuple>()->size());
    case Kind::kList:
      return static_cast<std::int64_t>(x.as<List>()->size());
    case Kind::kDict:
      return static_cast<std::int64_t>(x.as<Dict>()->size());
    case Kind::kSet:
      return static_cast<std::int64_t>(x.as<Set>()->size());
    case Kind::kRange:
      return x.as<Range>()->size;
    case Kind::kStringElems:
    case Kind::kBytesElems: {
      const auto* elems = x.as<StringElems>();
      if (!elems->indexable()) return std::nullopt;
      return static_cast<std::int64_t>(text_of(elems->text).size());
    }
    case Kind::kHost:
      return x.as<HostObject>()->length();
    default:
      return std::nullopt;
  }
}

// Entries from a dict or from pairs, then from the call's keywords.
Outcome update_dict(Call& call, Dict& dict, const Value& pairs) {
  if (const auto* from = pairs.as<Dict>()) {
    for (const Table::Entry& entry : from->table.entries()) {
      if (!entry.key.absent()) dict.table.set_hashed(entry.key, entry.value, entry.hash);
    }
  } else if (!pairs.absent()) {
    if (!is_iterable(pairs)) {
      return call.fail(fmt::format("got {}, want iterable", pairs.type_name()));
    }
    std::size_t i = 0;
    for (const Value& pair : FB_TRY(items_of(call.thread(), pairs))) {
      if (!is_iterable(pair)) {
        return call.fail(fmt::format("dictionary update sequence element #{} is not iterable ({})",
                                     i, pair.type_name()));
      }
      const auto length = length_of(pair);
      if (!length) {
        return call.fail(
            fmt::format("dictionary update sequence element #{} has unknown length", i));
      }
      if (*length != 2) {
        return call.fail(fmt::format("dictionary update sequence element #{} has length {}, want 2",
                                     i, *length));
      }
      std::vector<Value> two = FB_TRY(items_of(call.thread(), pair));
      FB_TRY(dict.table.set(two[0], two[1]));
      ++i;
    }
  }
  for (const auto& [name, value] : call.keywords()) {
    dict.table.set_hashed(name.value(), value, name.string()->hash());
  }
  return Value::none();
}

}  // namespace fb::starlark::lib
