#include "starlark/eval/binder.h"

#include "core/base/check.h"
#include "core/base/suggest.h"
#include "starlark/eval/containers.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/text.h"
#include "starlark/eval/thread.h"
#include "starlark/resolve/spell.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <unordered_map>

namespace fb::starlark {
namespace {

constexpr std::uint32_t bit(Kind kind) {
  return std::uint32_t{1} << static_cast<unsigned>(kind);
}

struct TypeWord {
  Types type;
  std::uint32_t kinds;
  std::string_view text;  // in messages
  std::string_view stub;
};
const std::array<TypeWord, 16>& type_words() {
  static constexpr std::uint32_t kInts = bit(Kind::kInt) | bit(Kind::kBigInt);
  static constexpr std::uint32_t kIterables =
      bit(Kind::kTuple) | bit(Kind::kList) | bit(Kind::kDict) | bit(Kind::kSet) |
      bit(Kind::kRange) | bit(Kind::kStringElems) | bit(Kind::kBytesElems);
  static constexpr std::uint32_t kSequences =
      bit(Kind::kTuple) | bit(Kind::kList) | bit(Kind::kRange) | bit(Kind::kDict) | bit(Kind::kSet);
  static constexpr std::array<TypeWord, 16> kWords = {{
      {types::kBool, bit(Kind::kBool), "bool", "bool"},
      {types::kInt, kInts, "int", "int"},
      {types::kFloat, bit(Kind::kFloat), "float", "float"},
      {types::kNumber, kInts | bit(Kind::kFloat), "float or int", "float"},
      {types::kString, bit(Kind::kString), "string", "str"},
      {types::kBytes, bit(Kind::kBytes), "bytes", "bytes"},
      {types::kTuple, bit(Kind::kTuple), "tuple", "tuple"},
      {types::kList, bit(Kind::kList), "list", "list"},
      {types::kDict, bit(Kind::kDict), "dict", "dict"},
      {types::kSet, bit(Kind::kSet), "set", "set"},
      {types::kCallable, bit(Kind::kFunction) | bit(Kind::kBuiltin), "callable", "Callable"},
      {types::kIterable, kIterables, "iterable", "Iterable"},
      {types::kSequence, kSequences, "sequence", "Sequence"},
      {types::kStruct, bit(Kind::kStruct), "struct", "struct"},
      {types::kHost, bit(Kind::kHost), "host object", "object"},
      {types::kNone, bit(Kind::kNone), "None", "None"},
  }};
  return kWords;
}

std::uint32_t kinds_of(const Types& types) {
  std::uint32_t kinds = 0;
  for (const TypeWord& word : type_words()) {
    if ((types.bits() & word.type.bits()) != 0) kinds |= word.kinds;
  }
  return kinds;
}

// A host object that a Types may accept by what it can do or is.
bool accepts_host(const Types& types, const HostObject& host) {
  if ((types.bits() & types::kHost.bits()) != 0) return true;
  for (const HostType* type : types.hosts()) {
    if (type != nullptr && (&host.type() == type || host.type().name == type->name)) return true;
  }
  if ((types.bits() & types::kCallable.bits()) != 0 && host.call_signature() != nullptr)
    return true;
  const bool iterable = (types.bits() & (types::kIterable.bits() | types::kSequence.bits())) != 0;
  return iterable && const_cast<HostObject&>(host).iterate() != nullptr;
}

std::string join_words(const Types& types, std::string_view separator, bool stub) {
  std::string text;
  const auto add = [&](std::string_view word) {
    if (!text.empty()) text += separator;
    text += word;
  };
  for (const HostType* type : types.hosts()) {
    if (type != nullptr) add(type->name);
  }
  for (const TypeWord& word : type_words()) {
    if ((types.bits() & word.type.bits()) != 0) add(stub ? word.stub : word.text);
  }
  return text;
}

}  // namespace

bool Types::accepts(const Value& value) const {
  if (any()) return true;
  if ((kinds_of(*this) & bit(value.kind())) != 0) return true;
  const auto* host = value.as<HostObject>();
  return host != nullptr && accepts_host(*this, *host);
}
std::string Types::text() const {
  return any() ? "any value" : join_words(*this, " or ", false);
}
std::string Types::stub() const {
  return any() ? "Any" : join_words(*this, " | ", true);
}

Value Default::value() const {
  switch (kind_) {
    case Kind::kRequired:
    case Kind::kAbsent:
      return Value();
    case Kind::kNone:
      return Value::none();
    case Kind::kBool:
      return Value::boolean(integer_ != 0);
    case Kind::kInt:
      return Value::small(integer_);
    case Kind::kString:
      return Symbol(text_).value();
  }
  return Value();
}

std::string Default::text() const {
  switch (kind_) {
    case Kind::kRequired:
      return "";
    case Kind::kAbsent:
      return "...";
    case Kind::kNone:
      return "None";
    case Kind::kBool:
      return integer_ != 0 ? "True" : "False";
    case Kind::kInt:
      return std::to_string(integer_);
    case Kind::kString:
      return repr(value());
  }
  return "";
}

const BuiltinInfo& prepare(const BuiltinDef& def) {
  static auto* known = new std::unordered_map<const BuiltinDef*, std::unique_ptr<BuiltinInfo>>;
  std::unique_ptr<BuiltinInfo>& entry = (*known)[&def];
  if (entry != nullptr) return *entry;
  entry = std::make_unique<BuiltinInfo>();
  BuiltinInfo& info = *entry;
  info.def = &def;
  info.name = Symbol(def.name);
  info.positional_only = true;
  bool leading = true;
  bool only_args = true;
  for (const Param& param : def.params) {
    BuiltinInfo::Slot slot;
    slot.name = Symbol(param.name);
    slot.required = param.fallback.required();
    if (!param.types.any()) {
      slot.kinds = kinds_of(param.types);
      if (param.fallback.kind() == Default::Kind::kNone) slot.kinds |= bit(Kind::kNone);
      slot.kinds |= bit(Kind::kAbsent);
      slot.check_host = param.types.hosts()[0] != nullptr ||
                        (param.types.bits() & (types::kCallable.bits() | types::kIterable.bits() |
                                               types::kSequence.bits())) != 0;
    }
    if (param.kind == ParamKind::kArgs || param.kind == ParamKind::kKwargs) {
      // The slot stays empty: Call::rest() and Call::keywords() hold these.
      (param.kind == ParamKind::kArgs ? info.takes_args : info.takes_kwargs) = true;
      slot = BuiltinInfo::Slot{};
    } else {
      only_args = false;
      if (param.kind != ParamKind::kKeywordOnly) {
        ++info.positional;
        leading = leading && slot.required;
        if (leading) ++info.required;
      }
      if (param.kind != ParamKind::kPositionalOnly) info.positional_only = false;
    }
    info.slots.push_back(slot);
    const bool plain = param.kind != ParamKind::kArgs && param.kind != ParamKind::kKwargs;
    info.defaults.push_back(plain ? param.fallback.value() : Value());
  }
  info.only_args = only_args && info.takes_args;
  if (info.takes_kwargs) info.positional_only = false;
  return info;
}

const HostTypeInfo& prepare(const HostType& type) {
  static auto* known = new std::unordered_map<const HostType*, std::unique_ptr<HostTypeInfo>>;
  std::unique_ptr<HostTypeInfo>& entry = (*known)[&type];
  if (entry != nullptr) return *entry;
  entry = std::make_unique<HostTypeInfo>();
  for (const Attribute& attribute : type.attributes) {
    entry->attributes.add(Symbol(attribute.name), &attribute);
  }
  for (const BuiltinDef* method : type.methods) {
    entry->methods.add(Symbol(method->name), &prepare(*method));
  }
  return *entry;
}

namespace {

struct KindMethods {
  SymbolMap<const BuiltinInfo*> map;
  std::vector<std::string> names;
  bool ready = false;
};

const KindMethods& kind_methods(Kind kind) {
  static auto* tables = new std::array<KindMethods, 32>;
  KindMethods& table = (*tables)[static_cast<std::size_t>(kind)];
  if (!table.ready) {
    table.ready = true;
    for (const BuiltinDef& def : methods_of(kind)) {
      table.map.add(Symbol(def.name), &prepare(def));
      table.names.emplace_back(def.name);
    }
    std::sort(table.names.begin(), table.names.end());
  }
  return table;
}

}  // namespace

const BuiltinInfo* find_method(Kind kind, Symbol name) {
  const BuiltinInfo* const* found = kind_methods(kind).map.find(name);
  return found == nullptr ? nullptr : *found;
}
std::vector<std::string> method_names(Kind kind) {
  return kind_methods(kind).names;
}

Value builtin_value(const BuiltinDef& def) {
  // Made anew in no heap: one immortal object per row.
  static auto* made = new std::unordered_map<const BuiltinDef*, Builtin*>;
  Builtin*& object = (*made)[&def];
  if (object == nullptr) {
    object = new Builtin(prepare(def), Value());
    Heap::make_immortal(Value(object));
  }
  return Value(object);
}

namespace {

// The messages of the two ways to unpack arguments, see Checklist: by name, or positional only.
class Binding {
 public:
  Binding(const BuiltinInfo& info, const Arguments& arguments, Value* slots,
          std::vector<Call::Keyword>& extra)
      : info_(info), arguments_(arguments), slots_(slots), extra_(extra) {}

