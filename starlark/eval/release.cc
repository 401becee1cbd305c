// The end of objects: what each kind gives back when its last reference is gone.
#include "starlark/eval/containers.h"
#include "starlark/eval/heap.h"
#include "starlark/eval/host_object.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/text.h"

#include <vector>

namespace fb::starlark {

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
