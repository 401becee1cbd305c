// Calls: how arguments become parameters, for functions and builtins.
#include "core/base/check.h"
#include "starlark/eval/containers.h"
#include "starlark/eval/operators.h"
#include "starlark/eval/text.h"
#include "starlark/eval/vm.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

// A switch here names the kinds it knows.
#pragma GCC diagnostic ignored "-Wswitch-enum"

namespace fb::starlark {
namespace {

constexpr std::size_t kChunkRegisters = 4096;
constexpr std::size_t kMaxFrames = 100'000;

}  // namespace

Thread::Stack::Stack() = default;

Thread::Stack::~Stack() {
  unwind_to(&bottom);
  for (Frame* frame = bottom.next; frame != nullptr;) {
    Frame* next = frame->next;
    delete frame;
    frame = next;
  }
  for (const RegisterChunk& chunk : chunks) {
    for (Value* v = chunk.begin; v != chunk.end; ++v) v->~Value();
    std::free(chunk.begin);
  }
}

Frame* Thread::Stack::grow() {
  auto* frame = new Frame;
  frame->previous = top;
  top->next = frame;
  return frame;
}

void Thread::Stack::place_in_next_chunk(Frame& frame, Value* wanted, std::size_t registers,
                                        std::size_t used) {
  const bool first = frame.limit == nullptr;
  std::size_t next = first ? 0 : frame.chunk + 1;
  while (next < chunks.size() &&
         static_cast<std::size_t>(chunks[next].end - chunks[next].begin) < registers) {
    ++next;
  }
  if (next == chunks.size()) {
    const std::size_t size = std::max(kChunkRegisters, registers);
    auto* memory = static_cast<Value*>(std::calloc(size, sizeof(Value)));
    FB_CHECK(memory != nullptr);
    chunks.push_back({memory, memory + size});
  }
  frame.chunk = next;
  frame.limit = chunks[next].end;
  frame.base = chunks[next].begin;
  for (std::size_t i = 0; i < used; ++i) frame.base[i] = std::move(wanted[i]);
}

void Thread::Stack::unwind_to(Frame* frame) {
  while (top != frame) {
    if (top->code != nullptr) {
      for (Value* v = top->base; v != top->top; ++v) *v = Value();
    }
    pop();
  }
}

Raised Vm::cancelled(Thread& thread) {
  Raised raised("Starlark computation cancelled: " + thread.cancel_reason_, Code::kCancelled);
  raised.failure().payload = thread.cancel_payload_;
  return raised;
}

Raised Vm::located(Thread& thread, Raised raised) {
  Failure& failure = raised.failure();
  if (!failure.located) capture_stack(thread, failure);
  return raised;
}

Outcome Vm::call_builtin(Thread& thread, const BuiltinInfo& info, const Value& self,
                         const Arguments& arguments) {
  Thread::Stack& stack = *thread.stack_;
  Frame* frame = stack.push();
  frame->code = nullptr;
  frame->builtin = &info;
  Outcome result = run_builtin(thread, info, self, arguments);
  if (!result.ok()) [[unlikely]] {
    Raised raised = std::move(result).error();
    if (!raised.failure().located) {
      raised.failure().builtin = std::string(info.def->name);
      capture_stack(thread, raised.failure());
    }
    stack.unwind_to(frame->previous);
    return raised;
  }
  stack.pop();
  return result;
}

// Recursion, depth, cancellation: asked at every call of a function.
Outcome Vm::check_call(Thread& thread, const Frame& frame, const FunctionCode& code) {
  if (++thread.steps_ >= thread.step_stop_) [[unlikely]] {
    if (thread.step_limit_ != 0 && thread.steps_ >= thread.step_limit_ && !thread.cancelled_) {
      thread.reach_step_limit();
    }
    if (thread.cancelled_) return cancelled(thread);
  }
  if (!code.program->recursion) {
    for (const Frame* f = frame.previous; f != nullptr; f = f->previous) {
      if (f->code == &code) {
        return Raised(fmt::format("function {} called recursively", code.name));
      }
    }
  }
  if (thread.stack_->depth > kMaxFrames) return Raised("Starlark stack overflow");
  return Value::none();
}

// Makes `frame` (just pushed) ready to run `function` with the arguments at args: positional ones,
// then those of `names`. They are moved from.
Outcome Vm::enter(Thread& thread, Frame& frame, Function& function, Value* args,
                  std::size_t positional, std::span<const Symbol> names, const CallSite* site) {
  const FunctionCode& code = function.code;
  frame.code = &code;
  frame.function = &function;
  thread.stack_->place(
      frame, args, code.registers,
      positional + names.size() > code.registers ? code.registers : positional + names.size());
  if (auto checked = check_call(thread, frame, code); !checked.ok()) [[unlikely]] {
    return std::move(checked).error();
  }
  if (positional == code.parameters.size() && names.empty() && positional == code.positional)
      [[likely]] {
    for (std::size_t i = positional; i < code.locals; ++i) frame.base[i] = Value();
  } else if (auto bound = bind(thread, frame, function, args, positional, names, site);
             !bound.ok()) {
    return std::move(bound).error();
  }
  frame.pc = code.code.data();
  return Value::none();
}

namespace {

constexpr std::size_t kFewNames = 16;

std::string plural(std::size_t n, std::string_view word) {
  return fmt::format("{} {}{}", n, word, n == 1 ? "" : "s");
}

}  // namespace

Outcome Vm::bind(Thread& thread, Frame& frame, Function& function, Value* args,
                 std::size_t positional, std::span<const Symbol> names, const CallSite* site) {
  const FunctionCode& code = function.code;
  Value* const base = frame.base;
  Heap& heap = thread.heap();
  const std::size_t fixed = code.fixed();
  // Fast: the same call site called the same code before, with no *args or **kwargs to fill.
  if (site != nullptr && site->callee == &code && names.size() <= kFewNames && args == base) {
    std::uint64_t named[kFewNames];  // words: nothing to build or destroy where no name is
    for (std::size_t i = 0; i < names.size(); ++i) named[i] = base[positional + i].release_bits();
    for (std::size_t i = positional; i < code.locals; ++i) base[i] = Value();
    for (std::size_t i = 0; i < names.size(); ++i) {
      base[site->slots[i]] = Value::from_bits(named[i]);
    }
  } else {
    std::vector<Value> given(positional + names.size());
    Value* const from = args;
    for (std::size_t i = 0; i < given.size(); ++i) {
      // A part may have been moved along into another chunk.
      given[i] = args != base && i < code.registers ? std::move(base[i]) : std::move(from[i]);
    }
    for (std::size_t i = 0; i < code.locals; ++i) base[i] = Value();
    if (positional > code.positional && !code.has_args) {
      const std::string takes =
          code.fixed() == 0 ? "no arguments"
          : function.defaults().empty() || code.first_default >= code.positional
              ? plural(code.positional, "positional argument")
              : "at most " + plural(code.positional, "positional argument");
      return Raised(fmt::format("function {} accepts {} ({} given)", code.name, takes, positional));
    }
    const std::size_t direct = std::min<std::size_t>(positional, code.positional);
    for (std::size_t i = 0; i < direct; ++i) base[i] = std::move(given[i]);
    if (code.has_args) {
      const std::span<const Value> rest(given.data() + direct, positional - direct);
      base[fixed] = heap.tuple(rest);
    }
    Dict* kwargs = nullptr;
    if (code.has_kwargs) {
      kwargs = Dict::create(heap);
      base[fixed + (code.has_args ? 1 : 0)] = Value(kwargs);
    }
    std::vector<std::uint16_t> map;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto known =
          std::find(code.parameters.begin(),
                    code.parameters.begin() + static_cast<std::ptrdiff_t>(fixed), names[i]);
      const auto at = static_cast<std::size_t>(known - code.parameters.begin());
      if (at < fixed) {
        if (!base[at].absent()) {
          return Raised(fmt::format("function {} got multiple values for parameter {}", code.name,
                                    repr(names[i].value())));
        }
        base[at] = std::move(given[positional + i]);
        map.push_back(static_cast<std::uint16_t>(at));
      } else if (kwargs == nullptr) {
        return Raised(fmt::format("function {} got an unexpected keyword argument {}", code.name,
                                  repr(names[i].value())));
      } else if (!kwargs->table.set_hashed(names[i].value(), std::move(given[positional + i]),
                                           names[i].string()->hash())) {
        return Raised(fmt::format("function {} got multiple values for parameter {}", code.name,
                                  repr(names[i].value())));
      }
    }
    if (site != nullptr && !code.has_args && !code.has_kwargs && map.size() == site->names.size() &&
        !site->star && !site->star_star) {
      site->callee = &code;
      std::copy(map.begin(), map.end(), site->slots.begin());
    }
  }
  const std::size_t filled = std::min<std::size_t>(positional, code.positional);
  if (filled < fixed) {
    const auto defaults = function.defaults();
    std::string missing;
    std::size_t count = 0;
    for (std::size_t i = filled; i < fixed; ++i) {
      if (!base[i].absent()) continue;
      if (i >= code.first_default && !defaults[i - code.first_default].absent()) {
        base[i] = defaults[i - code.first_default];
        continue;
      }
      if (++count > 1) missing += ", ";
      missing += code.parameters[i].name();
    }
    if (count > 0) {
      return Raised(fmt::format("function {} missing {} ({})", code.name, plural(count, "argument"),
                                missing));
    }
  }
  return Value::none();
}