  // Empty text: bound.
  std::string bind() {
    const std::size_t given = arguments_.positional.size();
    if (info_.positional_only && !arguments_.names.empty()) {
      return info_.only_args ? "does not accept keyword arguments" : "unexpected keyword arguments";
    }
    if (given > info_.positional && !info_.takes_args) return too_many(given);
    if (info_.positional_only && given < info_.required) return too_few(given);
    const std::size_t direct = std::min(given, info_.positional);
    for (std::size_t i = 0; i < direct; ++i) lend(i, arguments_.positional[i]);
    for (std::size_t i = direct; i < info_.slots.size(); ++i) lend(i, Value());
    if (!arguments_.names.empty()) {
      if (std::string error = bind_names(); !error.empty()) return error;
    }
    for (std::size_t i = 0; i < info_.slots.size(); ++i) {
      if (!slots_[i].absent()) {
        if (std::string error = check(i); !error.empty()) return error;
      } else if (info_.slots[i].required) {
        return fmt::format("missing argument for {}", info_.slots[i].name.name());
      } else {
        lend(i, info_.defaults[i]);
      }
    }
    return "";
  }

 private:
  // Slots borrow: the caller's registers hold the values until the call is over.
  void lend(std::size_t i, const Value& value) { new (&slots_[i]) std::uint64_t(value.bits()); }

