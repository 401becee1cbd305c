#include "interpose/sys/fd.h"

#include <unistd.h>

namespace fb {

// close() is not retried: on Linux the descriptor is gone even when it says EINTR.
void Fd::reset() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace fb