// A call with *args or **kwargs: everything is collected first.
Outcome Vm::call_spread(Thread& thread, const Value& callee, const Value& self, Value* args,
                        const CallSite& site) {
  std::vector<Value> positional(args, args + site.positional);
  std::vector<Value> named;
  std::vector<Symbol> names(site.names.begin(), site.names.end());
  Value* next = args + site.positional;
  for (std::size_t i = 0; i < site.names.size(); ++i) named.push_back(*next++);
  if (site.star) {
    const Value& rest = *next++;
    if (!is_iterable(rest)) {
      return Raised(fmt::format("argument after * must be iterable, not {}", rest.type_name()));
    }
    for (Value& item : FB_TRY(items_of(thread, rest))) positional.push_back(std::move(item));
  }
  if (site.star_star) {
    const Value& rest = *next++;
    const auto* dict = rest.as<Dict>();
    if (dict == nullptr) {
      return Raised(fmt::format("argument after ** must be a mapping, not {}", rest.type_name()));
    }
    for (const Table::Entry& entry : dict->table.entries()) {
      if (entry.key.absent()) continue;
      if (!entry.key.is_string()) {
        return Raised(fmt::format("keywords must be strings, not {}", entry.key.type_name()));
      }
      names.push_back(symbol_of(entry.key));
      named.push_back(entry.value);
    }
  }
  const Arguments arguments{positional, names, named, nullptr};
  if ((callee.bits() & 7) == kMethodTag) {
    return call_builtin(thread,
                        *reinterpret_cast<const BuiltinInfo*>(callee.bits() & ~std::uint64_t{7}),
                        self, arguments);
  }
  return call(thread, callee, arguments);
}

