// How a withheld stream behaves while it is cut, so that healing shows soon: lost segments are sent
// again at least every second instead of ever more rarely (Linux 6.15; older kernels keep their
// growing pauses), and it is given up after as long as it would have been otherwise.
#pragma once
#include <optional>

namespace fb {

struct RetransmissionSettings {
  int longest_pause_ms = 0;
  unsigned give_up_ms = 0;
  int handshake_attempts = 0;
};

// Empty: this kernel cannot. Otherwise what it was before.
std::optional<RetransmissionSettings> hasten_retransmission(int fd, bool connecting);
void restore_retransmission(int fd, const RetransmissionSettings& settings);

}  // namespace fb
