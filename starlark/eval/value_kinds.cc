#include "starlark/eval/containers.h"
#include "starlark/eval/numbers.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/text.h"
#include "starlark/eval/value.h"

namespace fb::starlark {

std::string_view Value::type_name() const {
  switch (kind()) {
    case Kind::kAbsent:
      return "absent";
    case Kind::kNone:
      return "NoneType";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
    case Kind::kBigInt:
      return "int";
    case Kind::kFloat:
      return "float";
    case Kind::kString:
      return "string";
    case Kind::kBytes:
      return "bytes";
    case Kind::kTuple:
      return "tuple";
    case Kind::kList:
      return "list";
    case Kind::kDict:
      return "dict";
    case Kind::kSet:
      return "set";
    case Kind::kRange:
      return "range";
    case Kind::kStruct:
      return "struct";
    case Kind::kModule:
      return "module";
    case Kind::kFunction:
      return "function";
    case Kind::kBuiltin:
      return "builtin_function_or_method";
    case Kind::kStringElems:
      return static_cast<const StringElems*>(object())->indexable() ? "string.elems"
                                                                    : "string.codepoints";
    case Kind::kBytesElems:
      return "bytes.elems";
    case Kind::kHost:
      return as<HostObject>()->type().name;
    case Kind::kCell:
      return "cell";
    case Kind::kIterator:
      return "iterator";
  }
  return "?";
}

bool Value::truth() const {
  switch (kind()) {
    case Kind::kAbsent:
    case Kind::kNone:
      return false;
    case Kind::kBool:
      return as_bool();
    case Kind::kInt:
      return as_small() != 0;
    case Kind::kFloat:
      return as<Float>()->value() != 0;
    case Kind::kString:
    case Kind::kBytes:
      return static_cast<const String*>(object())->size() != 0;
    case Kind::kTuple:
      return as<Tuple>()->size() != 0;
    case Kind::kList:
      return as<List>()->size() != 0;
    case Kind::kDict:
      return as<Dict>()->size() != 0;
    case Kind::kSet:
      return as<Set>()->size() != 0;
    case Kind::kRange:
      return as<Range>()->size != 0;
    case Kind::kHost:
      return as<HostObject>()->truth();
    case Kind::kBigInt:
    case Kind::kStruct:
    case Kind::kModule:
    case Kind::kFunction:
    case Kind::kBuiltin:
    case Kind::kStringElems:
    case Kind::kBytesElems:
    case Kind::kCell:
    case Kind::kIterator:
      return true;
  }
  return true;
}

bool Value::callable() const {
  const Kind k = kind();
  if (k == Kind::kFunction || k == Kind::kBuiltin) return true;
  return k == Kind::kHost && as<HostObject>()->call_signature() != nullptr;
}

std::string_view Value::as_string() const {
  return is_object(Kind::kString) ? static_cast<const String*>(object())->view()
                                  : std::string_view{};
}

}  // namespace fb::starlark
