#include "starlark/eval/heap.h"

#include "core/base/check.h"
#include "starlark/eval/containers.h"
#include "starlark/eval/host_object.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/text.h"

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

Value Heap::string(std::string_view text) {
  if (text.size() <= 1) {
    return text.empty() ? empty_string() : byte_string(static_cast<unsigned char>(text[0]));
  }
  String* s = String::create(*this, Kind::kString, text.size());
  std::memcpy(s->mutable_data(), text.data(), text.size());
  return Value(s);
}

Value Heap::bytes(std::string_view bytes) {
  String* s = String::create(*this, Kind::kBytes, bytes.size());
  std::memcpy(s->mutable_data(), bytes.data(), bytes.size());
  return Value(s);
}

Value Heap::number(double value) {
  return Value(construct<Float>(sizeof(Float), value));
}

Value Heap::tuple(std::span<const Value> items) {
  Tuple* tuple = Tuple::create(*this, items.size());
  for (std::size_t i = 0; i < items.size(); ++i) tuple->data()[i] = items[i];
  return Value(tuple);
}

Value Heap::list(std::span<const Value> items) {
  List* list = List::create(*this, items.size());
  Value result(list);
  for (const Value& item : items) list->append(item);
  return result;
}

Value Heap::dict() {
  return Value(Dict::create(*this));
}
Value Heap::set() {
  return Value(Set::create(*this));
}
Value Heap::structure(std::span<const std::pair<Symbol, Value>> fields) {
  return Value(Struct::create(*this, Value(), fields));
}
Value Heap::module(std::string_view name, std::span<const std::pair<Symbol, Value>> members) {
  return Value(ModuleValue::create(*this, Symbol(name), members));
}

namespace {

void drop_all(Value* values, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) values[i].~Value();
}

}  // namespace

// Nested containers are released by a work list, not by recursion: a list of lists of lists may be
// deeper than any stack.
void release_object(Object* object) noexcept {
  static std::vector<Object*> pending;
  static bool busy = false;
  const Kind kind = object->kind_;
  if (kind == Kind::kString || kind == Kind::kBytes) {
    auto* s = static_cast<String*>(object);
    return Heap::of(*object).free(object, String::kHeadSize + s->capacity_);
  }
  if (kind == Kind::kFloat) return Heap::of(*object).free(object, sizeof(Float));
  if (busy) {
    pending.push_back(object);
    return;
  }
  busy = true;
  for (;;) {
    Heap& heap =
        object->kind_ == Kind::kHost ? *static_cast<HostObject*>(object)->heap_ : Heap::of(*object);
    switch (object->kind_) {
      case Kind::kBigInt:
        heap.free(object, sizeof(BigInt) + static_cast<BigInt*>(object)->limbs().size_bytes());
        break;
      case Kind::kTuple: {
        auto* tuple = static_cast<Tuple*>(object);
        const std::size_t size = tuple->size_;
        drop_all(tuple->data(), size);
        heap.free(tuple, sizeof(Tuple) + size * sizeof(Value));
        break;
      }
      case Kind::kList: {
        auto* list = static_cast<List*>(object);
        drop_all(list->data_, list->size_);
        if (list->data_ != nullptr) heap.free(list->data_, list->capacity_ * sizeof(Value));
        heap.free(list, sizeof(List));
        break;
      }
      case Kind::kDict:
        static_cast<Dict*>(object)->table.dispose();
        heap.free(object, sizeof(Dict));
        break;
      case Kind::kSet:
        static_cast<Set*>(object)->table.dispose();
        heap.free(object, sizeof(Set));
        break;
      case Kind::kRange:
        heap.free(object, sizeof(Range));
        break;
      case Kind::kStruct: {
        auto* s = static_cast<Struct*>(object);
        const std::size_t size = s->size_;
        for (std::size_t i = 0; i < size; ++i) s->data()[i].second.~Value();
        s->constructor_.~Value();
        heap.free(s, sizeof(Struct) + size * sizeof(Struct::Field));
        break;
      }
      case Kind::kModule: {
        auto* m = static_cast<ModuleValue*>(object);
        const std::size_t size = m->size_;
        for (std::size_t i = 0; i < size; ++i) m->data()[i].second.~Value();
        heap.free(m, sizeof(ModuleValue) + size * sizeof(ModuleValue::Member));
        break;
      }
      case Kind::kFunction: {
        auto* f = static_cast<Function*>(object);
        const std::size_t size = f->defaults().size() + f->cells().size();
        drop_all(f->defaults().data(), size);
        heap.free(f, sizeof(Function) + size * sizeof(Value));
        break;
      }
      case Kind::kBuiltin:
        static_cast<Builtin*>(object)->self.~Value();
        heap.free(object, sizeof(Builtin));
        break;
      case Kind::kStringElems:
      case Kind::kBytesElems:
        static_cast<StringElems*>(object)->text.~Value();
        heap.free(object, sizeof(StringElems));
        break;
      case Kind::kHost: {
        auto* host = static_cast<HostObject*>(object);
        if (host->destroyed_) break;
        host->destroyed_ = true;
        if (host->next_ != nullptr) host->next_->previous_ = host->previous_;
        (host->previous_ != nullptr ? host->previous_->next_ : heap.hosts_) = host->next_;
        void* memory = host->memory_;
        const std::size_t size = host->size_;
        host->~HostObject();
        heap.free(memory, size);
        break;
      }
      case Kind::kCell:
        static_cast<Cell*>(object)->value.~Value();
        heap.free(object, sizeof(Cell));
        break;
      case Kind::kIterator:
        static_cast<Iterator*>(object)->~Iterator();
        heap.free(object, sizeof(Iterator));
        break;
      case Kind::kString:
      case Kind::kBytes:
      case Kind::kFloat:
      case Kind::kAbsent:
      case Kind::kNone:
      case Kind::kBool:
      case Kind::kInt:
        break;
    }
    if (pending.empty()) break;
    object = pending.back();
    pending.pop_back();
  }
  busy = false;
}

}  // namespace fb::starlark
