// The instruction loop. Operands are borrowed; only stores count references. Fast paths stand here,
// everything else is a call into operators.h.
#include "starlark/eval/vm.h"

#include "starlark/eval/containers.h"
#include "starlark/eval/numbers.h"
#include "starlark/eval/operators.h"
#include "starlark/eval/text.h"
#include "starlark/eval/vm_quick.h"

#include <fmt/format.h>

// Computed goto is a GNU extension; the table is worth it.
#pragma GCC diagnostic ignored "-Wpedantic"

namespace fb::starlark {
// Labels that stand for instructions are no `do` statements.
// clang-format off
Outcome Vm::run(Thread& thread) {
  static const void* const kLabels[] = {
#define X(name) &&do_##name,
      FB_STARLARK_OPCODES(X)
#undef X
  };

  Thread::Stack& stack = *thread.stack_;
  Frame* frame = stack.top;
  Frame* const entry = frame;
  const Instruction* pc = frame->pc;
  Value* R = frame->base;
  const Value* K = frame->code->constants.data();
  const Instruction* i;

// The operand: a register or a constant.
#define RK(x) (*(((x)&kConstantBit) != 0 ? &K[(x) & ~kConstantBit] : &R[x]))
#define NEXT                                       \
  do {                                             \
    i = pc++;                                      \
    goto* kLabels[static_cast<std::size_t>(i->op)]; \
  } while (false)
// For what may fail, call back or be asked where it is: the frame must know the position.
#define SAVE frame->pc = pc
#define RAISE(outcome)                   \
  do {                                   \
    raised = std::move(outcome).error(); \
    goto raise;                          \
  } while (false)
#define STORE(dest, expression)           \
  do {                                    \
    SAVE;                                 \
    Outcome outcome_ = (expression);      \
    if (!outcome_.ok()) [[unlikely]]      \
      RAISE(outcome_);                    \
    (dest) = std::move(outcome_).value(); \
  } while (false)
#define CHECK_STEPS                                                                             \
  do {                                                                                          \
    if (++thread.steps_ >= thread.step_stop_) [[unlikely]] {                                    \
      SAVE;                                                                                     \
      if (thread.step_limit_ != 0 && thread.steps_ >= thread.step_limit_ && !thread.cancelled_) \
        thread.reach_step_limit();                                                              \
      if (thread.cancelled_) {                                                                  \
        raised = cancelled(thread);                                                             \
        goto raise;                                                                             \
      }                                                                                         \
    }                                                                                           \
  } while (false)

  Raised raised{std::unique_ptr<Failure>()};
  NEXT;

do_Jump:
  pc += i->bx();
  NEXT;
do_Loop:
  pc += i->bx();
  CHECK_STEPS;
  NEXT;
do_JumpFalse:
  if (!quick_truth(R[i->a])) pc += i->bx();
  NEXT;
do_JumpTrue:
  if (quick_truth(R[i->a])) pc += i->bx();
  NEXT;
do_LoadConstant:
  R[i->a] = K[static_cast<std::uint32_t>(i->bx())];
  NEXT;
do_LoadNone:
  R[i->a] = Value::none();
  NEXT;
do_LoadTrue:
  R[i->a] = Value::boolean(true);
  NEXT;
do_LoadFalse:
  R[i->a] = Value::boolean(false);
  NEXT;
do_LoadInt:
  R[i->a] = Value::small(i->bx());
  NEXT;
do_Move:
  R[i->a] = R[i->b];
  NEXT;
do_Take:
  R[i->a] = std::move(R[i->b]);
  NEXT;
do_Clear:
  R[i->a] = Value();
  NEXT;
do_CheckLocal:
  if (R[i->a].absent()) [[unlikely]] {
    SAVE;
    raised = unassigned("local", frame->code->local_names[static_cast<std::size_t>(i->bx())].name());
    goto raise;
  }
  NEXT;
do_GetGlobal: {
  const auto slot = static_cast<std::size_t>(i->bx());
  const Value& value = frame->function->module.slots_[slot];
  if (value.absent()) [[unlikely]] {
    SAVE;
    const Program& program = *frame->code->program;
    raised = unassigned(slot < program.exported ? "global" : "local", program.globals[slot]);
    goto raise;
  }
  R[i->a] = value;
  NEXT;
}
do_SetGlobal:
  frame->function->module.slots_[static_cast<std::size_t>(i->bx())] = R[i->a];
  NEXT;
do_GetPredeclared:
  R[i->a] = frame->function->module.predeclared_[static_cast<std::size_t>(i->bx())];
  NEXT;
do_MakeCell:
  R[i->a] = Value(thread.heap().construct<Cell>(sizeof(Cell), std::move(R[i->a])));
  NEXT;
do_GetCell: {
  const Value& value = static_cast<Cell*>(R[i->b].object())->value;
  if (value.absent()) [[unlikely]] {
    SAVE;
    raised = unassigned("local", frame->code->local_names[i->b].name());
    goto raise;
  }
  R[i->a] = value;
  NEXT;
}
do_SetCell:
  static_cast<Cell*>(R[i->a].object())->value = R[i->b];
  NEXT;
do_GetFree: {
  const auto at = static_cast<std::size_t>(i->bx());
  const Value& value = static_cast<Cell*>(frame->function->cells()[at].object())->value;
  if (value.absent()) [[unlikely]] {
    SAVE;
    raised = unassigned("local", frame->code->free_names[at].name());
    goto raise;
  }
  R[i->a] = value;
  NEXT;
}

do_Add: {
  const Value& x = RK(i->b);
  const Value& y = RK(i->c);
  std::int64_t sum;
  if (quick_add(x, y, sum)) {
    R[i->a] = Value::from_bits(static_cast<std::uint64_t>(sum));
    NEXT;
  }
  STORE(R[i->a], binary(thread, BinaryOp::kAdd, x, y));
  NEXT;
}
do_Subtract: {
  const Value& x = RK(i->b);
  const Value& y = RK(i->c);
  std::int64_t difference;
  if (quick_subtract(x, y, difference)) {
    R[i->a] = Value::from_bits(static_cast<std::uint64_t>(difference));
    NEXT;
  }
  STORE(R[i->a], binary(thread, BinaryOp::kSubtract, x, y));
  NEXT;
}
do_Multiply: {
  const Value& x = RK(i->b);
  const Value& y = RK(i->c);
  std::int64_t product;
  if (both_small(x, y) && !__builtin_mul_overflow(x.as_small(), y.as_small(), &product) &&
      Value::fits_small(product)) {
    R[i->a] = Value::small(product);
    NEXT;
  }
  STORE(R[i->a], binary(thread, BinaryOp::kMultiply, x, y));
  NEXT;
}
do_FloorDivide: {
  const Value& x = RK(i->b);
  const Value& y = RK(i->c);
  if (both_small(x, y) && y.as_small() > 0) {
    const std::int64_t a = x.as_small();
    const std::int64_t b = y.as_small();
    R[i->a] = Value::small(a / b - (a % b < 0 ? 1 : 0));
    NEXT;
  }
  STORE(R[i->a], binary(thread, BinaryOp::kFloorDivide, x, y));
  NEXT;
}
do_Modulo: {
  const Value& x = RK(i->b);
  const Value& y = RK(i->c);
  if (both_small(x, y) && y.as_small() > 0) {
    const std::int64_t b = y.as_small();
    const std::int64_t rest = x.as_small() % b;
    R[i->a] = Value::small(rest < 0 ? rest + b : rest);
    NEXT;
  }
  STORE(R[i->a], binary(thread, BinaryOp::kModulo, x, y));
  NEXT;
}
do_Divide:
do_And:
do_Or:
do_Xor:
do_ShiftLeft:
do_ShiftRight:
do_In:
do_NotIn:
  STORE(R[i->a],
        binary(thread, static_cast<BinaryOp>(static_cast<int>(i->op) - static_cast<int>(Op::kAdd)),
               RK(i->b), RK(i->c)));
  NEXT;
do_AddInPlace: {
  const Value& x = RK(i->b);
  const Value& y = RK(i->c);
  std::int64_t sum;
  if (quick_add(x, y, sum)) {
    R[i->a] = Value::from_bits(static_cast<std::uint64_t>(sum));
    NEXT;
  }
  STORE(R[i->a], add_in_place(thread, R[i->a], x, y));
  NEXT;
}
do_OrInPlace:
  STORE(R[i->a], binary_in_place(thread, BinaryOp::kOr, RK(i->b), RK(i->c)));
  NEXT;
do_AndInPlace:
  STORE(R[i->a], binary_in_place(thread, BinaryOp::kAnd, RK(i->b), RK(i->c)));
  NEXT;
do_XorInPlace:
  STORE(R[i->a], binary_in_place(thread, BinaryOp::kXor, RK(i->b), RK(i->c)));
  NEXT;

// Comparisons: `holds` becomes the answer.
#define EQUALITY(wanted)             \
  const Value& x = RK(i->b);          \
  const Value& y = RK(i->c);          \
  int holds = quick_equal(x, y);     \
  if (holds < 0) [[unlikely]] {      \
    SAVE;                            \
    auto result = equal(x, y);       \
    if (!result.ok()) RAISE(result); \
    holds = result.value() ? 1 : 0;  \
  }                                  \
  const bool answer = (holds != 0) == (wanted)
#define ORDER(sign, comparison)                                                            \
  const Value& x = RK(i->b);                                                                \
  const Value& y = RK(i->c);                                                                \
  bool answer;                                                                             \
  if (both_small(x, y)) [[likely]] {                                                       \
    answer = static_cast<std::int64_t>(x.bits()) sign static_cast<std::int64_t>(y.bits()); \
  } else {                                                                                 \
    SAVE;                                                                                  \
    auto result = compare(comparison, x, y);                                               \
    if (!result.ok()) RAISE(result);                                                       \
    answer = result.value();                                                               \
  }
#define TAKE_JUMP_IF(answer) pc += (answer) == (i->a != 0) ? pc->bx() + 1 : 1

#define BOTH_WAYS(name, test)        \
  do_##name: {                       \
    test;                            \
    R[i->a] = Value::boolean(answer); \
    NEXT;                            \
  }                                  \
  do_If##name: {                     \
    test;                            \
    TAKE_JUMP_IF(answer);            \
    NEXT;                            \
  }

