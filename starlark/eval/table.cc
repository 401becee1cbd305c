// The ordered hash table of containers.h. Entries stand in insertion order in one array; up to
// eight are searched in a row, more through an index of entry numbers (open addressing, linear
// probing). Deleted entries keep their place until the array is full and is packed.
#include "core/base/check.h"
#include "starlark/eval/containers.h"
#include "starlark/eval/operators.h"
#include "starlark/eval/text.h"

#include <bit>
#include <cstring>
#include <fmt/format.h>
#include <new>

namespace fb::starlark {
namespace {

constexpr std::uint32_t kLinearMax = 8;

// Equality of keys: identity and strings without a call.
inline bool same_key(const Value& a, const Value& b, bool& failed) {
  if (a.same(b)) return true;
  const bool a_string = a.is_string();
  if (a_string != b.is_string()) return false;
  if (a_string) {
    const auto* x = static_cast<const String*>(a.object());
    const auto* y = static_cast<const String*>(b.object());
    if (x->interned() && y->interned()) return false;
    return x->view() == y->view();
  }
  if (a.is_small() && b.is_small()) return false;
  auto result = equal(a, b);
  if (!result.ok()) {
    failed = true;
    return false;
  }
  return result.value();
}

}  // namespace

const Table::Entry* Table::first() const {
  for (const Entry& entry : entries()) {
    if (!entry.key.absent()) return &entry;
  }
  return nullptr;
}

std::uint32_t Table::locate(const Value& key, std::uint32_t hash, bool& failed) const {
  if (index_ == nullptr) {
    for (std::uint32_t i = 0; i < used_; ++i) {
      if (entries_[i].hash == hash && !entries_[i].key.absent() &&
          same_key(entries_[i].key, key, failed)) {
        return i;
      }
    }
    return kNoSlot;
  }
  for (std::uint32_t slot = hash & index_mask_;; slot = (slot + 1) & index_mask_) {
    const std::uint32_t number = index_[slot];
    if (number == 0) return kNoSlot;
    const Entry& entry = entries_[number - 1];
    if (entry.hash == hash && !entry.key.absent() && same_key(entry.key, key, failed)) {
      return number - 1;
    }
  }
}

const Value* Table::find_hashed(const Value& key, std::uint32_t hash, bool& failed) const {
  const std::uint32_t at = locate(key, hash, failed);
  return at == kNoSlot ? nullptr : &entries_[at].value;
}

Fallible<const Value*> Table::find(const Value& key) const {
  const std::uint32_t h = FB_TRY(hash(key));
  bool failed = false;
  const Value* found = find_hashed(key, h, failed);
  if (failed) return Raised(std::string(kTooDeep));
  return found;
}

const Value* Table::find(Symbol key) const {
  bool failed = false;
  return find_hashed(key.value(), key.string()->hash(), failed);
}

void Table::rebuild_index(std::size_t slots) {
  if (index_ != nullptr) heap_.free(index_, (index_mask_ + std::size_t{1}) * sizeof(std::uint32_t));
  index_ = static_cast<std::uint32_t*>(heap_.allocate(slots * sizeof(std::uint32_t)));
  std::memset(index_, 0, slots * sizeof(std::uint32_t));
  index_mask_ = static_cast<std::uint32_t>(slots - 1);
  for (std::uint32_t i = 0; i < used_; ++i) {
    std::uint32_t slot = entries_[i].hash & index_mask_;
    while (index_[slot] != 0) slot = (slot + 1) & index_mask_;
    index_[slot] = i + 1;
  }
}

// Makes room for one more entry: packs when many are deleted, else doubles.
void Table::grow() {
  if (live_ < used_) {
    std::uint32_t to = 0;
    for (std::uint32_t i = 0; i < used_; ++i) {
      if (entries_[i].key.absent()) continue;
      if (to != i) std::memcpy(static_cast<void*>(&entries_[to]), &entries_[i], sizeof(Entry));
      ++to;
    }
    used_ = to;
  }
  if (used_ * 4 >= capacity_ * 3 || capacity_ == 0) {
    const std::size_t capacity = capacity_ == 0 ? 4 : capacity_ * std::size_t{2};
    FB_CHECK(capacity < (std::size_t{1} << 30));
    entries_ = static_cast<Entry*>(
        heap_.resize(entries_, capacity_ * sizeof(Entry), capacity * sizeof(Entry)));
    capacity_ = static_cast<std::uint32_t>(capacity);
  }
  if (capacity_ > kLinearMax) rebuild_index(std::bit_ceil(capacity_ * std::size_t{2}));
}

// Exactly so many: most dicts of a display never grow.
void Table::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  FB_CHECK(capacity < (std::size_t{1} << 30));
  entries_ = static_cast<Entry*>(
      heap_.resize(entries_, capacity_ * sizeof(Entry), capacity * sizeof(Entry)));
  capacity_ = static_cast<std::uint32_t>(capacity);
  if (capacity_ > kLinearMax) rebuild_index(std::bit_ceil(capacity_ * std::size_t{2}));
}

void Table::append(const Value& key, Value value, std::uint32_t hash) {
  if (used_ == capacity_) grow();
  new (&entries_[used_]) Entry{key, std::move(value), hash};
  ++used_;
  ++live_;
  if (index_ != nullptr) {
    std::uint32_t slot = hash & index_mask_;
    while (index_[slot] != 0) slot = (slot + 1) & index_mask_;
    index_[slot] = used_;
  }
}

bool Table::set_hashed(const Value& key, Value value, std::uint32_t hash) {
  bool failed = false;
  const std::uint32_t at = locate(key, hash, failed);
  if (at != kNoSlot) {
    entries_[at].value = std::move(value);
    return false;
  }
  append(key, std::move(value), hash);
  return true;
}

Fallible<bool> Table::set(const Value& key, Value value) {
  return set_hashed(key, std::move(value), FB_TRY(hash(key)));
}

Fallible<Value> Table::remove(const Value& key) {
  const std::uint32_t h = FB_TRY(hash(key));
  bool failed = false;
  const std::uint32_t at = locate(key, h, failed);
  if (failed) return Raised(std::string(kTooDeep));
  if (at == kNoSlot) return Value();
  Value old = std::move(entries_[at].value);
  if (old.absent()) old = Value::none();
  Value key_gone = std::move(entries_[at].key);
  --live_;
  if (live_ == 0) {
    clear();
  } else if (at + 1 == used_ && index_ == nullptr) {
    --used_;
  }
  return old;
}

void Table::clear() {
  const std::uint32_t used = used_;
  used_ = live_ = 0;
  if (index_ != nullptr) {
    std::memset(index_, 0, (index_mask_ + std::size_t{1}) * sizeof(std::uint32_t));
  }
  for (std::uint32_t i = 0; i < used; ++i) {
    entries_[i].key = Value();
    entries_[i].value = Value();
  }
}

void Table::dispose() noexcept {
  for (std::uint32_t i = 0; i < used_; ++i) entries_[i].~Entry();
  if (entries_ != nullptr) heap_.free(entries_, capacity_ * sizeof(Entry));
  if (index_ != nullptr) heap_.free(index_, (index_mask_ + std::size_t{1}) * sizeof(std::uint32_t));
}

Fallible<bool> Table::check_mutable(std::string_view verb, bool frozen) const {
  if (frozen) return Raised(fmt::format("cannot {} frozen hash table", verb));
  if (iterating_ > 0) {
    return Raised(fmt::format("cannot {} hash table during iteration", verb));
  }
  return true;
}

}  // namespace fb::starlark
