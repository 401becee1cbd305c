// Stacks for fibers, each with a guard page below it; used ones are kept for the next fiber of the
// same size, because mapping and protecting a new one costs more than most fibers run.
#pragma once
#include <boost/context/protected_fixedsize_stack.hpp>
#include <boost/context/stack_context.hpp>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

namespace fb {

class StackPool {
 public:
  StackPool() = default;
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;
  ~StackPool() {
    for (auto& [bytes, stacks] : free_)
      for (auto& stack : stacks) boost::context::protected_fixedsize_stack(bytes).deallocate(stack);
  }

  boost::context::stack_context take(size_t bytes) {
    auto& stacks = free_[bytes];
    if (stacks.empty()) return boost::context::protected_fixedsize_stack(bytes).allocate();
    auto stack = stacks.back();
    stacks.pop_back();
    return stack;
  }

  void give_back(size_t bytes, boost::context::stack_context stack) {
    auto& stacks = free_[bytes];
    if (stacks.size() < kKept) {
      stacks.push_back(stack);
    } else {
      boost::context::protected_fixedsize_stack(bytes).deallocate(stack);
    }
  }

 private:
  static constexpr size_t kKept = 64;
  std::map<size_t, std::vector<boost::context::stack_context>> free_;  // by asked size
};

// What Boost calls when a fiber has ended: the way back into the pool.
class PooledStack {
 public:
  PooledStack(StackPool& pool, size_t bytes) : pool_(&pool), bytes_(bytes) {}
  boost::context::stack_context allocate() { return pool_->take(bytes_); }
  void deallocate(boost::context::stack_context& stack) noexcept {
    pool_->give_back(bytes_, stack);
  }

 private:
  StackPool* pool_;
  size_t bytes_;
};

}  // namespace fb
