#include "starlark/lib/methods.h"

#include "starlark/eval/binder.h"

#include <vector>

// A switch here names the kinds it knows.
#pragma GCC diagnostic ignored "-Wswitch-enum"

namespace fb::starlark {

std::span<const BuiltinDef> methods_of(Kind kind) {
  switch (kind) {
    case Kind::kString:
      return lib::string_methods();
    case Kind::kBytes:
      return lib::bytes_methods();
    case Kind::kList:
      return lib::list_methods();
    case Kind::kDict:
      return lib::dict_methods();
    case Kind::kSet:
      return lib::set_methods();
    default:
      return {};
  }
}

}  // namespace fb::starlark