BOTH_WAYS(Equal, EQUALITY(true))
BOTH_WAYS(NotEqual, EQUALITY(false))
BOTH_WAYS(Less, ORDER(<, Comparison::kLess))
BOTH_WAYS(LessEqual, ORDER(<=, Comparison::kLessEqual))
BOTH_WAYS(Greater, ORDER(>, Comparison::kGreater))
BOTH_WAYS(GreaterEqual, ORDER(>=, Comparison::kGreaterEqual))

do_IfIn:
do_IfNotIn: {
  const bool wanted = i->op == Op::kIfIn;
  const Value& item = RK(i->b);
  const Value& container = RK(i->c);
  bool there;
  const String* key = string_of(item);
  if (key != nullptr && container.is_object(Kind::kDict)) {
    bool failed = false;
    there = static_cast<const Dict*>(container.object())
                ->table.find_hashed(item, key->hash(), failed) != nullptr;
  } else {
    SAVE;
    Outcome found = binary(thread, wanted ? BinaryOp::kIn : BinaryOp::kNotIn, item, container);
    if (!found.ok()) RAISE(found);
    there = std::move(found).value().as_bool() == wanted;
  }
  TAKE_JUMP_IF(there == wanted);
  goto next;
}

do_Not:
  R[i->a] = Value::boolean(!quick_truth(RK(i->b)));
  NEXT;
