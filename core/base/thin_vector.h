// A vector that takes the room of one pointer, and no memory at all while it is empty: for the
// short lists of which an event log keeps millions. Only for values that are copied as bytes.
#pragma once
#include "core/base/check.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <new>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace fb {

template <class T>
  requires(std::is_trivially_copyable_v<T> && alignof(T) <= 8)
class ThinVector {
 public:
  using value_type = T;

  ThinVector() = default;
  explicit ThinVector(std::span<const T> values) { assign(values); }
  ThinVector(std::initializer_list<T> values) { assign({values.begin(), values.size()}); }
  ThinVector(const std::vector<T>& values) { assign(values); }
  ThinVector(const ThinVector& other) { assign(other.view()); }
  ThinVector(ThinVector&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  ThinVector& operator=(ThinVector other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~ThinVector() { ::operator delete(block_); }

  size_t size() const { return block_ == nullptr ? 0 : block_->size; }
  bool empty() const { return size() == 0; }
  T* data() { return block_ == nullptr ? nullptr : reinterpret_cast<T*>(block_ + 1); }
  const T* data() const {
    return block_ == nullptr ? nullptr : reinterpret_cast<const T*>(block_ + 1);
  }
  T* begin() { return data(); }
  T* end() { return data() + size(); }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size(); }
  T& operator[](size_t i) { return data()[i]; }
  const T& operator[](size_t i) const { return data()[i]; }
  std::span<const T> view() const { return {data(), size()}; }

  void reserve(size_t capacity) {
    if (block_ == nullptr ? capacity > 0 : capacity > block_->capacity) reallocate(capacity);
  }
  void push_back(T value) {
    make_room(1);
    data()[block_->size++] = value;
  }
  void append(std::span<const T> values) {
    if (values.empty()) return;
    make_room(values.size());
    std::memcpy(end(), values.data(), values.size_bytes());
    block_->size += static_cast<uint32_t>(values.size());
  }
  void insert(T* before, T value) {
    const auto at = before - begin();
    push_back(value);
    std::rotate(begin() + at, end() - 1, end());
  }
  void clear() {
    if (block_ != nullptr) block_->size = 0;
  }

  bool operator==(const ThinVector& other) const {
    return std::equal(begin(), end(), other.begin(), other.end());
  }

 private:
  struct alignas(8) Block {
    uint32_t size = 0;
    uint32_t capacity = 0;
  };

  void assign(std::span<const T> values) {
    if (values.empty()) return;
    reallocate(values.size());
    std::memcpy(data(), values.data(), values.size_bytes());
    block_->size = static_cast<uint32_t>(values.size());
  }
  void make_room(size_t more) {
    const size_t wanted = size() + more;
    if (block_ == nullptr || wanted > block_->capacity)
      reallocate(std::max({wanted, 2 * size(), size_t{4}}));
  }
  void reallocate(size_t capacity) {
    FB_CHECK(capacity <= std::numeric_limits<uint32_t>::max());
    auto* larger = new (::operator new(sizeof(Block) + capacity * sizeof(T))) Block;
    larger->capacity = static_cast<uint32_t>(capacity);
    if (block_ != nullptr) {
      larger->size = block_->size;
      std::memcpy(reinterpret_cast<T*>(larger + 1), data(), size() * sizeof(T));
      ::operator delete(block_);
    }
    block_ = larger;
  }

  Block* block_ = nullptr;
};

}  // namespace fb
