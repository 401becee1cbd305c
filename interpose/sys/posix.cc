#include "interpose/sys/posix.h"

#include "core/base/check.h"
#include "core/model/errno_table.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <vector>

// glibc 2.36 forgot to say that these are C.
extern "C" {
#include <sys/pidfd.h>
}
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

namespace fb::posix {
namespace {

Code code_of(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return Code::kNotFound;
    case EACCES:
    case EPERM:
      return Code::kPermission;
    case ESRCH:
    case EPIPE:
    case ECONNRESET:
      return Code::kGone;
    case ETIMEDOUT:
      return Code::kTimeout;
    case ENOSYS:
    case EOPNOTSUPP:
      return Code::kUnavailable;
    default:
      return Code::kFailed;
  }
}

Error errno_error(std::string_view what) {
  return error_of(errno, what);
}

// EWOULDBLOCK is the same number on Linux.
bool would_block(int error_number) {
  return error_number == EAGAIN;
}

}  // namespace

Error error_of(int error_number, std::string_view what) {
  return Error{code_of(error_number), fmt::format("{}: {}", what, errno_text(error_number))};
}

Result<Fd> open(const std::string& path, int flags, mode_t mode) {
  const int fd = retried([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); });
  if (fd < 0) return errno_error(fmt::format("cannot open '{}'", path));
  return Fd(fd);
}

Result<std::string> read_file(const std::string& path) {
  const Fd fd = FB_TRY(posix::open(path, O_RDONLY));
  std::string text;
  std::array<char, 4096> buffer;
  while (true) {
    const ssize_t n = retried([&] { return ::read(fd.get(), buffer.data(), buffer.size()); });
    if (n < 0) return errno_error(fmt::format("cannot read '{}'", path));
    if (n == 0) return text;
    text.append(buffer.data(), static_cast<size_t>(n));
  }
}

Status write_file(const std::string& path, std::string_view text) {
  const Fd fd = FB_TRY(posix::open(path, O_WRONLY));
  // One write: /proc files take their whole value at once.
  const ssize_t n = retried([&] { return ::write(fd.get(), text.data(), text.size()); });
  if (n < 0) return errno_error(fmt::format("cannot write '{}'", path));
  if (static_cast<size_t>(n) != text.size()) return failed(fmt::format("short write '{}'", path));
  return {};
}

Status make_directory(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0)
    return errno_error(fmt::format("cannot create directory '{}'", path));
  return {};
}

Result<std::optional<size_t>> read_some(int fd, std::span<std::byte> into) {
  const ssize_t n = retried([&] { return ::read(fd, into.data(), into.size()); });
  if (n >= 0) return std::optional(static_cast<size_t>(n));
  if (would_block(errno)) return std::optional<size_t>();
  return errno_error("read");
}

Result<std::optional<size_t>> send_some(int socket, std::span<const std::byte> bytes) {
  // MSG_NOSIGNAL: a closed peer is an error here, not the end of this process.
  const ssize_t n =
      retried([&] { return ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL); });
  if (n >= 0) return std::optional(static_cast<size_t>(n));
  if (would_block(errno)) return std::optional<size_t>();
  return errno_error("write");
}

Status send_all(int socket, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n =
        retried([&] { return ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL); });
    if (n < 0) return errno_error("send");
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  return {};
}

Status receive_all(int socket, std::span<std::byte> into) {
  while (!into.empty()) {
    const ssize_t n = retried([&] { return ::recv(socket, into.data(), into.size(), 0); });
    if (n < 0) return errno_error("receive");
    if (n == 0) return Error{Code::kGone, "receive: the other end has closed"};
    into = into.subspan(static_cast<size_t>(n));
  }
  return {};
}

Result<Pair> pipe(int flags) {
  std::array<int, 2> fds;
  if (::pipe2(fds.data(), flags | O_CLOEXEC) != 0) return errno_error("cannot make a pipe");
  return Pair{Fd(fds[0]), Fd(fds[1])};
}

Result<Pair> socket_pair(int type) {
  std::array<int, 2> fds;
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds.data()) != 0)
    return errno_error("cannot make a socket pair");
  return Pair{Fd(fds[0]), Fd(fds[1])};
}

Status set_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
    return errno_error("cannot make a descriptor nonblocking");
  return {};
}

int send_with_fd(int socket, std::span<const std::byte> bytes, int fd) {
  iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (fd >= 0) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* first = CMSG_FIRSTHDR(&header);
    first->cmsg_level = SOL_SOCKET;
    first->cmsg_type = SCM_RIGHTS;
    first->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(first), &fd, sizeof fd);
  }
  return retried([&] { return ::sendmsg(socket, &header, MSG_NOSIGNAL); }) < 0 ? errno : 0;
}

Result<Message> receive_with_fd(int socket, std::span<std::byte> into) {
  iovec part{into.data(), into.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const ssize_t n = retried([&] { return ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC); });
  if (n < 0) {
    if (would_block(errno)) return Message{true, 0, Fd()};
    return errno_error("receive");
  }
  Message message{false, static_cast<size_t>(n), Fd()};
  const cmsghdr* first = CMSG_FIRSTHDR(&header);
  if (first != nullptr && first->cmsg_level == SOL_SOCKET && first->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(first), sizeof fd);
    message.fd = Fd(fd);
  }
  return message;
}

Result<Fd> pidfd_open(pid_t pid) {
  FB_CHECK(pid > 1);
  const int fd = ::pidfd_open(pid, 0);
  if (fd < 0) return errno_error(fmt::format("cannot open process {}", pid));
  return Fd(fd);
}

Status pidfd_send_signal(int pidfd, int signal) {
  if (::pidfd_send_signal(pidfd, signal, nullptr, 0) != 0)
    return errno_error(fmt::format("cannot send {}", signal_name(signal)));
  return {};
}

Result<ExitState> wait_for(int pidfd) {
  siginfo_t info{};
  const int result = retried([&] {
    return ::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd), &info, WEXITED);
  });
  if (result != 0) return errno_error("cannot wait for a process");
  return ExitState{info.si_code != CLD_EXITED, info.si_status};
}

Result<pid_t> pid_of(int pidfd) {
  const std::string text = FB_TRY(read_file(fmt::format("/proc/self/fdinfo/{}", pidfd)));
  constexpr std::string_view kField = "\nPid:\t";
  const size_t at = text.find(kField);
  pid_t pid = -1;
  if (at != std::string::npos)
    std::from_chars(text.data() + at + kField.size(), text.data() + text.size(), pid);
  // -1: reaped; 0: in a PID namespace that this /proc does not show.
  if (pid <= 0) return Error{Code::kGone, "the process has no pid here"};
  return pid;
}

ExitState exit_state_of(int wait_status) {
  if (WIFSIGNALED(wait_status)) return ExitState{true, WTERMSIG(wait_status)};
  return ExitState{false, WEXITSTATUS(wait_status)};
}

Result<std::vector<bool>> poll_readable(std::span<const int> fds, std::optional<Duration> limit) {
  std::vector<pollfd> polled;
  for (const int fd : fds) polled.push_back({fd, POLLIN, 0});
  timespec timeout{};
  if (limit) {
    const int64_t ns = std::max<int64_t>(limit->count(), 0);
    timeout = {ns / 1'000'000'000, ns % 1'000'000'000};
  }
  const int n = retried(
      [&] { return ::ppoll(polled.data(), polled.size(), limit ? &timeout : nullptr, nullptr); });
  if (n < 0) return errno_error("poll");
  std::vector<bool> readable;
  for (const pollfd& p : polled) readable.push_back(p.revents != 0);
  return readable;
}

}  // namespace fb::posix
