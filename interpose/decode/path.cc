#include "interpose/decode/path.h"

#include <array>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fb {
namespace {

int open_in_root(int root, const std::string& path, uint64_t flags) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC | flags;
  how.resolve = RESOLVE_IN_ROOT;
  return static_cast<int>(syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
}

}  // namespace

std::optional<std::string> name_of_own_fd(int fd) {
  std::array<char, 40> link;
  *fmt::format_to_n(link.data(), link.size() - 1, "/proc/self/fd/{}", fd).out = 0;
  std::array<char, PATH_MAX> buffer;
  const ssize_t length = readlink(link.data(), buffer.data(), buffer.size());
  if (length <= 0) return std::nullopt;
  return std::string(without_deleted({buffer.data(), static_cast<size_t>(length)}));
}

int open_as_target(const Target& target, const std::string& absolute, uint64_t flags) {
  const int root = openat(target.proc_dir(), "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return -1;
  const int fd = open_in_root(root, absolute, flags);
  const int error_number = errno;
  close(root);
  errno = error_number;
  return fd;
}

std::string normalise_path(std::string_view path) {
  std::string out;
  size_t at = 0;
  while (at < path.size()) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      out.erase(out.empty() ? 0 : out.rfind('/'));
      continue;
    }
    out += '/';
    out += part;
  }
  return out.empty() ? "/" : out;
}

std::optional<std::string> absolute_path(const Target& target, int dirfd, std::string_view path) {
  if (path.starts_with('/')) return std::string(path);
  auto base = dirfd == AT_FDCWD ? target.link("cwd") : target.fd_link(dirfd);
  if (!base) return std::nullopt;
  if (path.empty()) return dirfd == AT_FDCWD ? *base : std::string(without_deleted(*base));
  if (!base->starts_with('/')) return std::nullopt;
  return std::string(without_deleted(*base)) + '/' + std::string(path);
}

std::optional<std::string> resolve_path(const Target& target, std::string_view absolute,
                                        bool follow_last) {
  if (!absolute.starts_with('/')) return std::nullopt;
  const int root = openat(target.proc_dir(), "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return std::nullopt;
  std::optional<std::string> name;
  const std::string path(absolute);
  int fd = open_in_root(root, path, follow_last ? 0 : O_NOFOLLOW);
  if (fd >= 0) {
    name = name_of_own_fd(fd);
    close(fd);
  } else {
    // The last component may be about to be made: its directory is what can be resolved.
    size_t end = path.size();
    while (end > 1 && path[end - 1] == '/') --end;
    const size_t slash = path.rfind('/', end - 1);
    fd = open_in_root(root, slash == 0 ? "/" : path.substr(0, slash), O_DIRECTORY);
    if (fd >= 0) {
      name = name_of_own_fd(fd);
      close(fd);
      if (name) {
        if (*name != "/") *name += '/';
        *name += path.substr(slash + 1, end - slash - 1);
      }
    }
  }
  close(root);
  return name;
}

}  // namespace fb