  std::string bind_names() {
    const CallSite* site = arguments_.site;
    if (site != nullptr && site->callee == &info_ &&
        site->positional == arguments_.positional.size()) {
      for (std::size_t i = 0; i < arguments_.names.size(); ++i) {
        if (site->slots[i] == kNoSite) {
          extra_.emplace_back(arguments_.names[i], arguments_.named[i]);
        } else {
          lend(site->slots[i], arguments_.named[i]);
        }
      }
      return "";
    }
    std::vector<std::uint16_t> map;
    for (std::size_t i = 0; i < arguments_.names.size(); ++i) {
      const Symbol name = arguments_.names[i];
      std::size_t at = 0;
      while (at < info_.slots.size() &&
             (info_.slots[at].name != name ||
              info_.def->params[at].kind == ParamKind::kPositionalOnly)) {
        ++at;
      }
      if (at == info_.slots.size()) {
        if (!info_.takes_kwargs) return unknown(name);
        for (const auto& [known, value] : extra_) {
          if (known == name) return twice(name);
        }
        extra_.emplace_back(name, arguments_.named[i]);
        map.push_back(kNoSite);
        continue;
      }
      if (!slots_[at].absent()) return twice(name);
      lend(at, arguments_.named[i]);
      map.push_back(static_cast<std::uint16_t>(at));
    }
    if (site != nullptr && site->names.size() == map.size()) {
      site->callee = &info_;
      std::copy(map.begin(), map.end(), site->slots.begin());
    }
    return "";
  }

  static std::string twice(Symbol name) {
    return fmt::format("got multiple values for keyword argument {}", repr(name.value()));
  }

  std::string unknown(Symbol name) const {
    std::string text = fmt::format("unexpected keyword argument {}", repr(name.value()));
    if (info_.def->go_messages) {
      // The original looks at the first half of the parameters only.
      std::vector<std::string_view> names;
      std::size_t count = 0;
      for (const BuiltinInfo::Slot& slot : info_.slots) count += slot.name ? 1 : 0;
      for (const BuiltinInfo::Slot& slot : info_.slots) {
        if (slot.name && names.size() < (count + 1) / 2) names.push_back(slot.name.name());
      }
      const std::string_view best = resolve::nearest(name.name(), names);
      return best.empty() ? text : fmt::format("{} (did you mean {}?)", text, best);
    }
    std::vector<std::string> names;
    for (const BuiltinInfo::Slot& slot : info_.slots) {
      if (slot.name) names.emplace_back(slot.name.name());
    }
    return text + did_you_mean(name.name(), names);
  }

