// The smaller object kinds: floats, big ints, ranges, functions, built-ins, cells, iterators,
// string views.
#pragma once
#include "starlark/eval/failure.h"
#include "starlark/eval/heap.h"
#include "starlark/eval/host_object.h"
#include "starlark/eval/value.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace fb::starlark {

struct FunctionCode;
struct BuiltinInfo;
class Module;

class Float final : public Object {
 public:
  static bool is_kind(Kind kind) { return kind == Kind::kFloat; }
  explicit Float(double value) : Object(Kind::kFloat), value_(value) {}
  double value() const { return value_; }

 private:
  double value_;
};

// Sign and magnitude, limbs from the lowest.
class BigInt final : public Object {
 public:
  static bool is_kind(Kind kind) { return kind == Kind::kBigInt; }
  BigInt(bool negative, std::size_t size)
      : Object(Kind::kBigInt), negative_(negative), size_(static_cast<std::uint32_t>(size)) {}
  bool negative() const { return negative_; }
  std::span<const std::uint64_t> limbs() const {
    return {reinterpret_cast<const std::uint64_t*>(this + 1), size_};
  }
  std::uint64_t* data() { return reinterpret_cast<std::uint64_t*>(this + 1); }

 private:
  bool negative_;
  std::uint32_t size_;
};

class Range final : public Object {
 public:
  static bool is_kind(Kind kind) { return kind == Kind::kRange; }
  Range(std::int64_t start_, std::int64_t stop_, std::int64_t step_)
      : Object(Kind::kRange), start(start_), stop(stop_), step(step_), size(count()) {}
  std::int64_t at(std::int64_t i) const { return start + i * step; }

  const std::int64_t start, stop, step, size;

 private:
  std::int64_t count() const {
    if (step > 0) return start < stop ? (stop - 1 - start) / step + 1 : 0;
    return start > stop ? (start - 1 - stop) / -step + 1 : 0;
  }
};

// A closure: compiled code, the values of its defaults (absent: none), the cells of its free
// variables.
class Function final : public Object {
 public:
  static bool is_kind(Kind kind) { return kind == Kind::kFunction; }
  Function(const FunctionCode& code_, Module& module_, std::size_t defaults, std::size_t cells)
      : Object(Kind::kFunction),
        code(code_),
        module(module_),
        defaults_(static_cast<std::uint32_t>(defaults)),
        cells_(static_cast<std::uint32_t>(cells)) {}
  std::span<Value> defaults() { return {reinterpret_cast<Value*>(this + 1), defaults_}; }
  std::span<Value> cells() { return {reinterpret_cast<Value*>(this + 1) + defaults_, cells_}; }

  const FunctionCode& code;
  Module& module;

 private:
  std::uint32_t defaults_;
  std::uint32_t cells_;
};

class Builtin final : public Object {
 public:
  static bool is_kind(Kind kind) { return kind == Kind::kBuiltin; }
  Builtin(const BuiltinInfo& info_, Value self_)
      : Object(Kind::kBuiltin), info(info_), self(std::move(self_)) {}

  std::string_view info_name() const;

  const BuiltinInfo& info;
  Value self;
};

class Cell final : public Object {
 public:
  static bool is_kind(Kind kind) { return kind == Kind::kCell; }
  explicit Cell(Value value_) : Object(Kind::kCell), value(std::move(value_)) {}
  Value value;
};

enum class Elems : std::uint8_t { kBytes, kByteOrds, kCodePoints, kCodePointOrds };

// "x".elems() and its kin, b"x".elems().
class StringElems final : public Object {
 public:
  static bool is_kind(Kind kind) { return kind == Kind::kStringElems || kind == Kind::kBytesElems; }
  StringElems(Kind kind, Value text_, Elems what_)
      : Object(kind), text(std::move(text_)), what(what_) {}
  bool indexable() const { return what == Elems::kBytes || what == Elems::kByteOrds; }
  Value text;
  Elems what;
};

// Where a loop stands. Holds the iteration lock of what it walks until it is released.
class Iterator final : public Object {
 public:
  static bool is_kind(Kind kind) { return kind == Kind::kIterator; }
  Iterator(Value source_, std::unique_ptr<HostIterator> host_);
  ~Iterator();  // gives the lock back

  // The next item, or the absent Value at the end.
  Outcome next(Thread& thread);

  Value source;
  Kind source_kind;
  std::int64_t at = 0;
  bool locked = false;
  std::unique_ptr<HostIterator> host;
};

// An iterator over any iterable; fails with "X value is not iterable".
Outcome make_iterator(Heap& heap, const Value& iterable);
bool is_iterable(const Value& value);
// Every item of an iterable, in order; fails like make_iterator().
Fallible<std::vector<Value>> items_of(Thread& thread, const Value& iterable);

Value make_range(Heap& heap, std::int64_t start, std::int64_t stop, std::int64_t step);

}  // namespace fb::starlark
