#include "interpose/decode/move_watch.h"

#include <array>
#include <cstddef>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace fb {
namespace {

// Of the user's limit (8192 by default) others want their part.
constexpr size_t kMaxWatched = 1024;

struct Identity {
  dev_t device = 0;
  ino_t number = 0;
  bool operator==(const Identity&) const = default;
};
std::optional<Identity> identity_of(int dir, const char* name) {
  struct stat info {};
  if (fstatat(dir, name, &info, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return Identity{info.st_dev, info.st_ino};
}

}  // namespace

std::unique_ptr<MoveWatch> MoveWatch::create(EpollLoop& loop) {
  Fd inotify(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify) return nullptr;
  return std::unique_ptr<MoveWatch>(new MoveWatch(loop, std::move(inotify)));
}

MoveWatch::MoveWatch(EpollLoop& loop, Fd inotify) : inotify_(std::move(inotify)) {
  readable_ = loop.watch(inotify_.get(), {.readable = true}, [this](Ready) { on_moves(); });
}

// The descriptor stays: its place in the rounds of the loop must not change.
void MoveWatch::forget_all() {
  ++moves_;
  for (const int id : watched_) inotify_rm_watch(inotify_.get(), id);
  watched_.clear();
}

void MoveWatch::on_moves() {
  alignas(inotify_event) std::array<std::byte, 4096> buffer;
  // Only moves are asked for; what else is told (the queue ran over, an object has gone) is as good
  // a reason to ask again.
  while (read(inotify_.get(), buffer.data(), buffer.size()) > 0) ++moves_;
}

bool MoveWatch::watch_object(int fd) {
  const int id =
      inotify_add_watch(inotify_.get(), fmt::format("/proc/self/fd/{}", fd).c_str(), IN_MOVE_SELF);
  if (id < 0) return false;
  watched_.insert(id);
  return true;
}

bool MoveWatch::watch(const Target& target, int fd, const std::string& name) {
  if (!name.starts_with('/')) return false;
  if (watched_.size() >= kMaxWatched) forget_all();
  const Fd file(openat(target.proc_dir(), fmt::format("fd/{}", fd).c_str(), O_PATH | O_CLOEXEC));
  if (!file || !watch_object(file.get())) return false;
  // The directory as we see it; the target may see another file system there, and a file that was
  // deleted is in no directory.
  const size_t slash = name.rfind('/');
  Fd directory(
      open(slash == 0 ? "/" : name.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory ||
      identity_of(file.get(), "") != identity_of(directory.get(), name.c_str() + slash + 1))
    return false;
  while (true) {
    if (!watch_object(directory.get())) return false;
    Fd above(openat(directory.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!above) return false;
    if (identity_of(above.get(), "") == identity_of(directory.get(), "")) return true;
    directory = std::move(above);
  }
}

}  // namespace fb