// From C++, or for what the loop does not do itself.
Outcome Vm::call(Thread& thread, const Value& callee, const Arguments& arguments) {
  switch (callee.kind()) {
    case Kind::kBuiltin: {
      const auto* builtin = static_cast<const Builtin*>(callee.object());
      const Value self = builtin->self;
      return call_builtin(thread, builtin->info, self, arguments);
    }
    case Kind::kHost: {
      const BuiltinDef* def = callee.as<HostObject>()->call_signature();
      if (def == nullptr) break;
      const Value self = callee;
      return call_builtin(thread, prepare(*def), self, arguments);
    }
    case Kind::kFunction: {
      const Value keep = callee;  // the caller may let go of it meanwhile
      auto* function = static_cast<Function*>(callee.object());
      Thread::Stack& stack = *thread.stack_;
      const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
      if (thread.native_depth_ == 0) thread.native_base_ = here;
      const std::uintptr_t used =
          thread.native_base_ > here ? thread.native_base_ - here : here - thread.native_base_;
      if (used > thread.native_stack_limit_) return Raised("Starlark stack overflow");
      Frame* frame = stack.push();
      frame->entry = true;
      // The values go where a caller's temporaries would be.
      const std::size_t given = arguments.positional.size() + arguments.named.size();
      const std::size_t room = std::max<std::size_t>(given, function->code.registers);
      stack.place(*frame, frame->top, room, 0);
      Value* to = frame->base;
      for (const Value& value : arguments.positional) *to++ = value;
      for (const Value& value : arguments.named) *to++ = value;
      Value* const at = frame->base;
      Outcome entered = enter(thread, *frame, *function, at, arguments.positional.size(),
                              arguments.names, nullptr);
      // What did not fit the function's registers was moved away by bind().
      if (!entered.ok()) {
        Raised raised = located(thread, std::move(entered).error());
        frame->top = std::max(frame->top, at + room);
        stack.unwind_to(frame->previous);
        return raised;
      }
      ++thread.native_depth_;
      Outcome result = run(thread);
      --thread.native_depth_;
      return result;
    }
    default:
      break;
  }
  return Raised(fmt::format("invalid call of non-function ({})", callee.type_name()));
}

