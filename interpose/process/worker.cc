#include "interpose/process/worker.h"

#include "core/base/check.h"
#include "interpose/sys/posix.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace fb {
namespace {

// Our ends of the sockets to all workers. A new worker closes them: held by two, the end of a
// parent would never be seen by the other workers.
std::vector<int>& parent_ends() {
  static std::vector<int> ends;
  return ends;
}

}  // namespace

Status WorkerChannel::send(std::string_view message) {
  if (message.size() > kMaxMessage) return failed("a message between processes is too long");
  const auto size = static_cast<uint32_t>(message.size());
  FB_TRY(posix::send_all(socket_.get(), std::as_bytes(std::span(&size, 1))));
  return posix::send_all(socket_.get(), std::as_bytes(std::span(message)));
}

Result<std::string> WorkerChannel::receive() {
  uint32_t size = 0;
  FB_TRY(posix::receive_all(socket_.get(), std::as_writable_bytes(std::span(&size, 1))));
  if (size > kMaxMessage) return failed("a message between processes is too long");
  std::string message(size, '\0');
  FB_TRY(posix::receive_all(socket_.get(), std::as_writable_bytes(std::span(message))));
  return message;
}

Result<std::unique_ptr<Worker>> Worker::start(const std::function<int(WorkerChannel&)>& main) {
  posix::Pair pair = FB_TRY(posix::socket_pair(SOCK_STREAM));
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return posix::error_of(errno, "cannot fork");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);  // it died before the line above
    ::setsid();
    pair.first.reset();
    for (const int fd : parent_ends()) ::close(fd);
    parent_ends().clear();
    WorkerChannel channel(std::move(pair.second));
    // Not exit(): what the parent registered to be done at its end is not the worker's to do. And
    // nothing may escape into the parent's frames below us.
    ::_exit([&]() noexcept { return main(channel); }());
  }
  pair.second.reset();
  auto pidfd = posix::pidfd_open(pid);
  if (!pidfd.ok()) {
    pair.first.reset();  // the worker ends by itself
    return pidfd.error();
  }
  return std::unique_ptr<Worker>(new Worker(pid, std::move(pidfd).value(), std::move(pair.first)));
}

Worker::Worker(int pid, Fd pidfd, Fd socket)
    : pid_(pid), pidfd_(std::move(pidfd)), channel_(std::move(socket)) {
  parent_ends().push_back(channel_.fd());
}

Worker::~Worker() {
  std::erase(parent_ends(), channel_.fd());
  if (end_) return;
  (void)posix::pidfd_send_signal(pidfd_.get(), SIGKILL);
  (void)posix::wait_for(pidfd_.get());
}

// The socket is closed, so it has ended or is about to.
Error Worker::ended() {
  if (!end_) {
    constexpr Duration kPatience = std::chrono::seconds(10);
    const std::array fds{pidfd_.get()};
    const auto over = posix::poll_readable(fds, kPatience);
    if (!over.ok() || !over.value()[0]) (void)posix::pidfd_send_signal(pidfd_.get(), SIGKILL);
    const auto state = posix::wait_for(pidfd_.get());
    end_ = state.ok() ? state.value() : ExitState{true, SIGKILL};
  }
  return Error{Code::kGone,
               fmt::format("worker ended {} {}", end_->signalled ? "by" : "with", end_->text())};
}

Status Worker::send(std::string_view message) {
  Status sent = channel_.send(message);
  if (!sent.ok() && sent.error().code == Code::kGone) return ended();
  return sent;
}

Result<std::string> Worker::receive() {
  Result<std::string> received = channel_.receive();
  if (!received.ok() && received.error().code == Code::kGone) return ended();
  return received;
}

Result<std::optional<size_t>> await_any_worker(std::span<Worker* const> workers,
                                               std::optional<Duration> limit, int also) {
  std::vector<int> fds;
  for (const Worker* worker : workers) fds.push_back(worker->channel_.fd());
  if (also >= 0) fds.push_back(also);
  FB_CHECK(!fds.empty());
  const std::vector<bool> readable = FB_TRY(posix::poll_readable(fds, limit));
  for (size_t i = 0; i < workers.size(); ++i)
    if (readable[i]) return std::optional(i);
  return std::optional<size_t>();
}

}  // namespace fb
