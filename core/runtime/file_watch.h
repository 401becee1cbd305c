// Follows files that services write (spec §16, tail()), as they are appended to. The path is as the
// service sees it. interpose/sys/inotify_watch.h implements it for local services.
#pragma once
#include "core/base/result.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace fb {

class FileWatch {
 public:
  virtual ~FileWatch() = default;

  struct Listener {
    std::function<void(std::string_view bytes)> appended;
    // What comes now is another file's beginning: the old one was replaced or cut short.
    std::function<void()> restarted;
  };
  // Following ends with it; it tells no more from then on.
  class Following {
   public:
    virtual ~Following() = default;
    // Tells at once of everything that is there by now.
    virtual void catch_up() = 0;
  };
  // Follows `path` (absolute) from its present end, or from its beginning if it appears only later;
  // it, and directories above it, may be created, replaced and removed at any time. Error: it
  // cannot be followed; the message names the path.
  virtual Result<std::unique_ptr<Following>> follow(const std::string& path, Listener listener) = 0;
};

}  // namespace fb
