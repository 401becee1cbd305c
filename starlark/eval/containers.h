// Lists, tuples, dicts, sets, structs: the containers of the language as C++ objects.
#pragma once
#include "starlark/eval/failure.h"
#include "starlark/eval/heap.h"
#include "starlark/eval/value.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace fb::starlark {

class Tuple final : public Object {
 public:
  static bool is_kind(Kind kind) { return kind == Kind::kTuple; }
  std::size_t size() const { return size_; }
  std::span<const Value> items() const { return {data(), size_}; }
  const Value& operator[](std::size_t i) const { return data()[i]; }
  Value* data() { return reinterpret_cast<Value*>(this + 1); }
  const Value* data() const { return reinterpret_cast<const Value*>(this + 1); }

  // Of `size` absent values, to be filled before anyone sees it.
  static Tuple* create(Heap& heap, std::size_t size);

 private:
  friend class Heap;
  friend void release_object(Object* object) noexcept;
  explicit Tuple(std::size_t size) : Object(Kind::kTuple), size_(size) {}
  std::size_t size_;
};

class List final : public Object {
 public:
  static bool is_kind(Kind kind) { return kind == Kind::kList; }
  std::size_t size() const { return size_; }
  std::span<const Value> items() const { return {data_, size_}; }
  const Value& operator[](std::size_t i) const { return data_[i]; }
  Value* data() { return data_; }

  // Changes without asking whether the list is frozen or being iterated: for lists you just made.
  void append(Value value);
  void insert(std::size_t at, Value value);
  Value take(std::size_t at);
  void clear();
  void reserve(std::size_t size);
  void truncate(std::size_t size);

  // "cannot VERB frozen list", "cannot VERB list during iteration", or fine. VERB: "append to".
  Fallible<bool> check_mutable(std::string_view verb) const;
  void begin_iteration() { ++iterating_; }
  void end_iteration() { --iterating_; }

  static List* create(Heap& heap, std::size_t capacity = 0);

 private:
  friend class Heap;
  friend struct Vm;
  friend void release_object(Object* object) noexcept;
  explicit List(Heap& heap) : Object(Kind::kList), heap_(heap) {}
  void grow(std::size_t least);

  Heap& heap_;
  Value* data_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
  std::uint32_t iterating_ = 0;
};

// Insertion-ordered hash table: entries in order, and (past eight) an index of them. Shared by Dict
// and Set.
class Table {
 public:
  struct Entry {
    Value key;  // absent: deleted
    Value value;
    std::uint32_t hash;
  };

  std::size_t size() const { return live_; }
  // Entries in insertion order; skip those whose key is absent.
  std::span<const Entry> entries() const { return {entries_, used_}; }
  const Entry* first() const;

  // Hashing fails on unhashable keys, and key comparison on keys nested too deep.
  Fallible<const Value*> find(const Value& key) const;  // null when there is none
  const Value* find(Symbol key) const;
  const Value* find_hashed(const Value& key, std::uint32_t hash, bool& failed) const;
  Fallible<bool> set(const Value& key, Value value);  // true when the key is new
  bool set_hashed(const Value& key, Value value, std::uint32_t hash);
  Fallible<Value> remove(const Value& key);  // the old value, absent when there was none
  void clear();
  void reserve(std::size_t size);

  Fallible<bool> check_mutable(std::string_view verb, bool frozen) const;
  void begin_iteration() { ++iterating_; }
  void end_iteration() { --iterating_; }
  bool iterating() const { return iterating_ > 0; }

 private:
  friend class Heap;
  friend class Dict;
  friend class Set;
  friend struct Vm;
  friend void release_object(Object* object) noexcept;
  explicit Table(Heap& heap) : heap_(heap) {}
  static constexpr std::uint32_t kNoSlot = ~std::uint32_t{0};

  std::uint32_t locate(const Value& key, std::uint32_t hash, bool& failed) const;
  void append(const Value& key, Value value, std::uint32_t hash);
  void grow();
  void rebuild_index(std::size_t capacity);
  void dispose() noexcept;

  Heap& heap_;
  Entry* entries_ = nullptr;
  std::uint32_t* index_ = nullptr;  // slot -> entry + 1, power of two slots
  std::uint32_t used_ = 0;          // entries, deleted ones included
  std::uint32_t live_ = 0;
  std::uint32_t capacity_ = 0;
  std::uint32_t index_mask_ = 0;
  std::uint32_t iterating_ = 0;
};

class Dict final : public Object {
 public:
  static bool is_kind(Kind kind) { return kind == Kind::kDict; }
  Table table;
  std::size_t size() const { return table.size(); }
  // For dicts you just made; keys of your own choosing are hashable.
  void set(std::string_view key, Value value);
  bool mutable_now() const { return !frozen() && !table.iterating(); }
  Fallible<bool> check_mutable(std::string_view verb) const {
    return table.check_mutable(verb, frozen());
  }
  static Dict* create(Heap& heap);

 private:
  friend class Heap;
  explicit Dict(Heap& heap) : Object(Kind::kDict), table(heap) {}
};

class Set final : public Object {
 public:
  static bool is_kind(Kind kind) { return kind == Kind::kSet; }
  Table table;
  std::size_t size() const { return table.size(); }
  Fallible<bool> check_mutable(std::string_view verb) const {
    return table.check_mutable(verb, frozen());
  }
  static Set* create(Heap& heap);

 private:
  friend class Heap;
  explicit Set(Heap& heap) : Object(Kind::kSet), table(heap) {}
};

// struct(a = 1): fields sorted by name. The constructor is the absent Value for plain structs.
class Struct final : public Object {
 public:
  using Field = std::pair<Symbol, Value>;
  static bool is_kind(Kind kind) { return kind == Kind::kStruct; }
  std::span<const Field> fields() const { return {data(), size_}; }
  const Value* find(Symbol name) const;
  const Value& constructor() const { return constructor_; }

  static Struct* create(Heap& heap, Value constructor, std::span<const Field> fields);

 private:
  friend class Heap;
  friend void release_object(Object* object) noexcept;
  Struct(Value constructor, std::size_t size)
      : Object(Kind::kStruct), constructor_(std::move(constructor)), size_(size) {}
  const Field* data() const { return reinterpret_cast<const Field*>(this + 1); }
  Field* data() { return reinterpret_cast<Field*>(this + 1); }

  Value constructor_;
  std::size_t size_;
};

// A named set of members: json, math, or what a host loads.
class ModuleValue final : public Object {
 public:
  using Member = std::pair<Symbol, Value>;
  static bool is_kind(Kind kind) { return kind == Kind::kModule; }
  std::string_view name() const { return name_.name(); }
  std::span<const Member> members() const { return {data(), size_}; }
  const Value* find(Symbol name) const;

  static ModuleValue* create(Heap& heap, Symbol name, std::span<const Member> members);

 private:
  friend class Heap;
  friend void release_object(Object* object) noexcept;
  ModuleValue(Symbol name, std::size_t size) : Object(Kind::kModule), name_(name), size_(size) {}
  const Member* data() const { return reinterpret_cast<const Member*>(this + 1); }
  Member* data() { return reinterpret_cast<Member*>(this + 1); }

  Symbol name_;
  std::size_t size_;
};

}  // namespace fb::starlark
