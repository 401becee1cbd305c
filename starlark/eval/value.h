// A Starlark value in one 64-bit word: a 63-bit int, None, a bool, or a counted pointer to an
// object.
//
//   ...xxx1  int (63 bits)      ...x010  None, False, True      ...x000  Object*, 0 is "absent"
//
// Values are counted without atomics and belong to the Heap (the Interpreter) that made them: a
// Value must not outlive its Interpreter. Cycles are not collected; they live until the Interpreter
// ends, when everything is dropped at once. Names and constants of compiled code are immortal and
// shared.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fb::starlark {

class Heap;
class Object;
class String;

void release_object(Object* object) noexcept;  // the last reference is gone

enum class Kind : std::uint8_t {
  kAbsent,
  kNone,
  kBool,
  kInt,
  kBigInt,  // an int of more than 63 bits; type name "int"
  kFloat,
  kString,
  kBytes,
  kTuple,
  kList,
  kDict,
  kSet,
  kRange,
  kStruct,
  kModule,
  kFunction,
  kBuiltin,      // a built-in function, or a built-in method bound to its receiver
  kStringElems,  // "x".elems(), .elem_ords(), .codepoints(), .codepoint_ords()
  kBytesElems,   // b"x".elems()
  kHost,         // a HostObject
  kCell,         // a variable shared by closures (never seen by programs)
  kIterator,     // the state of a loop (never seen by programs)
};

// The head of everything on the heap.
class Object {
 public:
  Kind kind() const { return kind_; }
  bool frozen() const { return (flags_ & kFrozenFlag) != 0; }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

 protected:
  friend class Value;
  friend class Heap;
  friend void release_object(Object* object) noexcept;
  friend class Freezer;
  friend class Printer;
  friend struct Vm;
  static constexpr std::uint8_t kFrozenFlag = 1;
  static constexpr std::uint8_t kLargeFlag = 2;     // not in a slab of the heap
  static constexpr std::uint8_t kVisitedFlag = 4;   // on the path of a printer
  static constexpr std::uint8_t kInternedFlag = 8;  // a string that is a Symbol
  static constexpr std::int32_t kImmortal = -(1 << 30);

  explicit Object(Kind kind) : kind_(kind) {}
  ~Object() = default;

  std::int32_t references_ = 0;
  Kind kind_;
  mutable std::uint8_t flags_ = 0;
  std::uint16_t extra_ = 0;
};

class Value {
 public:
  // The absent value: what an optional parameter without default holds when it was not given.
  Value() noexcept = default;
  static Value none() { return from_bits(kNoneBits); }
  static Value boolean(bool b) { return from_bits(b ? kTrueBits : kFalseBits); }
  // An int that fits 63 bits; Heap::integer takes any.
  static Value small(std::int64_t i) { return from_bits((static_cast<std::uint64_t>(i) << 1) | 1); }
  static bool fits_small(std::int64_t i) {
    return i >= -(std::int64_t{1} << 62) && i < (std::int64_t{1} << 62);
  }
  explicit Value(Object* object) noexcept : bits_(reinterpret_cast<std::uint64_t>(object)) {
    retain();
  }

  Value(const Value& other) noexcept : bits_(other.bits_) { retain(); }
  Value(Value&& other) noexcept : bits_(std::exchange(other.bits_, 0)) {}
  Value& operator=(const Value& other) noexcept {
    other.retain();
    Value old = from_bits(std::exchange(bits_, other.bits_));
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    Value old = from_bits(std::exchange(bits_, std::exchange(other.bits_, 0)));
    return *this;
  }
  ~Value() { drop(); }

  Kind kind() const {
    if ((bits_ & 1) != 0) return Kind::kInt;
    if ((bits_ & 7) == 2) return bits_ == kNoneBits ? Kind::kNone : Kind::kBool;
    return bits_ == 0 ? Kind::kAbsent : object()->kind_;
  }
  bool absent() const { return bits_ == 0; }
  bool is_none() const { return bits_ == kNoneBits; }
  bool is_bool() const { return bits_ == kTrueBits || bits_ == kFalseBits; }
  bool is_int() const { return is_small() || is_object(Kind::kBigInt); }
  bool is_small() const { return (bits_ & 1) != 0; }  // an int of at most 63 bits
  bool is_float() const { return is_object(Kind::kFloat); }
  bool is_string() const { return is_object(Kind::kString); }
  bool is_object() const { return (bits_ & 7) == 0 && bits_ != 0; }
  bool is_object(Kind kind) const { return is_object() && object()->kind_ == kind; }
  bool callable() const;

  // The type's name as type() returns it; for a host object the name of its HostType.
  std::string_view type_name() const;
  bool truth() const;
  bool as_bool() const { return bits_ == kTrueBits; }
  std::int64_t as_small() const { return static_cast<std::int64_t>(bits_) >> 1; }
  // The int in 64 bits; nothing when it is no int or needs more.
  std::optional<std::int64_t> as_int64() const;
  // An int or float as a double; nothing for other types.
  std::optional<double> as_double() const;
  // The text of a string; empty for other types. Valid as long as a Value holds the string.
  std::string_view as_string() const;

  // The object behind, when it is a T (List, Dict, a class derived from HostObject, ...), else
  // null.
  template <class T>
  T* as() const;

  // The same value: same word, or the same object. Starlark's == is equal() in operators.h.
  bool same(const Value& other) const { return bits_ == other.bits_; }

  Object* object() const { return reinterpret_cast<Object*>(bits_); }
  std::uint64_t bits() const { return bits_; }
  // Takes over a reference already counted.
  static Value from_bits(std::uint64_t bits) {
    Value value;
    value.bits_ = bits;
    return value;
  }
  std::uint64_t release_bits() { return std::exchange(bits_, 0); }

 private:
  static constexpr std::uint64_t kNoneBits = 0x02;
  static constexpr std::uint64_t kFalseBits = 0x0a;
  static constexpr std::uint64_t kTrueBits = 0x12;

  void retain() const {
    if (is_object()) ++object()->references_;
  }
  void drop() {
    if (is_object() && --object()->references_ == 0) release_object(object());
  }

  std::uint64_t bits_ = 0;
};

// A name known to the whole process: two Symbols are the same name exactly when they are ==.
// Attribute names, keywords, parameter names and short constants are Symbols.
class Symbol {
 public:
  Symbol() = default;
  explicit Symbol(std::string_view name);  // interns
  explicit Symbol(String* interned) : string_(interned) {}

  std::string_view name() const;
  Value value() const;  // as a Starlark string
  String* string() const { return string_; }
  bool operator==(const Symbol&) const = default;
  explicit operator bool() const { return string_ != nullptr; }

 private:
  String* string_ = nullptr;
};

// str(): strings as they are. repr(): strings quoted. Cycles print as [...] and {...}.
std::string str(const Value& value);
std::string repr(const Value& value);

}  // namespace fb::starlark
