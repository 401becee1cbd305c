// The supervisor's end of one filter: notifications come out, answers go in. Every answer says
// whether the call was still there; one that is not is no error (its thread died or was signalled).
#pragma once
#include "interpose/sys/fd.h"

#include <array>
#include <cstdint>

namespace fb {

struct Notification {
  uint64_t id = 0;
  int tid = 0;
  int number = 0;
  std::array<uint64_t, 6> args{};
};

class Listener {
 public:
  explicit Listener(Fd fd);

  int fd() const { return fd_.get(); }

  enum class Received { kCall, kNothing, kEnded };
  // Never blocks. kEnded: no thread is under the filter any more.
  Received receive(Notification& into);
  // The same right after the descriptor was reported readable, which saves asking.
  Received receive_ready(Notification& into);

  // The notification is still waiting: memory read so far was its caller's.
  bool valid(uint64_t id) const;

  // True: delivered. False: the call is gone.
  bool let_pass(uint64_t id) { return send(id, 0, 0, kContinue); }
  bool fail(uint64_t id, int error_number) { return send(id, 0, -error_number, 0); }
  bool give_value(uint64_t id, int64_t value) { return send(id, value, 0, 0); }
  // The caller gets a copy of `own_fd`, and its number as the value of the call.
  bool give_fd(uint64_t id, int own_fd, bool close_on_exec);
  // Puts `own_fd` into the caller's table at exactly `target_fd`, closing what is there.
  bool replace_fd(uint64_t id, int own_fd, int target_fd);

 private:
  static constexpr uint32_t kContinue = 1;
  bool send(uint64_t id, int64_t value, int32_t error, uint32_t flags);

  Fd fd_;
};

}  // namespace fb
