#include "starlark/eval/heap.h"

#include "core/base/check.h"
#include "starlark/eval/host_object.h"

#include <cstdlib>
#include <cstring>
#include <vector>

namespace fb::starlark {
namespace {

constexpr std::size_t kSlabSize = std::size_t{64} * 1024;
constexpr std::size_t kSparedSlabs = 64;  // kept for the next Heap: executions follow each other

std::vector<void*>& spare_slabs() {
  static auto* spared = new std::vector<void*>;
  return *spared;
}

}  // namespace

struct Heap::Slab {
  Heap* heap;
  Slab* next;
};
struct alignas(16) Heap::Block {
  Heap* heap;
  Block* next;
  Block* previous;
  std::size_t size;
};

Heap::Heap() = default;

Heap::~Heap() {
  // Host objects first: their Values still point to living memory. One that another still holds is
  // destroyed already when its count drops; `destroyed_` keeps that from happening twice.
  while (hosts_ != nullptr) {
    HostObject* host = hosts_;
    hosts_ = host->next_;
    if (hosts_ != nullptr) hosts_->previous_ = nullptr;
    host->destroyed_ = true;
    host->references_ = Object::kImmortal;
    host->~HostObject();
  }
  while (blocks_ != nullptr) {
    Block* block = blocks_;
    blocks_ = block->next;
    std::free(block);
  }
  while (slabs_ != nullptr) {
    Slab* slab = slabs_;
    slabs_ = slab->next;
    if (spare_slabs().size() < kSparedSlabs) {
      spare_slabs().push_back(slab);
    } else {
      std::free(slab);
    }
  }
}

void* Heap::allocate_from_slab(std::size_t size_class) {
  const std::size_t size = size_class * kGrain;
  if (bump_ == nullptr || static_cast<std::size_t>(bump_end_ - bump_) < size) {
    void* memory;
    if (!spare_slabs().empty()) {
      memory = spare_slabs().back();
      spare_slabs().pop_back();
    } else {
      memory = std::aligned_alloc(kSlabSize, kSlabSize);
      FB_CHECK(memory != nullptr);
    }
    auto* slab = new (memory) Slab{this, slabs_};
    slabs_ = slab;
    bump_ = static_cast<char*>(memory) + sizeof(Slab);
    bump_end_ = static_cast<char*>(memory) + kSlabSize;
  }
  void* cell = bump_;
  bump_ += size;
  return cell;
}

void* Heap::allocate_block(std::size_t size) {
  auto* block = static_cast<Block*>(std::malloc(sizeof(Block) + size));
  FB_CHECK(block != nullptr);
  block->heap = this;
  block->size = size;
  block->previous = nullptr;
  block->next = blocks_;
  if (blocks_ != nullptr) blocks_->previous = block;
  blocks_ = block;
  bytes_in_use_ += size;
  return block + 1;
}

void Heap::free_block(void* memory) noexcept {
  Block* block = static_cast<Block*>(memory) - 1;
  bytes_in_use_ -= block->size;
  if (block->next != nullptr) block->next->previous = block->previous;
  (block->previous != nullptr ? block->previous->next : blocks_) = block->next;
  std::free(block);
}

void* Heap::resize(void* memory, std::size_t old_size, std::size_t new_size) {
  if (memory == nullptr) return allocate(new_size);
  if (!is_block(old_size) || !is_block(new_size)) {
    void* moved = allocate(new_size);
    std::memcpy(moved, memory, old_size < new_size ? old_size : new_size);
    free(memory, old_size);
    return moved;
  }
  Block* block = static_cast<Block*>(memory) - 1;
  bytes_in_use_ += new_size - block->size;
  block = static_cast<Block*>(std::realloc(static_cast<void*>(block), sizeof(Block) + new_size));
  FB_CHECK(block != nullptr);
  block->size = new_size;
  if (block->next != nullptr) block->next->previous = block;
  (block->previous != nullptr ? block->previous->next : blocks_) = block;
  return block + 1;
}

Heap& Heap::of(const Object& object) {
  if ((object.flags_ & Object::kLargeFlag) != 0) {
    return *(reinterpret_cast<const Block*>(&object) - 1)->heap;
  }
  const auto address = reinterpret_cast<std::uintptr_t>(&object);
  return *reinterpret_cast<const Slab*>(address & ~(std::uintptr_t{kSlabSize} - 1))->heap;
}

void Heap::make_immortal(const Value& value) {
  if (value.is_object()) {
    value.object()->references_ = Object::kImmortal;
    value.object()->flags_ |= Object::kFrozenFlag;
  }
}

void Heap::adopt(HostObject* object, void* memory, std::size_t size) {
  object->heap_ = this;
  object->memory_ = memory;
  object->size_ = static_cast<std::uint32_t>(size);
  object->next_ = hosts_;
  if (hosts_ != nullptr) hosts_->previous_ = object;
  hosts_ = object;
}

}  // namespace fb::starlark
