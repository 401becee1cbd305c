// Fibers: code that may wait, on one OS thread. A fiber runs until it parks; wake() makes it
// runnable again; run_ready() runs the runnable ones in the order in which they were woken, so the
// order is a function of the program alone. Cancelling unwinds the fiber's stack (destructors run).
// Stacks come from Boost.Context with a guard page.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace fb {

class Fiber;

class FiberPool {
 public:
  FiberPool();
  ~FiberPool();  // cancels what still runs
  FiberPool(const FiberPool&) = delete;
  FiberPool& operator=(const FiberPool&) = delete;

  // Makes a runnable fiber; the reference is valid until its body has returned and run_ready() went
  // on.
  Fiber& spawn(std::string name, std::function<void()> body, size_t stack_bytes = 256 * 1024);
  // Runs until no fiber is runnable.
  void run_ready();
  bool anything_ready() const;
  size_t alive() const;

  // For code inside a fiber.
  static Fiber* current();
  // Parks the current fiber until wake(). Wake-ups do not pile up; one given while running is kept.
  static void park();
  static void wake(Fiber& fiber);
  // Unwinds the fiber at its next (or present) park(). Its body does not go on.
  static void cancel(Fiber& fiber);

 private:
  friend class Fiber;
  struct State;
  std::unique_ptr<State> state_;
};

const std::string& name_of(const Fiber& fiber);

}  // namespace fb
