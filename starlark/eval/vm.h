// The machine under Thread: frames, register windows, the instruction loop. Private to eval/.
//
// Each frame's registers are a window on a chunk of memory that never moves; the window of a callee
// begins at its arguments, in the caller's temporaries. Starlark calls push a frame and go on in
// the same loop; only a builtin that calls back starts another loop (counted, limited).
#pragma once
#include "starlark/eval/binder.h"
#include "starlark/eval/interpreter.h"
#include "starlark/eval/objects.h"
#include "starlark/eval/program.h"
#include "starlark/eval/thread.h"

#include <cstdint>
#include <span>
#include <vector>

namespace fb::starlark {

// A method in a register pair (see Op::kMethod): the BuiltinInfo's address with this tag; never
// seen outside.
inline constexpr std::uint64_t kMethodTag = 4;

struct RegisterChunk {
  Value* begin;
  Value* end;
};

struct Frame {
  Frame* previous = nullptr;
  Frame* next = nullptr;               // kept for the next call
  const FunctionCode* code = nullptr;  // null: a builtin
  const BuiltinInfo* builtin = nullptr;
  const Instruction* pc = nullptr;  // after the instruction in progress; null: not started
  Value* base = nullptr;
  Value* top = nullptr;    // where registers of later frames may begin
  Value* limit = nullptr;  // end of the chunk
  std::size_t chunk = 0;
  Function* function = nullptr;
  bool entry = false;  // the loop that runs it ends with it
};

struct Thread::Stack {
  Stack();
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  // A frame on top, without registers yet.
  Frame* push() {
    Frame* frame = top->next != nullptr ? top->next : grow();
    frame->chunk = top->chunk;
    frame->limit = top->limit;
    frame->base = frame->top = top->top;
    frame->pc = nullptr;
    frame->entry = false;
    top = frame;
    ++depth;
    return frame;
  }
  void pop() {
    top = top->previous;
    --depth;
  }
  Frame* grow();
  // Registers for the frame on top, beginning at `wanted` when the chunk has room there, else in
  // the next chunk with the `used` values at `wanted` moved along.
  void place(Frame& frame, Value* wanted, std::size_t registers, std::size_t used) {
    if (static_cast<std::size_t>(frame.limit - wanted) >= registers) {
      frame.base = wanted;
    } else {
      place_in_next_chunk(frame, wanted, registers, used);
    }
    frame.top = frame.base + registers;
  }
  void place_in_next_chunk(Frame& frame, Value* wanted, std::size_t registers, std::size_t used);
  // Drops every frame above `frame` and their registers.
  void unwind_to(Frame* frame);

  Frame bottom;
  Frame* top = &bottom;
  std::size_t depth = 0;
  std::vector<RegisterChunk> chunks;
};

struct Vm {
  static Outcome call(Thread& thread, const Value& function, const Arguments& arguments);
  static Outcome run_toplevel(Thread& thread, Function& toplevel);
  static void capture_stack(const Thread& thread, Failure& failure);
  static std::vector<CallFrame> stack(const Thread& thread);

 private:
  friend class Thread;
  static Outcome run(Thread& thread);
  static Outcome call_builtin(Thread& thread, const BuiltinInfo& info, const Value& self,
                              const Arguments& arguments);
  static Outcome call_spread(Thread& thread, const Value& callee, const Value& self, Value* args,
                             const CallSite& site);
  static Outcome enter(Thread& thread, Frame& frame, Function& function, Value* args,
                       std::size_t positional, std::span<const Symbol> names, const CallSite* site);
  static Outcome bind(Thread& thread, Frame& frame, Function& function, Value* args,
                      std::size_t positional, std::span<const Symbol> names, const CallSite* site);
  static Outcome check_call(Thread& thread, const Frame& frame, const FunctionCode& code);
  static Raised cancelled(Thread& thread);
  static Outcome invoke_method(Thread& thread, Value* pair, Value* args, std::size_t positional,
                               const CallSite* site);
  static Raised located(Thread& thread, Raised raised);
};

// What the loop does out of line (vm_steps.cc).
Raised unassigned(std::string_view scope, std::string_view name);
Outcome make_function(Thread& thread, Frame& frame, const FunctionCode& code, Value* defaults,
                      Module& module);
Outcome unpack(Thread& thread, const Value& source, Value* to, std::size_t want);
Outcome add_in_place(Thread& thread, Value& target, const Value& left, const Value& right);

}  // namespace fb::starlark
