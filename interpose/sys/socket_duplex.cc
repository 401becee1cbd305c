#include "interpose/sys/socket_duplex.h"

#include "core/base/check.h"

#include <array>
#include <cerrno>
#include <sys/socket.h>

namespace fb {
namespace {

constexpr size_t kReadBytes = 64 * 1024;
// A peer that always has more must not keep the loop from everybody else.
constexpr int kReadsInARow = 4;
// Sent bytes at the front are thrown away once there are this many.
constexpr size_t kCompactAt = 256 * 1024;

}  // namespace

SocketDuplex::SocketDuplex(EpollLoop& loop, Fd fd) : loop_(loop), fd_(std::move(fd)) {}

SocketDuplex::~SocketDuplex() {
  *alive_ = false;
}

void SocketDuplex::start(Owner& owner) {
  FB_CHECK(owner_ == nullptr);
  owner_ = &owner;
  watch_reading();
}

void SocketDuplex::watch_reading() {
  if (reading_ != nullptr || owner_ == nullptr || paused_ || ended_ || broken_) return;
  reading_ = loop_.watch(fd_.get(), {.readable = true}, [this](Ready) { on_readable(); });
}

void SocketDuplex::pause() {
  paused_ = true;
  reading_.reset();
}

void SocketDuplex::resume() {
  if (!paused_) return;
  paused_ = false;
  watch_reading();
}

void SocketDuplex::on_readable() {
  const std::shared_ptr<bool> alive = alive_;
  std::array<char, kReadBytes> buffer;
  for (int i = 0; i < kReadsInARow; ++i) {
    const ssize_t n = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) return fail();
    if (n == 0) {
      ended_ = true;
      reading_.reset();
      owner_->ended();
      return;
    }
    owner_->received({buffer.data(), static_cast<size_t>(n)});
    if (!*alive || paused_ || broken_) return;
    if (static_cast<size_t>(n) < buffer.size()) return;
  }
}

void SocketDuplex::fail() {
  broken_ = true;
  reading_.reset();
  writing_.reset();
  unsent_.clear();
  sent_ = 0;
  owner_->broken();
}

// False: the connection is broken. Takes off `bytes` what the network took.
bool SocketDuplex::write_now(std::string_view& bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
      continue;
    }
    if (errno == EINTR) continue;
    // ENOTCONN: it is still connecting.
    return errno == EAGAIN || errno == ENOTCONN;
  }
  return true;
}

void SocketDuplex::send(std::string_view bytes) {
  if (broken_ || finishing_ || bytes.empty()) return;
  if (unsent() == 0 && !write_now(bytes)) {
    // Whoever sends is in the middle of something: it hears of it later.
    telling_ = loop_.after(Duration::zero(), [this] { fail(); });
    finishing_ = true;
    return;
  }
  if (bytes.empty()) return;
  unsent_.append(bytes);
  if (writing_ == nullptr)
    writing_ = loop_.watch(fd_.get(), {.writable = true}, [this](Ready) { on_writable(); });
}

void SocketDuplex::on_writable() {
  std::string_view rest = std::string_view(unsent_).substr(sent_);
  const size_t before = rest.size();
  if (!write_now(rest)) return fail();
  sent_ += before - rest.size();
  if (!rest.empty()) {
    if (sent_ >= kCompactAt) {
      unsent_.erase(0, sent_);
      sent_ = 0;
    }
    return;
  }
  unsent_.clear();
  sent_ = 0;
  writing_.reset();
  if (finishing_ && !finished_) {
    finished_ = true;
    ::shutdown(fd_.get(), SHUT_WR);
  }
  if (owner_ != nullptr) owner_->drained();
}

void SocketDuplex::finish() {
  if (broken_ || finishing_) return;
  finishing_ = true;
  if (unsent() > 0) return;
  finished_ = true;
  ::shutdown(fd_.get(), SHUT_WR);
}

void SocketDuplex::reset() {
  broken_ = true;
  reading_.reset();
  writing_.reset();
  telling_.reset();
  unsent_.clear();
  sent_ = 0;
  const linger at_once{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  fd_.reset();
}

}  // namespace fb
