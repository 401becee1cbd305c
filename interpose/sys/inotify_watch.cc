#include "interpose/sys/inotify_watch.h"

#include "interpose/sys/posix.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <set>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace fb {
namespace {

constexpr uint32_t kDirectoryEvents =
    IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

// "/a/b/c" has "/", "/a" and "/a/b" above it.
std::vector<std::string> directories_above(const std::string& path) {
  std::vector<std::string> all{"/"};
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1))
    all.push_back(path.substr(0, slash));
  return all;
}

// Files that the kernel makes up change without an event.
bool is_made_up(std::string_view path) {
  return path.starts_with("/proc/") || path.starts_with("/sys/");
}

class Follower final : public FileWatch::Following {
 public:
  Follower(std::string path, FileWatch::Listener listener)
      : path_(std::move(path)), listener_(std::move(listener)) {}
  Status begin(EpollLoop& loop);
  void catch_up() override {
    take_events();
    look();
  }

 private:
  Status watch_directories();
  void take_events();
  void look();
  bool open_if_new();
  void read_on();
  Error cannot(std::string_view why) const {
    return failed(fmt::format("cannot follow '{}': {}", path_, why));
  }

  std::string path_;
  FileWatch::Listener listener_;
  Fd inotify_;
  std::set<int> directory_watches_;
  int file_watch_ = -1;
  Fd file_;
  off_t offset_ = 0;
  bool names_changed_ = false;
  std::unique_ptr<EpollLoop::Watch> watch_;
};

Status Follower::begin(EpollLoop& loop) {
  if (!path_.starts_with('/')) return cannot("the path is not absolute");
  if (is_made_up(path_)) return cannot("the kernel does not tell of changes there");
  inotify_ = Fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify_) return posix::error_of(errno, fmt::format("cannot follow '{}'", path_));
  FB_TRY(watch_directories());
  struct stat info {};
  if (::stat(path_.c_str(), &info) == 0) {
    if (!S_ISREG(info.st_mode)) return cannot("it is no regular file");
    const Fd readable = FB_TRY(posix::open(path_, O_RDONLY | O_NONBLOCK));
    open_if_new();
    offset_ = info.st_size;
  }
  watch_ = loop.watch(inotify_.get(), {true, false}, [this](Ready) { catch_up(); });
  return {};
}

// From the root down: each directory is watched before the next one is looked for, so that its
// creation cannot be missed.
Status Follower::watch_directories() {
  std::set<int> watches;
  int refused = 0;
  for (const std::string& directory : directories_above(path_)) {
    const int watch = ::inotify_add_watch(inotify_.get(), directory.c_str(), kDirectoryEvents);
    refused = watch < 0 ? errno : 0;
    if (watch >= 0) watches.insert(watch);
    // One that cannot be listed may still be passed through.
    if (watch < 0 && refused != EACCES) break;
  }
  for (const int old : directory_watches_)
    if (!watches.contains(old)) ::inotify_rm_watch(inotify_.get(), old);
  directory_watches_ = std::move(watches);
  if (refused != 0 && refused != ENOENT)
    return posix::error_of(refused, fmt::format("cannot follow '{}'", path_));
  return {};
}

void Follower::take_events() {
  alignas(inotify_event) std::array<std::byte, 4096> buffer;
  while (true) {
    const auto n = posix::read_some(inotify_.get(), buffer);
    if (!n.ok() || !n.value() || *n.value() == 0) return;
    for (size_t at = 0; at + sizeof(inotify_event) <= *n.value();) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      names_changed_ |= (event.mask & ~uint32_t{IN_MODIFY}) != 0;
      at += sizeof event + event.len;
    }
  }
}

void Follower::look() {
  if (file_) read_on();
  if (!std::exchange(names_changed_, false)) return;
  // What went wrong here may come right with the next change.
  (void)watch_directories();
  const bool replaced = file_.get() >= 0;
  if (!open_if_new()) return;
  if (replaced) listener_.restarted();
  read_on();
}

// Opens what is at the path now, unless that is the file we have. The old one has been read.
bool Follower::open_if_new() {
  Fd fresh(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat now {};
  if (!fresh || ::fstat(fresh.get(), &now) != 0 || !S_ISREG(now.st_mode)) return false;
  struct stat before {};
  if (file_ && ::fstat(file_.get(), &before) == 0 && before.st_dev == now.st_dev &&
      before.st_ino == now.st_ino)
    return false;
  if (file_watch_ >= 0) ::inotify_rm_watch(inotify_.get(), file_watch_);
  // Through the descriptor, so that it is this file whatever the path means by now. Before it is
  // read, so that nothing is missed.
  file_watch_ = ::inotify_add_watch(
      inotify_.get(), fmt::format("/proc/self/fd/{}", fresh.get()).c_str(), IN_MODIFY);
  file_ = std::move(fresh);
  offset_ = 0;
  return true;
}

// Up to the size it has now: a writer that never stops does not keep the loop here.
void Follower::read_on() {
  struct stat info {};
  if (::fstat(file_.get(), &info) != 0) return;
  if (info.st_size < offset_) {
    offset_ = 0;
    listener_.restarted();
  }
  std::array<char, 1 << 14> buffer;
  while (offset_ < info.st_size) {
    const size_t wanted = std::min(buffer.size(), static_cast<size_t>(info.st_size - offset_));
    const ssize_t n =
        posix::retried([&] { return ::pread(file_.get(), buffer.data(), wanted, offset_); });
    if (n <= 0) return;
    offset_ += n;
    listener_.appended({buffer.data(), static_cast<size_t>(n)});
  }
}

}  // namespace

Result<std::unique_ptr<FileWatch::Following>> InotifyWatch::follow(const std::string& path,
                                                                   Listener listener) {
  auto follower = std::make_unique<Follower>(path, std::move(listener));
  FB_TRY(follower->begin(loop_));
  return std::unique_ptr<Following>(std::move(follower));
}

}  // namespace fb
