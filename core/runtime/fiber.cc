#include "core/runtime/fiber.h"

#include "core/base/check.h"
#include "core/runtime/stack_pool.h"

#include <algorithm>
#include <boost/context/fiber.hpp>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#define FB_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FB_ASAN 1
#endif
#endif
#ifdef FB_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace fb {
namespace {

// One of the two stacks of a switch, as the sanitizers want to know it: they follow a thread's
// stack and have to be told that it is exchanged.
class Side {
 public:
  Side() = default;
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;
#ifdef __SANITIZE_THREAD__
  ~Side() {
    if (tsan_owned_) __tsan_destroy_fiber(tsan_);
  }
#endif

  void is_fiber([[maybe_unused]] const boost::context::stack_context& stack) {
#ifdef FB_ASAN
    bottom_ = static_cast<const char*>(stack.sp) - stack.size;
    size_ = stack.size;
#endif
#ifdef __SANITIZE_THREAD__
    tsan_ = __tsan_create_fiber(0);
    tsan_owned_ = true;
#endif
  }
  void is_main() {
#ifdef __SANITIZE_THREAD__
    tsan_ = __tsan_get_current_fiber();
#endif
  }

  // Before the jump from this stack to `to`; `for_good`: nobody will come back.
  void leave([[maybe_unused]] const Side& to, [[maybe_unused]] bool for_good = false) {
#ifdef FB_ASAN
    __sanitizer_start_switch_fiber(for_good ? nullptr : &fake_stack_, to.bottom_, to.size_);
#endif
#ifdef __SANITIZE_THREAD__
    __tsan_switch_to_fiber(to.tsan_, 0);
#endif
  }
  // After the jump from `from` to this stack.
  void arrive([[maybe_unused]] Side& from) {
#ifdef FB_ASAN
    __sanitizer_finish_switch_fiber(fake_stack_, &from.bottom_, &from.size_);
#endif
  }

 private:
#ifdef FB_ASAN
  void* fake_stack_ = nullptr;
  const void* bottom_ = nullptr;
  size_t size_ = 0;
#endif
#ifdef __SANITIZE_THREAD__
  void* tsan_ = nullptr;
  bool tsan_owned_ = false;
#endif
};

// One OS thread: the fiber that has it, if any.
Fiber* g_current = nullptr;

}  // namespace

class Fiber {
 public:
  FiberPool::State* pool = nullptr;
  uint64_t id = 0;
  std::string name;
  std::function<void()> body;
  size_t stack_bytes = 0;
  boost::context::fiber context;  // where the fiber goes on, while it does not run
  boost::context::fiber back;     // where run_ready() goes on, while it does
  Side side;
  bool queued = false;  // in State::ready; a wake-up given meanwhile is this one
  bool cancelled = false;
  bool unwinding = false;
  bool finished = false;

  boost::context::fiber run(boost::context::fiber&& caller);
  void switch_back();
};

struct FiberPool::State {
  StackPool stacks;
  std::map<uint64_t, std::unique_ptr<Fiber>> fibers;  // in order of birth
  std::deque<Fiber*> ready;                           // in order of wake-up
  uint64_t next_id = 0;
  Side main;

  void enqueue(Fiber& fiber) {
    if (fiber.queued || fiber.finished) return;
    fiber.queued = true;
    ready.push_back(&fiber);
  }
  void start(Fiber& fiber);
  void go_on(Fiber& fiber);
  void forget(Fiber& fiber);
};

// The outermost frame of a fiber. It is left by returning or by Boost's forced_unwind, hence the
// destructor.
boost::context::fiber Fiber::run(boost::context::fiber&& caller) {
  side.arrive(pool->main);
  back = std::move(caller);
  struct Last {
    Fiber& fiber;
    ~Last() {
      fiber.finished = true;
      fiber.side.leave(fiber.pool->main, true);
    }
  } last{*this};
  std::exchange(body, nullptr)();
  return std::move(back);
}

void Fiber::switch_back() {
  FB_CHECK(!unwinding);  // a destructor waits while its fiber is being cancelled
  side.leave(pool->main);
  struct Arrival {
    Fiber& fiber;
    ~Arrival() {
      fiber.side.arrive(fiber.pool->main);
      fiber.unwinding = fiber.cancelled;
    }
  } arrival{*this};
  back = std::move(back).resume();  // cancelled: forced_unwind comes out of here
}

void FiberPool::State::start(Fiber& fiber) {
  PooledStack allocator(stacks, fiber.stack_bytes);
  auto stack = allocator.allocate();
  fiber.side.is_fiber(stack);
  fiber.context = boost::context::fiber(
      std::allocator_arg, boost::context::preallocated(stack.sp, stack.size, stack), allocator,
      [&fiber](boost::context::fiber&& back) { return fiber.run(std::move(back)); });
}

void FiberPool::State::go_on(Fiber& fiber) {
  if (!fiber.context) {
    if (fiber.cancelled) {  // it never ran, so there is nothing to unwind
      fiber.body = nullptr;
      fiber.finished = true;
      return;
    }
    start(fiber);
  }
  g_current = &fiber;
  main.leave(fiber.side);
  if (fiber.cancelled) {
    boost::context::fiber unwound = std::move(fiber.context);  // its destructor jumps and unwinds
  } else {
    fiber.context = std::move(fiber.context).resume();
  }
  main.arrive(fiber.side);
  g_current = nullptr;
}

void FiberPool::State::forget(Fiber& fiber) {
  if (fiber.queued) std::erase(ready, &fiber);  // woken by a destructor of its own
  fibers.erase(fiber.id);
}

FiberPool::FiberPool() : state_(std::make_unique<State>()) {}

FiberPool::~FiberPool() {
  FB_CHECK(g_current == nullptr);
  while (!state_->fibers.empty()) {  // an unwinding fiber may spawn another
    for (auto& [id, fiber] : state_->fibers) cancel(*fiber);
    run_ready();
  }
}

Fiber& FiberPool::spawn(std::string name, std::function<void()> body, size_t stack_bytes) {
  FB_CHECK(body != nullptr);
  auto fiber = std::make_unique<Fiber>();
  fiber->pool = state_.get();
  fiber->id = state_->next_id++;
  fiber->name = std::move(name);
  fiber->body = std::move(body);
  fiber->stack_bytes = stack_bytes;
  Fiber& spawned = *fiber;
  state_->fibers.emplace(spawned.id, std::move(fiber));
  state_->enqueue(spawned);
  return spawned;
}

void FiberPool::run_ready() {
  FB_CHECK(g_current == nullptr);
  state_->main.is_main();
  while (!state_->ready.empty()) {
    Fiber& fiber = *state_->ready.front();
    state_->ready.pop_front();
    fiber.queued = false;
    state_->go_on(fiber);
    if (fiber.finished) state_->forget(fiber);
  }
}

bool FiberPool::anything_ready() const {
  return !state_->ready.empty();
}
size_t FiberPool::alive() const {
  return state_->fibers.size();
}

Fiber* FiberPool::current() {
  return g_current;
}

void FiberPool::park() {
  FB_CHECK(g_current != nullptr);
  g_current->switch_back();
}

void FiberPool::wake(Fiber& fiber) {
  fiber.pool->enqueue(fiber);
}

void FiberPool::cancel(Fiber& fiber) {
  fiber.cancelled = true;
  fiber.pool->enqueue(fiber);
}

const std::string& name_of(const Fiber& fiber) {
  return fiber.name;
}

}  // namespace fb
