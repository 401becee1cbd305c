// The memory of one Interpreter: slabs for small objects, tracked blocks for large ones. Objects
// are freed when their count drops to zero; what cycles keep is dropped with the Heap. Host objects
// get their destructor run in either case.
#pragma once
#include "starlark/eval/value.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace fb::starlark {

class HostObject;
class List;
class Tuple;
class Dict;
class Set;

class Heap {
 public:
  Heap();
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  // Values of the language.
  Value string(std::string_view text);
  Value bytes(std::string_view bytes);
  Value integer(std::int64_t value);
  Value number(double value);  // a float
  Value tuple(std::span<const Value> items);
  Value list(std::span<const Value> items = {});
  Value dict();
  Value set();
  Value structure(std::span<const std::pair<Symbol, Value>> fields);  // struct(a = 1)
  Value module(std::string_view name, std::span<const std::pair<Symbol, Value>> members);

  // A host object of class T (derived from HostObject).
  template <class T, class... Arguments>
  Value make(Arguments&&... arguments) {
    static_assert(std::is_base_of_v<HostObject, T>);
    void* memory = allocate_object(sizeof(T));
    T* object = new (memory) T(std::forward<Arguments>(arguments)...);
    adopt(object, memory, sizeof(T));
    return Value(static_cast<Object*>(object));
  }

  // Bytes in use, slabs and large blocks.
  std::size_t bytes_in_use() const { return bytes_in_use_; }

  // For the implementation of object kinds: raw memory that dies with the heap at the latest.
  void* allocate(std::size_t size);
  void free(void* memory, std::size_t size) noexcept;
  void* resize(void* memory, std::size_t old_size, std::size_t new_size);
  void* allocate_object(std::size_t size) { return allocate(size); }
  static Heap* of(const void* memory, std::size_t size);

 private:
  friend void release_object(Object* object) noexcept;
  struct Slab;
  struct Block;
  struct FreeCell {
    FreeCell* next;
  };
  static constexpr std::size_t kGrain = 16;
  static constexpr std::size_t kSmallMax = 512;

  void adopt(HostObject* object, void* memory, std::size_t size);
  void* allocate_from_slab(std::size_t size_class);
  void* allocate_block(std::size_t size);

  FreeCell* free_[kSmallMax / kGrain + 1] = {};
  char* bump_ = nullptr;
  char* bump_end_ = nullptr;
  Slab* slabs_ = nullptr;
  Block* blocks_ = nullptr;
  HostObject* hosts_ = nullptr;
  std::size_t bytes_in_use_ = 0;
};

}  // namespace fb::starlark
