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

// Under the address sanitizer everything comes from malloc: it sees nothing inside a slab. g++ and
// clang tell of it in different ways.
#if defined(__SANITIZE_ADDRESS__)
#define FB_HEAP_BLOCKS_ONLY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FB_HEAP_BLOCKS_ONLY 1
#endif
#endif

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
    void* memory = allocate(sizeof(T));
    T* object = new (memory) T(std::forward<Arguments>(arguments)...);
    adopt(object, memory, sizeof(T));
    return Value(static_cast<Object*>(object));
  }

  // Bytes in use, slabs and large blocks.
  std::size_t bytes_in_use() const { return bytes_in_use_; }

  // For the implementation of object kinds: raw memory that dies with the heap at the latest.
  void* allocate(std::size_t size) {
    const std::size_t size_class = (size + kGrain - 1) / kGrain;
    if (size_class <= kClasses) {
      bytes_in_use_ += size_class * kGrain;
      if (FreeCell* cell = free_[size_class]) {
        free_[size_class] = cell->next;
        return cell;
      }
      return allocate_from_slab(size_class);
    }
    return allocate_block(size);
  }
  void free(void* memory, std::size_t size) noexcept {
    const std::size_t size_class = (size + kGrain - 1) / kGrain;
    if (size_class <= kClasses) {
      bytes_in_use_ -= size_class * kGrain;
      auto* cell = static_cast<FreeCell*>(memory);
      cell->next = free_[size_class];
      free_[size_class] = cell;
    } else {
      free_block(memory);
    }
  }
  void* resize(void* memory, std::size_t old_size, std::size_t new_size);
  // An object of a kind of the language in `size` bytes (its own and what trails it).
  template <class T, class... Arguments>
  T* construct(std::size_t size, Arguments&&... arguments) {
    T* object = new (allocate(size)) T(std::forward<Arguments>(arguments)...);
    if (is_block(size)) object->flags_ |= Object::kLargeFlag;
    return object;
  }
  // The heap an object lives in.
  static Heap& of(const Object& object);
  // Never counted down to nothing, and the same for everybody: constants of compiled code.
  static void make_immortal(const Value& value);

 private:
  friend void release_object(Object* object) noexcept;
  struct Slab;
  struct Block;
  struct FreeCell {
    FreeCell* next;
  };
  static constexpr std::size_t kGrain = 16;
#if defined(FB_HEAP_BLOCKS_ONLY)
  static constexpr std::size_t kClasses = 0;
#else
  static constexpr std::size_t kClasses = 32;  // up to 512 bytes
#endif
  static bool is_block(std::size_t size) { return (size + kGrain - 1) / kGrain > kClasses; }

  void adopt(HostObject* object, void* memory, std::size_t size);
  void* allocate_from_slab(std::size_t size_class);
  void* allocate_block(std::size_t size);
  void free_block(void* memory) noexcept;

  FreeCell* free_[kClasses + 1] = {};
  char* bump_ = nullptr;
  char* bump_end_ = nullptr;
  Slab* slabs_ = nullptr;
  Block* blocks_ = nullptr;
  HostObject* hosts_ = nullptr;
  std::size_t bytes_in_use_ = 0;
};

}  // namespace fb::starlark
