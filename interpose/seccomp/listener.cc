#include "interpose/seccomp/listener.h"

#include "interpose/seccomp/kernel.h"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>

namespace fb {

static_assert(SECCOMP_USER_NOTIF_FLAG_CONTINUE == 1);

Listener::Listener(Fd fd) : fd_(std::move(fd)) {
  // Targets on the supervisor's core get it without a detour over the idle core. Refused before
  // Linux 6.6, where it is only slower.
  ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

Listener::Received Listener::receive_ready(Notification& into) {
  // A call that vanished since then makes RECV say ENOENT; it blocks only where none ever came.
  seccomp_notif raw{};  // the kernel insists on zeroes
  if (ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_RECV, &raw) != 0) {
    if (errno == ENOENT || errno == EINTR) return receive(into);
    return Received::kEnded;
  }
  into.id = raw.id;
  into.tid = static_cast<int>(raw.pid);
  into.number = raw.data.nr;
  for (size_t i = 0; i < into.args.size(); ++i) into.args[i] = raw.data.args[i];
  return Received::kCall;
}

Listener::Received Listener::receive(Notification& into) {
  for (;;) {
    // RECV ignores O_NONBLOCK, so ask first. With no thread left RECV says ENOENT for ever.
    pollfd ready{fd_.get(), POLLIN, 0};
    const int events = poll(&ready, 1, 0);
    if (events < 0 && errno == EINTR) continue;
    if (events <= 0) return Received::kNothing;
    if ((ready.revents & POLLIN) == 0) return Received::kEnded;
    return receive_ready(into);
  }
}

bool Listener::valid(uint64_t id) const {
  return ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

bool Listener::send(uint64_t id, int64_t value, int32_t error, uint32_t flags) {
  seccomp_notif_resp response{};
  response.id = id;
  response.val = value;
  response.error = error;
  response.flags = flags;
  int result;
  do {
    result = ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_SEND, &response);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

bool Listener::give_fd(uint64_t id, int own_fd, bool close_on_exec) {
  seccomp_notif_addfd add{};
  add.id = id;
  add.flags = SECCOMP_ADDFD_FLAG_SEND;
  add.srcfd = static_cast<uint32_t>(own_fd);
  add.newfd_flags = close_on_exec ? O_CLOEXEC : 0;
  return ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_ADDFD, &add) >= 0;
}

bool Listener::replace_fd(uint64_t id, int own_fd, int target_fd) {
  seccomp_notif_addfd add{};
  add.id = id;
  add.flags = SECCOMP_ADDFD_FLAG_SETFD;
  add.srcfd = static_cast<uint32_t>(own_fd);
  add.newfd = static_cast<uint32_t>(target_fd);
  add.newfd_flags = O_CLOEXEC;
  return ioctl(fd_.get(), SECCOMP_IOCTL_NOTIF_ADDFD, &add) >= 0;
}

}  // namespace fb