do_Negate:
  STORE(R[i->a], unary(thread, UnaryOp::kMinus, RK(i->b)));
  NEXT;
do_Plus:
  STORE(R[i->a], unary(thread, UnaryOp::kPlus, RK(i->b)));
  NEXT;
do_Invert:
  STORE(R[i->a], unary(thread, UnaryOp::kInvert, RK(i->b)));
  NEXT;

do_Index: {
  const Value& object = RK(i->b);
  const Value& key = RK(i->c);
  if (object.is_object(Kind::kList) && key.is_small()) {
    const auto* list = static_cast<const List*>(object.object());
    const auto at = static_cast<std::uint64_t>(key.as_small());
    if (at < list->size()) {
      R[i->a] = Value((*list)[at]);
      NEXT;
    }
  } else if (object.is_object(Kind::kDict)) {
    const String* text = string_of(key);
    if (text != nullptr || key.is_small()) {
      bool failed = false;
      const std::uint32_t h = text != nullptr ? text->hash() : hash_number(key);
      const Value* found =
          static_cast<const Dict*>(object.object())->table.find_hashed(key, h, failed);
      if (found != nullptr) {
        R[i->a] = Value(*found);
        NEXT;
      }
    }
  }
  STORE(R[i->a], index(thread, object, key));
  NEXT;
}
do_SetIndex: {
  SAVE;
  const Value& object = RK(i->a);
  const Value& key = RK(i->b);
  if (object.is_object(Kind::kDict) && (key.is_string() || key.is_small())) {
    auto* dict = static_cast<Dict*>(object.object());
    if (dict->mutable_now()) {
      const String* text = string_of(key);
      dict->table.set_hashed(key, RK(i->c), text != nullptr ? text->hash() : hash_number(key));
      goto next;
    }
  }
  Outcome done = set_index(thread, object, key, RK(i->c));
  if (!done.ok()) [[unlikely]]
    RAISE(done);
  goto next;
}
do_Slice:
  STORE(R[i->a], slice(thread, R[i->b], R[i->c], R[i->c + 1], R[i->c + 2]));
  NEXT;
