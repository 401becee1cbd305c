// One flow of control through Starlark code: its frames and registers, step count, cancel flag,
// print sink. The test body is one Thread, every branch of parallel() another over the same
// Interpreter; the host runs each in its own fiber, and builtins may switch fibers in the middle of
// a call.
//
// Starlark calling Starlark does not recurse in C++; only builtins that call back do, and call()
// limits how deep. A Thread that is destroyed, or whose fiber is unwound, gives up its iteration
// locks and values.
#pragma once
#include "starlark/eval/failure.h"
#include "starlark/eval/value.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb::starlark {

class Heap;
class Interpreter;
struct Frame;

class Thread {
 public:
  explicit Thread(Interpreter& interpreter, std::string name = "main");
  ~Thread();
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  Interpreter& interpreter() const { return interpreter_; }
  Heap& heap() const;
  const std::string& name() const { return name_; }

  // Calls a Starlark value from C++ (also from inside a builtin, also across fiber switches).
  Outcome call(const Value& function, std::span<const Value> arguments = {},
               std::span<const std::pair<Symbol, Value>> keywords = {});

  // Ends the running program at its next step with `Starlark computation cancelled: WHY`. May be
  // called from another fiber; stays set until uncancel(). The payload lets the host know its own
  // reason.
  void cancel(std::string why, std::shared_ptr<const FailurePayload> payload = nullptr);
  void uncancel();
  bool cancelled() const { return cancelled_; }

  // A step is a backward jump, a call, or an allocation-free stretch of code between them.
  std::uint64_t steps() const { return steps_; }
  void set_step_limit(std::uint64_t limit);  // then cancelled with "too many steps"; 0: no limit
  // Asked when the limit is reached: may set another one, and then the program goes on.
  std::function<void(Thread&)> on_step_limit;

  // print() goes here, one line without newline; by default to standard error.
  std::function<void(Thread&, std::string_view line)> print;

  // Whatever the host wants to find again in its builtins: thread.host<BranchState>().
  void* host_data = nullptr;
  template <class T>
  T* host() const {
    return static_cast<T*>(host_data);
  }

  // The calls in progress, outermost first; builtins included.
  std::vector<CallFrame> stack() const;
  // The innermost position in a Starlark file, if any code is running.
  std::optional<Location> location() const;
  // The text of the file the innermost Starlark frame stands in, or null.
  const std::string* source() const;
  // Builtins that call back into Starlark, which calls builtins, ... may use this much C++ stack,
  // counted from the outermost call, before "Starlark stack overflow". The default suits fibers of
  // 128 KiB.
  void set_native_stack_limit(std::size_t bytes) { native_stack_limit_ = bytes; }

 private:
  friend struct Vm;
  friend class Call;
  friend class Interpreter;

  void reach_step_limit();

  Interpreter& interpreter_;
  std::string name_;
  struct Stack;
  Stack* stack_;
  std::uint64_t steps_ = 0;
  std::uint64_t step_limit_ = 0;
  static constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};
  std::uint64_t step_stop_ =
      kNoLimit;  // look closer from this step on: the limit, or 0 when cancelled
  bool cancelled_ = false;
  std::string cancel_reason_;
  std::shared_ptr<const FailurePayload> cancel_payload_;
  int native_depth_ = 0;
  std::size_t native_stack_limit_ = std::size_t{64} * 1024;
  std::uintptr_t native_base_ = 0;  // stack address of the outermost call
};

}  // namespace fb::starlark
