// Built-in functions as table rows. One BuiltinDef per function says its name, its parameters
// (name, accepted types, default, kind), one line of documentation and the C++ function; the row
// drives binding, error messages, did-you-mean for keywords, `.pyi` stubs and the builtin reference
// (lib/document.h).
//
//   constexpr Param kDelayParams[] = {
//       {"duration", types::kString},
//       {"probability", types::kString | types::kNumber, "100%"},
//       {"label", types::kString, nullptr, ParamKind::kKeywordOnly},     // default None
//   };
//   Outcome delay(Call& call) {
//     const Duration duration = FB_TRY(parse_duration(call.text(0)));    // fb::Error becomes a
//     Failure return call.heap().make<FaultValue>(...);
//   }
//   constexpr BuiltinDef kDelay{"delay", kDelayParams, "Delays the matching calls.", delay,
//   "fault"};
#pragma once
#include "starlark/eval/failure.h"
#include "starlark/eval/heap.h"
#include "starlark/eval/host_object.h"
#include "starlark/eval/value.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb::starlark {

class Call;
class Thread;

// A set of accepted types: built-in ones as bits, and up to three host types.
class Types {
 public:
  constexpr Types() = default;  // anything
  constexpr explicit Types(std::uint32_t bits) : bits_(bits) {}
  constexpr explicit Types(const HostType& host)
      : hosts_{&host, nullptr, nullptr}, host_count_(1) {}
  constexpr Types operator|(const Types& other) const {
    Types both;
    both.bits_ = bits_ | other.bits_;
    // Counted, not compared with null: the sanitizers' build cannot do that in a constant.
    for (std::size_t i = 0; i < host_count_; ++i) both.hosts_[both.host_count_++] = hosts_[i];
    for (std::size_t i = 0; i < other.host_count_; ++i) {
      both.hosts_[both.host_count_++] = other.hosts_[i];  // a fourth one fails to compile
    }
    return both;
  }
  constexpr bool any() const { return bits_ == 0 && host_count_ == 0; }
  constexpr std::uint32_t bits() const { return bits_; }
  constexpr const std::array<const HostType*, 3>& hosts() const { return hosts_; }

  bool accepts(const Value& value) const;
  std::string text() const;  // "string or None", "service or string", as messages say it
  std::string stub() const;  // "str | None", as a .pyi says it

 private:
  std::uint32_t bits_ = 0;
  std::array<const HostType*, 3> hosts_ = {nullptr, nullptr, nullptr};
  std::size_t host_count_ = 0;
};

namespace types {
inline constexpr Types kAny{};
inline constexpr Types kNone{1u << 0};
inline constexpr Types kBool{1u << 1};
inline constexpr Types kInt{1u << 2};
inline constexpr Types kFloat{1u << 3};
inline constexpr Types kNumber{1u << 4};  // int or float
inline constexpr Types kString{1u << 5};
inline constexpr Types kBytes{1u << 6};
inline constexpr Types kTuple{1u << 7};
inline constexpr Types kList{1u << 8};
inline constexpr Types kDict{1u << 9};
inline constexpr Types kSet{1u << 10};
inline constexpr Types kCallable{1u << 11};
inline constexpr Types kIterable{1u << 12};
inline constexpr Types kSequence{1u << 13};  // iterable with a known length
inline constexpr Types kStruct{1u << 14};
inline constexpr Types kHost{1u << 15};  // any host object
}  // namespace types

// What a parameter holds when it is not given.
class Default {
 public:
  enum class Kind : std::uint8_t { kRequired, kAbsent, kNone, kBool, kInt, kString };
  constexpr Default() = default;  // required
  constexpr Default(std::nullptr_t) : kind_(Kind::kNone) {}
  constexpr Default(bool b) : kind_(Kind::kBool), integer_(b ? 1 : 0) {}
  constexpr Default(int i) : kind_(Kind::kInt), integer_(i) {}
  constexpr Default(const char* text) : kind_(Kind::kString), text_(text) {}
  static constexpr Default absent() {
    Default none;
    none.kind_ = Kind::kAbsent;
    return none;
  }