do_Attribute: {
  const Value& object = RK(i->b);
  const Symbol name = frame->code->names[i->c];
  if (object.is_object(Kind::kStruct)) {
    if (const Value* field = static_cast<const Struct*>(object.object())->find(name)) {
      R[i->a] = Value(*field);
      NEXT;
    }
  }
  STORE(R[i->a], attribute(thread, object, name));
  NEXT;
}
do_SetAttribute: {
  SAVE;
  Outcome done = set_attribute(thread, RK(i->a), frame->code->names[i->c], RK(i->b));
  if (!done.ok()) [[unlikely]]
    RAISE(done);
  goto next;
}
do_Method: {
  const Symbol name = frame->code->names[i->c];
  Value object = RK(i->b);
  if (const BuiltinInfo* found = method(object, name)) {
    R[i->a] = Value::from_bits(reinterpret_cast<std::uint64_t>(found) | kMethodTag);
    R[i->a + 1] = std::move(object);
    goto next;
  }
  STORE(R[i->a], attribute(thread, object, name));
  R[i->a + 1] = Value();
  goto next;
}

do_MakeTuple: {
  Tuple* tuple = Tuple::create(thread.heap(), i->c);
  for (std::size_t n = 0; n < i->c; ++n) tuple->data()[n] = std::move(R[i->b + n]);
  R[i->a] = Value(tuple);
  NEXT;
}
do_MakeList: {
  List* list = List::create(thread.heap(), i->c);
  for (std::size_t n = 0; n < i->c; ++n) list->append(std::move(R[i->b + n]));
  R[i->a] = Value(list);
  NEXT;
}
do_MakeDict: {
  Dict* dict = Dict::create(thread.heap());
  if (i->b > 0) dict->table.reserve(i->b);
  R[i->a] = Value(dict);
  NEXT;
}
do_DictUnique: {
  SAVE;
  const Value& key = RK(i->b);
  Table& table = static_cast<Dict*>(R[i->a].object())->table;
  bool is_new;
  if (const String* text = string_of(key)) {
    is_new = table.set_hashed(key, RK(i->c), text->hash());
  } else {
    auto fresh = table.set(key, RK(i->c));
    if (!fresh.ok()) [[unlikely]]
      RAISE(fresh);
    is_new = fresh.value();
  }
  if (!is_new) [[unlikely]] {
    raised = Raised(fmt::format("duplicate key: {}", repr(key)));
    goto raise;
  }
  goto next;
}
do_DictSet: {
  SAVE;
  auto done = static_cast<Dict*>(R[i->a].object())->table.set(RK(i->b), RK(i->c));
  if (!done.ok()) [[unlikely]]
    RAISE(done);
  goto next;
}
do_Append:
  static_cast<List*>(R[i->a].object())->append(RK(i->b));
  NEXT;
do_ListToTuple:
  R[i->a] = thread.heap().tuple(static_cast<List*>(R[i->a].object())->items());
  NEXT;
do_Unpack: {
  SAVE;
  Outcome done = unpack(thread, RK(i->a), &R[i->b], i->c);
  if (!done.ok()) [[unlikely]]
    RAISE(done);
  goto next;
}

do_Iterate:
  STORE(R[i->a], make_iterator(thread.heap(), RK(i->b)));
  NEXT;
