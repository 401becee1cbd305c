// The fields of an event: names and values in the order in which they were added, packed into one
// block of bytes, because a log keeps millions of them. Names that many events have take one byte.
#pragma once
#include "core/base/thin_vector.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb {

class FieldList {
 public:
  using Field = std::pair<std::string_view, std::string_view>;  // name, value

  FieldList() = default;
  FieldList(std::initializer_list<Field> fields);
  FieldList(const std::vector<std::pair<std::string, std::string>>& fields);

  void add(std::string_view name, std::string_view value);
  void add(std::string_view name, uint64_t number);
  // So many bytes of names and values will come.
  void reserve(size_t bytes) { bytes_.reserve(bytes); }

  bool empty() const { return bytes_.empty(); }
  size_t size() const { return static_cast<size_t>(std::distance(begin(), end())); }

  // Views into the list, valid until it changes.
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Field;
    using difference_type = std::ptrdiff_t;
    using pointer = const Field*;
    using reference = const Field&;

    Iterator() = default;
    const Field& operator*() const { return field_; }
    const Field* operator->() const { return &field_; }
    Iterator& operator++() {
      at_ = next_;
      read();
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    friend class FieldList;
    Iterator(const char* at, const char* end) : at_(at), end_(end) { read(); }
    void read();

    const char* at_ = nullptr;
    const char* next_ = nullptr;
    const char* end_ = nullptr;
    Field field_;
  };
  Iterator begin() const { return {bytes_.begin(), bytes_.end()}; }
  Iterator end() const { return {bytes_.end(), bytes_.end()}; }
  Iterator find(std::string_view name) const;

  bool operator==(const FieldList&) const = default;

 private:
  void put_text(std::string_view text);

  // Per field: the position of its name in the table of names plus one, or 0 and the name; then the
  // value. Texts are a length as varint and the bytes. One list has one form.
  ThinVector<char> bytes_;
};

}  // namespace fb
