#include "starlark/eval/text.h"

#include "core/base/check.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

namespace fb::starlark {

// Process-wide; entries never go away. Open addressing over String pointers.
class SymbolTable {
 public:
  static SymbolTable& instance() {
    static auto* table = new SymbolTable;  // never destroyed: Values in statics may outlive main
    return *table;
  }

  String* find(std::string_view name, std::uint32_t hash) const {
    for (std::size_t i = hash & mask();; i = (i + 1) & mask()) {
      String* entry = slots_[i];
      if (entry == nullptr) return nullptr;
      if (entry->hash() == hash && entry->view() == name) return entry;
    }
  }

  String* intern(std::string_view name) {
    const std::uint32_t hash = hash_bytes(name);
    if (String* known = find(name, hash)) return known;
    void* memory = std::malloc(String::kHeadSize + name.size());
    FB_CHECK(memory != nullptr);
    auto* string = new (memory) String(Kind::kString, name.size(), name.size());
    std::memcpy(string->mutable_data(), name.data(), name.size());
    string->hash_ = hash;
    string->references_ = String::kImmortal;
    string->flags_ |= String::kInternedFlag;
    if (++used_ * 2 > slots_.size()) grow();
    insert(string);
    return string;
  }

  void reset_counts() {
    for (String* string : slots_) {
      if (string != nullptr) string->references_ = String::kImmortal;
    }
  }

 private:
  std::size_t mask() const { return slots_.size() - 1; }
  void insert(String* string) {
    std::size_t i = string->hash() & mask();
    while (slots_[i] != nullptr) i = (i + 1) & mask();
    slots_[i] = string;
  }
  void grow() {
    std::vector<String*> old(slots_.size() * 2);
    old.swap(slots_);
    for (String* string : old) {
      if (string != nullptr) insert(string);
    }
  }

  std::vector<String*> slots_ = std::vector<String*>(1024);
  std::size_t used_ = 0;
};

// FNV-like over words with a final mix: fixed, fast on short names, no seed.
std::uint32_t hash_bytes(std::string_view bytes) {
  std::uint64_t h = 0x9E3779B97F4A7C15ull ^ bytes.size();
  const char* p = bytes.data();
  std::size_t n = bytes.size();
  while (n >= 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    h = (h ^ word) * 0xD6E8FEB86659FD93ull;
    h ^= h >> 32;
    p += 8;
    n -= 8;
  }
  std::uint64_t tail = 0;
  for (std::size_t i = 0; i < n; ++i) {
    tail |= static_cast<std::uint64_t>(static_cast<unsigned char>(p[i])) << (8 * i);
  }
  h = (h ^ tail) * 0xD6E8FEB86659FD93ull;
  h ^= h >> 32;
  h *= 0xD6E8FEB86659FD93ull;
  h ^= h >> 32;
  const auto folded = static_cast<std::uint32_t>(h);
  return folded == 0 ? 1 : folded;
}

std::uint32_t String::compute_hash() const {
  return hash_ = hash_bytes(view());
}

String* String::create(Heap& heap, Kind kind, std::size_t size) {
  FB_CHECK(size < (std::size_t{1} << 32) - 64);
  const std::size_t bytes = (kHeadSize + size + 15) & ~std::size_t{15};
  return heap.construct<String>(bytes, kind, size, bytes - kHeadSize);
}

bool String::append_in_place(std::string_view tail) {
  if (references_ != 1 || size_ + tail.size() > capacity_) return false;
  std::memcpy(mutable_data() + size_, tail.data(), tail.size());
  size_ += static_cast<std::uint32_t>(tail.size());
  hash_ = 0;
  return true;
}

Value concatenate(Heap& heap, Value a, std::string_view b) {
  auto* left = static_cast<String*>(a.object());
  if (left->append_in_place(b)) return a;
  // A string that grows by appending gets room to grow on; others exactly what they need.
  const std::size_t size = left->size() + b.size();
  const bool growing = left->references() == 1 && size > 256;
  String* result = String::create(heap, left->kind(), growing ? size * 2 : size);
  std::memcpy(result->mutable_data(), left->view().data(), left->size());
  std::memcpy(result->mutable_data() + left->size(), b.data(), b.size());
  result->set_size(size);
  return Value(result);
}

Value byte_string(unsigned char byte) {
  static const auto* strings = [] {
    auto* made = new std::array<String*, 256>;
    for (std::size_t i = 0; i < 256; ++i) {
      const char c = static_cast<char>(i);
      (*made)[i] = SymbolTable::instance().intern({&c, 1});
    }
    return made;
  }();
  return Value((*strings)[byte]);
}

Value empty_string() {
  static String* const empty = SymbolTable::instance().intern("");
  return Value(empty);
}

Symbol::Symbol(std::string_view name) : string_(SymbolTable::instance().intern(name)) {}
std::string_view Symbol::name() const {
  return string_ == nullptr ? "" : string_->view();
}
Value Symbol::value() const {
  return Value(string_);
}

Symbol symbol_of(const Value& string) {
  auto* object = static_cast<String*>(string.object());
  return object->interned() ? Symbol(object) : Symbol(object->view());
}

Symbol find_symbol(std::string_view name) {
  return Symbol(SymbolTable::instance().find(name, hash_bytes(name)));
}

void reset_symbol_counts() {
  SymbolTable::instance().reset_counts();
}

}  // namespace fb::starlark
