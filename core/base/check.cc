#include "core/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace fb {

void check_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "faultbox: internal error: %s does not hold (%s:%d)\n", condition, file,
               line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace fb