do_Next: {
  auto* iterator = static_cast<Iterator*>(R[i->a].object());
  if (iterator->source_kind == Kind::kRange) {
    const auto* range = static_cast<const Range*>(iterator->source.object());
    if (iterator->at < range->size) {
      R[i->b] = Value::small(range->at(iterator->at++));
      ++pc;
      goto next;
    }
  } else if (iterator->source_kind == Kind::kList) {
    const auto* list = static_cast<const List*>(iterator->source.object());
    const auto at = static_cast<std::size_t>(iterator->at);
    if (at < list->size()) {
      ++iterator->at;
      R[i->b] = (*list)[at];
      ++pc;
      goto next;
    }
  } else {
    SAVE;
    Outcome item = iterator->next(thread);
    if (!item.ok()) [[unlikely]]
      RAISE(item);
    Value value = std::move(item).value();
    if (!value.absent()) {
      R[i->b] = std::move(value);
      ++pc;
      goto next;
    }
  }
  R[i->a] = Value();
  pc += pc->bx() + 1;
  goto next;
}
do_MakeFunction:
  STORE(R[i->a], make_function(thread, *frame,
                              frame->code->program->functions[static_cast<std::size_t>(i->bx())],
                              &R[i->a], frame->function->module));
  NEXT;

do_Call: {
  SAVE;
  Value& callee = R[i->a];
  Value* const args = &R[i->a + 2];
  const bool more = (i->b & kKeywordsBit) != 0;
  const std::size_t positional = i->b & ~kKeywordsBit;
  const CallSite* site = i->c == kNoSite ? nullptr : &frame->code->sites[i->c];
  if (callee.is_object(Kind::kFunction) && !(more && (site->star || site->star_star))) {
    Frame* next = stack.push();
    const auto names = more ? std::span<const Symbol>(site->names) : std::span<const Symbol>();
    Outcome entered = enter(thread, *next, *static_cast<Function*>(callee.object()), args,
                            positional, names, site);
    if (!entered.ok()) [[unlikely]]
      RAISE(entered);
    frame = next;
    pc = frame->pc;
    R = frame->base;
    K = frame->code->constants.data();
    goto next;
  }
  std::size_t used = positional;
  Outcome result = Value();
  if (more && (site->star || site->star_star)) {
    used += site->names.size() + (site->star ? 1 : 0) + (site->star_star ? 1 : 0);
    result = call_spread(thread, callee, R[i->a + 1], args, *site);
  } else {
    if (more) used += site->names.size();
    Arguments arguments{{args, positional}, {}, {}, site};
    if (more) {
      arguments.names = site->names;
      arguments.named = {args + positional, site->names.size()};
    }
    if ((callee.bits() & 7) == kMethodTag) {
      result = call_builtin(
          thread, *reinterpret_cast<const BuiltinInfo*>(callee.bits() & ~std::uint64_t{7}),
          R[i->a + 1], arguments);
    } else if (callee.is_object(Kind::kBuiltin)) {
      const auto* builtin = static_cast<const Builtin*>(callee.object());
      result = call_builtin(thread, builtin->info, builtin->self, arguments);
    } else {
      result = call(thread, callee, arguments);
    }
  }
  if (!result.ok()) [[unlikely]]
    RAISE(result);
  for (std::size_t n = 0; n < used; ++n) args[n] = Value();
  R[i->a + 1] = Value();
  R[i->a] = std::move(result).value();
  goto next;
}
do_Return: {
  Value result = (i->a & kConstantBit) != 0 ? K[i->a & ~kConstantBit] : std::move(R[i->a]);
  for (Value *v = R, *end = frame->top; v != end; ++v) *v = Value();
  Frame* const done = frame;
  stack.pop();
  if (done == entry) return result;
  frame = stack.top;
  pc = frame->pc;
  R = frame->base;
  K = frame->code->constants.data();
  R[pc[-1].a] = std::move(result);
  goto next;
}
do_Load: {
  SAVE;
  const LoadSite& site = frame->code->program->loads[static_cast<std::size_t>(i->bx())];
  Outcome done = thread.interpreter_.load(thread, site, frame->function->module);
  if (!done.ok()) [[unlikely]]
    RAISE(done);
  goto next;
}

next:  // from blocks whose variables have destructors: an indirect goto would not run them
  NEXT;

raise:
  raised = located(thread, std::move(raised));
  stack.unwind_to(entry->previous);
  return raised;
}

// clang-format on

}  // namespace fb::starlark
