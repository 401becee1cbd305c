// String and bytes objects, and the table of Symbols.
#pragma once
#include "starlark/eval/heap.h"
#include "starlark/eval/value.h"

#include <cstdint>
#include <string_view>

namespace fb::starlark {

// Immutable for programs; the VM appends in place to a string nobody else holds.
class String final : public Object {
 public:
  static bool is_kind(Kind kind) { return kind == Kind::kString || kind == Kind::kBytes; }
  std::string_view view() const { return {data(), size_}; }
  std::uint32_t size() const { return size_; }
  std::uint32_t hash() const { return hash_ != 0 ? hash_ : compute_hash(); }
  bool interned() const { return (flags_ & kInternedFlag) != 0; }

  // With room for `capacity` bytes, to be filled by the maker.
  static String* create(Heap& heap, Kind kind, std::size_t size);
  char* mutable_data() { return reinterpret_cast<char*>(this) + kHeadSize; }
  // Appends when this object has no other owner and room; false: make a new string.
  bool append_in_place(std::string_view tail);
  void set_size(std::size_t size) { size_ = static_cast<std::uint32_t>(size); }
  std::int32_t references() const { return references_; }

 private:
  friend class Heap;
  friend class SymbolTable;
  friend void release_object(Object* object) noexcept;
  static constexpr std::size_t kHeadSize = 20;
  String(Kind kind, std::size_t size, std::size_t capacity)
      : Object(kind),
        size_(static_cast<std::uint32_t>(size)),
        capacity_(static_cast<std::uint32_t>(capacity)) {}
  const char* data() const { return reinterpret_cast<const char*>(this) + kHeadSize; }
  std::uint32_t compute_hash() const;

  std::uint32_t size_;
  std::uint32_t capacity_;
  mutable std::uint32_t hash_ = 0;
};

inline constexpr std::size_t kMaxStringSize = std::size_t{1} << 30;

// The string value of one byte; shared.
Value byte_string(unsigned char byte);
// "" as a value.
Value empty_string();
// A + B, appending to A's object when `a` is its only owner.
Value concatenate(Heap& heap, Value a, std::string_view b);
// The Symbol of a string value, interning it.
Symbol symbol_of(const Value& string);
// The Symbol if the name has ever been interned, else none: for lookups by computed names.
Symbol find_symbol(std::string_view name);
// Counters of immortal objects drift when heaps are dropped; a new Interpreter sets them right.
void reset_symbol_counts();

std::uint32_t hash_bytes(std::string_view bytes);

}  // namespace fb::starlark