Outcome Vm::run_toplevel(Thread& thread, Function& toplevel) {
  return call(thread, Value(&toplevel), Arguments{});
}

std::vector<CallFrame> Vm::stack(const Thread& thread) {
  std::vector<CallFrame> frames;
  for (const Frame* f = thread.stack_->top; f != &thread.stack_->bottom; f = f->previous) {
    CallFrame frame;
    if (f->code == nullptr) {
      frame.builtin = true;
      frame.function = std::string(f->builtin->def->name);
      frame.location = Location{"<builtin>", {}};
    } else {
      frame.function = std::string(f->code->name);
      frame.location.file = f->code->program->path();
      frame.location.position =
          f->pc == nullptr ? f->code->entry_position : f->code->position_at(f->pc - 1);
    }
    frames.push_back(std::move(frame));
  }
  std::reverse(frames.begin(), frames.end());
  return frames;
}

void Vm::capture_stack(const Thread& thread, Failure& failure) {
  failure.stack = stack(thread);
  failure.located = true;
  // The failing builtin itself is told by the last line.
  if (!failure.stack.empty() && failure.stack.back().builtin && !failure.builtin.empty()) {
    failure.stack.pop_back();
  }
}

Thread::Thread(Interpreter& interpreter, std::string name)
    : interpreter_(interpreter), name_(std::move(name)), stack_(new Stack) {}
Thread::~Thread() {
  delete stack_;
}

Heap& Thread::heap() const {
  return interpreter_.heap();
}

Outcome Thread::call(const Value& function, std::span<const Value> arguments,
                     std::span<const std::pair<Symbol, Value>> keywords) {
  std::vector<Symbol> names;
  std::vector<Value> named;
  for (const auto& [name, value] : keywords) {
    names.push_back(name);
    named.push_back(value);
  }
  Outcome result = Vm::call(*this, function, Arguments{arguments, names, named, nullptr});
  if (result.ok()) return result;
  // A call that failed before it began (of a non-function) is located here.
  Raised raised = std::move(result).error();
  if (!raised.failure().located && stack_->top == &stack_->bottom) {
    Vm::capture_stack(*this, raised.failure());
  }
  return raised;
}

void Thread::cancel(std::string why, std::shared_ptr<const FailurePayload> payload) {
  if (cancelled_) return;
  cancelled_ = true;
  cancel_reason_ = std::move(why);
  cancel_payload_ = std::move(payload);
  step_stop_ = 0;
}

void Thread::reach_step_limit() {
  if (on_step_limit) on_step_limit(*this);
  if (!cancelled_ && step_limit_ != 0 && steps_ >= step_limit_) cancel("too many steps");
}

void Thread::uncancel() {
  cancelled_ = false;
  cancel_payload_ = nullptr;
  step_stop_ = step_limit_ == 0 ? kNoLimit : step_limit_;
}

void Thread::set_step_limit(std::uint64_t limit) {
  step_limit_ = limit;
  if (!cancelled_) step_stop_ = limit == 0 ? kNoLimit : limit;
}

std::vector<CallFrame> Thread::stack() const {
  return Vm::stack(*this);
}

std::optional<Location> Thread::location() const {
  for (const Frame* f = stack_->top; f != &stack_->bottom; f = f->previous) {
    if (f->code == nullptr) continue;
    return Location{f->code->program->path(),
                    f->pc == nullptr ? f->code->entry_position : f->code->position_at(f->pc - 1)};
  }
  return std::nullopt;
}

const std::string* Thread::source() const {
  for (const Frame* f = stack_->top; f != &stack_->bottom; f = f->previous) {
    if (f->code != nullptr) return &f->code->program->source();
  }
  return nullptr;
}

}  // namespace fb::starlark