  std::string too_many(std::size_t given) const {
    const std::size_t most = info_.positional;
    if (info_.positional_only) {
      const bool range = info_.required < most;
      return fmt::format("got {} arguments, want {}{}", given, range ? "at most " : "", most);
    }
    return fmt::format("got {} arguments, want at most {}", given, most);
  }
  std::string too_few(std::size_t given) const {
    const bool range = info_.required < info_.positional || info_.takes_args;
    return fmt::format("got {} arguments, want {}{}", given, range ? "at least " : "",
                       info_.required);
  }

  std::string check(std::size_t i) const {
    const BuiltinInfo::Slot& slot = info_.slots[i];
    if (slot.kinds == 0 && !slot.check_host) return "";
    const Kind kind = slots_[i].kind();
    if ((slot.kinds & bit(kind)) != 0) return "";
    const Param& param = info_.def->params[i];
    if (kind == Kind::kHost && accepts_host(param.types, *slots_[i].as<HostObject>())) return "";
    const std::string which =
        info_.positional_only ? std::to_string(i + 1) : std::string(param.name);
    return fmt::format("for parameter {}: got {}, want {}", which, slots_[i].type_name(),
                       param.types.text());
  }

  const BuiltinInfo& info_;
  const Arguments& arguments_;
  Value* slots_;
  std::vector<Call::Keyword>& extra_;
};

constexpr std::size_t kInlineSlots = 16;

// What most calls are: positional arguments of the right kinds, the rest defaults. False: bind with
// care.
bool bind_plainly(const BuiltinInfo& info, const Arguments& arguments, std::uint64_t* slots) {
  const std::size_t given = arguments.positional.size();
  if (!arguments.names.empty() || given > info.positional) return false;
  for (std::size_t i = 0; i < given; ++i) {
    const Value& value = arguments.positional[i];
    const BuiltinInfo::Slot& slot = info.slots[i];
    if (slot.kinds != 0 ? (slot.kinds & bit(value.kind())) == 0 : slot.check_host) return false;
    slots[i] = value.bits();
  }
  for (std::size_t i = given; i < info.slots.size(); ++i) {
    if (info.slots[i].required) return false;
    slots[i] = info.defaults[i].bits();
  }
  return true;
}

}  // namespace

Outcome run_builtin(Thread& thread, const BuiltinInfo& info, const Value& self,
                    const Arguments& arguments) {
  // Raw words: nothing here owns a count, so nothing is counted down.
  alignas(Value) std::uint64_t inline_slots[kInlineSlots];
  std::unique_ptr<std::uint64_t[]> more;
  std::uint64_t* raw = inline_slots;
  if (info.slots.size() > kInlineSlots) {
    more = std::make_unique<std::uint64_t[]>(info.slots.size());
    raw = more.get();
  }
  auto* slots = reinterpret_cast<Value*>(raw);
  std::vector<Call::Keyword> extra;
  if (!bind_plainly(info, arguments, raw)) {
    Binding binding(info, arguments, slots, extra);
    if (std::string error = binding.bind(); !error.empty()) return Raised(std::move(error));
  }
  Call call(thread);
  call.def_ = info.def;
  call.self_ = &self;
  call.slots_ = slots;
  call.site_ = arguments.site;
  if (info.takes_args && arguments.positional.size() > info.positional) {
    call.rest_ = arguments.positional.subspan(info.positional);
  }
  call.keywords_ = extra;
  return info.def->run(call);
}

std::string_view Builtin::info_name() const {
  return info.def->name;
}

Heap& Call::heap() {
  return thread_.heap();
}

Fallible<std::int64_t> Call::integer(std::size_t i) const {
  if (const auto small = slots_[i].as_int64()) return *small;
  return Raised(
      fmt::format("for parameter {}: {} out of range", def_->params[i].name, str(slots_[i])));
}

Raised Call::fail_param(std::size_t i, std::string_view text) const {
  return Raised(fmt::format("for parameter {}: {}", def_->params[i].name, text));
}

Location Call::location() const {
  return thread_.location().value_or(Location{});
}

std::string Call::source_text(std::size_t i) const {
  if (site_ == nullptr) return "";
  std::size_t at = i;
  if (i >= site_->positional) {
    std::size_t n = 0;
    while (n < site_->names.size() && site_->names[n].name() != def_->params[i].name) ++n;
    if (n == site_->names.size()) return "";
    at = site_->positional + n;
  }
  const std::string* source = thread_.source();
  if (source == nullptr || at >= site_->spans.size()) return "";
  const auto [begin, end] = site_->spans[at];
  return source->substr(begin, end - begin);
}

}  // namespace fb::starlark
