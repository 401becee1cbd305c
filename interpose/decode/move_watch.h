// Tells whether the name of an open file may have changed: by inotify on the file and on every
// directory above it, since all of them can be renamed, by whoever. Asking the kernel for the name
// at every call would do the same and costs more than everything else about a call.
#pragma once
#include "core/base/result.h"
#include "interpose/decode/target.h"
#include "interpose/sys/epoll_loop.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>

namespace fb {

class MoveWatch {
 public:
  // Made before the watches whose callbacks rely on it: of what is ready in one round of the loop,
  // it hears first. Null: the kernel refuses.
  static std::unique_ptr<MoveWatch> create(EpollLoop& loop);
  MoveWatch(const MoveWatch&) = delete;
  MoveWatch& operator=(const MoveWatch&) = delete;

  // From now on a move of the file behind the target's descriptor, or of a directory above it,
  // raises moves(). `name`: what the descriptor's link says. False: that cannot be promised.
  bool watch(const Target& target, int fd, const std::string& name);
  uint64_t moves() const { return moves_; }

 private:
  MoveWatch(EpollLoop& loop, Fd inotify);
  void forget_all();
  bool watch_object(int fd);
  void on_moves();

  Fd inotify_;
  std::unique_ptr<EpollLoop::Watch> readable_;
  std::set<int> watched_;
  uint64_t moves_ = 0;
};

}  // namespace fb
