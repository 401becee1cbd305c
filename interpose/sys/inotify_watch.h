// The FileWatch on Linux: inotify on the file and on every directory above it, so that nothing is
// asked for again and again. Sees the files of this process's mount namespace, which local services
// share. What is written through a memory map goes unseen: the kernel tells nobody.
#pragma once
#include "core/runtime/file_watch.h"
#include "interpose/sys/epoll_loop.h"

#include <memory>
#include <string>

namespace fb {

class InotifyWatch final : public FileWatch {
 public:
  explicit InotifyWatch(EpollLoop& loop) : loop_(loop) {}
  Result<std::unique_ptr<Following>> follow(const std::string& path, Listener listener) override;

 private:
  EpollLoop& loop_;
};

}  // namespace fb
