#include "starlark/eval/big_stack.h"

#include <boost/context/fiber.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>
#include <memory>

namespace fb::starlark {
namespace {

// Pages are only touched when used. Sanitized frames are several times larger.
constexpr std::size_t kStackSize = std::size_t{64} * 1024 * 1024;

}  // namespace

void on_big_stack(const std::function<void()>& work) {
  boost::context::fiber fiber(std::allocator_arg,
                              boost::context::protected_fixedsize_stack(kStackSize),
                              [&](boost::context::fiber&& caller) {
                                work();
                                return std::move(caller);
                              });
  std::move(fiber).resume();
}

}  // namespace fb::starlark
