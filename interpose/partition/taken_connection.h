// Accepting on behalf of a service. A connection that was waiting in its queue when a partition
// opened is in nobody's table, so that nothing can be done to it before the service reads from it.
// The supervisor takes it out itself, treats it and hands it over as the answer of the call. What
// its peer sent into the queue meanwhile has arrived: only from then on it is withheld.
#pragma once
#include "core/model/decision.h"
#include "interpose/decode/decode.h"
#include "interpose/sys/fd.h"

#include <optional>
#include <vector>

namespace fb {

struct TakenConnection {
  Fd fd;
  bool close_on_exec = false;         // of the descriptor that the service gets
  std::vector<Return::Write> writes;  // who connected, as the kernel would tell the caller
};

// Empty: none waits, or it does not listen. The call is then left to the kernel.
std::optional<TakenConnection> take_connection(const Target& target, const CallArguments& accept);

}  // namespace fb
