// What the descriptors of supervised threads point to, asked for call after call. Nothing is
// remembered but how to ask: a handle on /proc/TID/fd/N answers without finding the way to it again
// (a third less time). The kernel follows it to whatever the descriptor is now, so that renames,
// close, dup2, exec and all that other threads do need not be seen; a handle whose thread has died
// answers nothing.
#pragma once
#include "interpose/decode/target.h"
#include "interpose/sys/fd.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace fb {

class FdNames {
 public:
  // As Target::fd_link.
  std::optional<std::string> link(const Target& target, int fd);

 private:
  struct Asked {
    uint32_t times = 0;
    Fd handle;  // from the second time on
  };
  std::map<std::pair<int, int>, Asked> asked_;  // by tid and descriptor
};

}  // namespace fb
