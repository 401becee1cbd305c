#include "interpose/partition/retransmission.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace fb {
namespace {

constexpr int kRtoMax = 44;  // TCP_RTO_MAX_MS, Linux 6.15
constexpr int kPauseMs = 1000;
constexpr int kMostHandshakeAttempts = 127;
// What the kernel's defaults come to without the shorter pauses (tcp(7)).
constexpr unsigned kConnectingMs = 131'000, kConnectedMs = 924'600;

template <class T>
std::optional<T> get(int fd, int name) {
  T value{};
  socklen_t length = sizeof value;
  if (getsockopt(fd, IPPROTO_TCP, name, &value, &length) != 0) return std::nullopt;
  return value;
}

template <class T>
bool set(int fd, int name, T value) {
  return setsockopt(fd, IPPROTO_TCP, name, &value, sizeof value) == 0;
}

}  // namespace

std::optional<RetransmissionSettings> hasten_retransmission(int fd, bool connecting) {
  const auto pause = get<int>(fd, kRtoMax);
  const auto give_up = get<unsigned>(fd, TCP_USER_TIMEOUT);
  const auto attempts = get<int>(fd, TCP_SYNCNT);
  if (!pause || !give_up || !attempts || !set(fd, kRtoMax, kPauseMs)) return std::nullopt;
  if (*give_up == 0) set(fd, TCP_USER_TIMEOUT, connecting ? kConnectingMs : kConnectedMs);
  if (connecting) set(fd, TCP_SYNCNT, kMostHandshakeAttempts);
  return RetransmissionSettings{*pause, *give_up, *attempts};
}

void restore_retransmission(int fd, const RetransmissionSettings& settings) {
  set(fd, kRtoMax, settings.longest_pause_ms);
  set(fd, TCP_USER_TIMEOUT, settings.give_up_ms);
  set(fd, TCP_SYNCNT, settings.handshake_attempts);
}

}  // namespace fb
