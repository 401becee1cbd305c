// System calls with their errors as values. Each one retries EINTR, opens descriptors close-on-exec
// and names in its error what it was about: "cannot open '/x': no such file or directory".
#pragma once
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/runtime/launcher.h"
#include "interpose/sys/fd.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace fb::posix {

// "WHAT: no such file or directory", with the code that callers act on.
Error error_of(int error_number, std::string_view what);

// Repeats a call while a signal interrupts it; -1 and errno as the call left them.
template <class Call>
auto retried(Call call) {
  while (true) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

// --- files
Result<Fd> open(const std::string& path, int flags, mode_t mode = 0);
Result<std::string> read_file(const std::string& path);
Status write_file(const std::string& path, std::string_view text);  // existing files: /proc knobs
Status make_directory(const std::string& path, mode_t mode);

// --- bytes. Through nonblocking descriptors; empty: it would block. 0 of read is the end.
Result<std::optional<size_t>> read_some(int fd, std::span<std::byte> into);
Result<std::optional<size_t>> send_some(int socket, std::span<const std::byte> bytes);
// All of it, through a blocking socket; never raises SIGPIPE. Error kGone: the other end closed.
Status send_all(int socket, std::span<const std::byte> bytes);
Status receive_all(int socket, std::span<std::byte> into);

// --- pairs
struct Pair {
  Fd first, second;
};
Result<Pair> pipe(int flags = 0);  // read from first, write to second
Result<Pair> socket_pair(int type);
Status set_nonblocking(int fd);

// --- descriptors through sockets
// One message of at most `into.size()` bytes and, if one came with it, a descriptor.
struct Message {
  bool none = false;  // it would block
  size_t size = 0;    // 0: the other end closed
  Fd fd;
};
// Sends bytes, and a descriptor if `fd` is not -1. Async-signal-safe, one sendmsg; 0 or an errno.
int send_with_fd(int socket, std::span<const std::byte> bytes, int fd);
Result<Message> receive_with_fd(int socket, std::span<std::byte> into);

// --- processes
Result<Fd> pidfd_open(pid_t pid);
Status pidfd_send_signal(int pidfd, int signal);
// Reaps a child that has ended; blocks until it has.
Result<ExitState> wait_for(int pidfd);
// The pid behind a pidfd as this process sees it; kGone when it has been reaped.
Result<pid_t> pid_of(int pidfd);
ExitState exit_state_of(int wait_status);

// --- waiting, where there is no loop. Returns which descriptors are readable or hung up.
Result<std::vector<bool>> poll_readable(std::span<const int> fds, std::optional<Duration> limit);

}  // namespace fb::posix
