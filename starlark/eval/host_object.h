// Host objects: values of a type the host defines (a service, a response, an event). Derive from
// HostObject, describe the type once in a constant HostType (name, attributes, methods: the same
// table drives lookup, did-you-mean, stubs and the reference), and make values with
// Heap::make<T>(...).
//
//   class Response : public HostObject {
//    public:
//     Response(int status, std::string body);
//     const HostType& type() const override { return kResponseType; }
//     std::string str() const override { return fmt::format("<response status={}>", status_); }
//     bool truth() const override { return status_ < 400; }
//   };
//   constexpr Attribute kResponseAttributes[] = {
//       {"status", "int", "HTTP status, 0 after a transport error",
//        [](Thread& t, HostObject& self) -> Outcome { return t.heap().integer(...); }}};
//   constexpr HostType kResponseType{.name = "response", .attributes = kResponseAttributes};
//
// Host objects are unhashable and compare by identity unless they say otherwise.
#pragma once
#include "starlark/eval/failure.h"
#include "starlark/eval/value.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fb::starlark {

class HostObject;
class Thread;
class Freezer;
struct BuiltinDef;

// An attribute read by name: `value.NAME`.
struct Attribute {
  std::string_view name;
  std::string_view type;  // as stubs show it: "int", "str", "list[event]"
  std::string_view doc;
  Outcome (*get)(Thread& thread, HostObject& self);
};

struct HostType {
  std::string_view name;
  std::string_view doc = "";
  std::span<const Attribute> attributes = {};
  std::span<const BuiltinDef* const> methods =
      {};  // called as value.NAME(...); Call::self() is the value
};

// What a `for` loop asks of a host object. next() returns the absent Value at the end.
class HostIterator {
 public:
  virtual ~HostIterator() = default;
  virtual Outcome next(Thread& thread) = 0;
};

enum class BinaryOp : std::uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kFloorDivide,
  kModulo,
  kAnd,
  kOr,
  kXor,
  kShiftLeft,
  kShiftRight,
  kIn,
  kNotIn,
};

class HostObject : public Object {
 public:
  HostObject() : Object(Kind::kHost) {}
  virtual ~HostObject() = default;

  virtual const HostType& type() const = 0;
  virtual std::string str() const = 0;  // also repr()
  virtual bool truth() const { return true; }

  // `self.name` for names the type's table does not have; the absent Value when there is no such
  // attribute.
  virtual Outcome attribute(Thread& thread, Symbol name);
  // The names attribute() knows, for dir() and did-you-mean; those of the table are added.
  virtual std::vector<std::string> attribute_names() const { return {}; }
  // The text of the error for an attribute nobody knows; empty: the standard one.
  virtual std::string no_attribute_text(std::string_view name) const;
  // `self.name = value`; by default refused.
  virtual Outcome set_attribute(Thread& thread, Symbol name, Value value);

  // The table row that describes a call of the object itself, or null: not callable.
  virtual const BuiltinDef* call_signature() const { return nullptr; }

  // `self[key]`, `key in self`, len(self), iteration: absent Value or null means unsupported.
  virtual Outcome index(Thread& thread, const Value& key);
  virtual Outcome contains(Thread& thread, const Value& item);
  virtual std::optional<std::int64_t> length() const { return std::nullopt; }
  virtual std::unique_ptr<HostIterator> iterate() { return nullptr; }
  // `self OP other` (self_is_left) or `other OP self`; the absent Value means unsupported.
  virtual Outcome binary(Thread& thread, BinaryOp op, const Value& other, bool self_is_left);

  virtual bool equals(const HostObject& other) const { return this == &other; }
  // -1, 0, 1 for < and its kin; nothing: unordered.
  virtual std::optional<int> compare(const HostObject&) const { return std::nullopt; }
  virtual std::optional<std::uint32_t> hash() const { return std::nullopt; }
  // Called once when the value is frozen; freezes what it refers to.
  virtual void freeze(Freezer& freezer);

 private:
  friend class Heap;
  friend void release_object(Object* object) noexcept;
  HostObject* next_ = nullptr;  // all host objects of the heap
  HostObject* previous_ = nullptr;
  Heap* heap_ = nullptr;
  void* memory_ = nullptr;
  std::uint32_t size_ = 0;
  bool destroyed_ = false;
};

template <class T>
T* Value::as() const {
  if constexpr (std::is_base_of_v<HostObject, T>) {
    return is_object(Kind::kHost) ? dynamic_cast<T*>(static_cast<HostObject*>(object())) : nullptr;
  } else {
    return is_object() && T::is_kind(object()->kind()) ? static_cast<T*>(object()) : nullptr;
  }
}

}  // namespace fb::starlark
