// Calls of builtins: the prepared form of a table row, and the binding of arguments to its
// parameters.
#pragma once
#include "starlark/eval/builtin.h"
#include "starlark/eval/program.h"
#include "starlark/eval/value.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace fb::starlark {

// Made once per row and process.
struct BuiltinInfo {
  const BuiltinDef* def = nullptr;
  Symbol name;
  struct Slot {
    Symbol name;
    std::uint32_t kinds = 0;  // accepted kinds as bits; 0: all
    bool check_host = false;  // a host object must be asked
    bool required = false;
  };
  std::vector<Slot> slots;  // one per row of the table; those of *args and **kwargs are nameless
  std::vector<Value> defaults;  // by slot
  std::size_t positional = 0;   // leading slots that take positional arguments
  std::size_t required = 0;     // leading positional slots that must be given
  bool takes_args = false;
  bool takes_kwargs = false;
  bool only_args = false;        // nothing but *args
  bool positional_only = false;  // no parameter may be named
};

const BuiltinInfo& prepare(const BuiltinDef& def);

// Arguments as the caller has them.
struct Arguments {
  std::span<const Value> positional;
  std::span<const Symbol> names;  // of the named ones
  std::span<const Value> named;
  const CallSite* site = nullptr;  // when the call stands in compiled code as it is
};

// Binds and runs; the failure, if any, is not yet located.
Outcome run_builtin(Thread& thread, const BuiltinInfo& info, const Value& self,
                    const Arguments& arguments);

// A table from Symbols to something, for attributes and methods.
template <class T>
class SymbolMap {
 public:
  void add(Symbol key, T value) {
    if ((used_ + 1) * 2 > slots_.size()) grow();
    insert(key, value);
    ++used_;
  }
  const T* find(Symbol key) const {
    if (slots_.empty()) return nullptr;
    for (std::size_t i = index(key);; i = (i + 1) & (slots_.size() - 1)) {
      if (slots_[i].first == key) return &slots_[i].second;
      if (!slots_[i].first) return nullptr;
    }
  }

 private:
  std::size_t index(Symbol key) const {
    return (reinterpret_cast<std::uintptr_t>(key.string()) >> 4) & (slots_.size() - 1);
  }
  void insert(Symbol key, T value) {
    std::size_t i = index(key);
    while (slots_[i].first) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = {key, value};
  }
  void grow() {
    std::vector<std::pair<Symbol, T>> old(slots_.empty() ? 8 : slots_.size() * 2);
    old.swap(slots_);
    for (auto& [key, value] : old) {
      if (key) insert(key, value);
    }
  }

  std::vector<std::pair<Symbol, T>> slots_;
  std::size_t used_ = 0;
};

// The prepared attributes and methods of a host type.
struct HostTypeInfo {
  SymbolMap<const Attribute*> attributes;
  SymbolMap<const BuiltinInfo*> methods;
};
const HostTypeInfo& prepare(const HostType& type);

// Methods of the types of the language.
const BuiltinInfo* find_method(Kind kind, Symbol name);
std::vector<std::string> method_names(Kind kind);
// The rows, from lib/methods.cc.
std::span<const BuiltinDef> methods_of(Kind kind);

}  // namespace fb::starlark