  constexpr Kind kind() const { return kind_; }
  constexpr bool required() const { return kind_ == Kind::kRequired; }
  Value value() const;       // absent when required or absent
  std::string text() const;  // as source: `None`, `"10s"`, `...` when absent

 private:
  Kind kind_ = Kind::kRequired;
  std::int64_t integer_ = 0;
  std::string_view text_;
};
inline constexpr Default kOptional = Default::absent();

enum class ParamKind : std::uint8_t {
  kPositional,      // by position or keyword
  kKeywordOnly,     // after a bare * or *args
  kPositionalOnly,  // the function takes no keywords for it
  kArgs,            // *args: Call::rest()
  kKwargs,          // **kwargs: Call::keywords()
};

struct Param {
  std::string_view name;
  Types types = types::kAny;
  Default fallback = {};
  ParamKind kind = ParamKind::kPositional;
  std::string_view doc = "";
};

struct BuiltinDef {
  std::string_view name;
  std::span<const Param> params;
  std::string_view doc;
  Outcome (*run)(Call& call);
  std::string_view result = "None";  // type of the result, for stubs: "fault", "list[event]"
  bool go_messages =
      false;  // suggestions for keywords exactly as starlark-go's universe gives them
};

// One call of a builtin: bound arguments, and who calls.
class Call {
 public:
  using Keyword = std::pair<Symbol, Value>;

  Thread& thread() { return thread_; }
  Heap& heap();
  const BuiltinDef& def() const { return *def_; }
  const Value& self() const { return *self_; }  // the receiver of a method, else absent
  template <class T>
  T& self_as() const {
    return *self_->as<T>();
  }

  // The value bound to the i-th parameter of the table; absent when it was not given and has no
  // default.
  const Value& operator[](std::size_t i) const { return slots_[i]; }
  bool given(std::size_t i) const { return !slots_[i].absent() && !slots_[i].is_none(); }
  std::string_view text(std::size_t i) const { return slots_[i].as_string(); }
  bool flag(std::size_t i) const { return slots_[i].truth(); }
  // The int bound to i; a Failure when it needs more than 64 bits.
  Fallible<std::int64_t> integer(std::size_t i) const;
  double number(std::size_t i) const { return slots_[i].as_double().value_or(0); }
  template <class T>
  T* as(std::size_t i) const {
    return slots_[i].as<T>();
  }
  std::span<const Value> rest() const { return rest_; }            // *args
  std::span<const Keyword> keywords() const { return keywords_; }  // **kwargs, in call order

  // Where the call stands: the position of its opening parenthesis in the innermost Starlark frame.
  Location location() const;
  // The source text of the argument bound to the i-th parameter, as the caller wrote it; empty when
  // it came through *args, **kwargs, a default or from C++.
  std::string source_text(std::size_t i) const;

  // Failures of this call. The message becomes "NAME: TEXT".
  Raised fail(std::string text) const { return Raised(std::move(text)); }
  // "for parameter NAME: TEXT"
  Raised fail_param(std::size_t i, std::string_view text) const;

 private:
  friend Outcome run_builtin(Thread& thread, const struct BuiltinInfo& info, const Value& self,
                             const struct Arguments& arguments);
  explicit Call(Thread& thread) : thread_(thread) {}

  Thread& thread_;
  const BuiltinDef* def_ = nullptr;
  const Value* self_ = nullptr;
  const Value* slots_ = nullptr;
  std::span<const Value> rest_;
  std::span<const Keyword> keywords_;
  const struct CallSite* site_ = nullptr;
};

// A builtin as a Starlark value (no receiver). The row must live as long as the process.
Value builtin_value(const BuiltinDef& def);

}  // namespace fb::starlark
