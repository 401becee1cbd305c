// Whatever an actor wants to do next, as one value: a syscall, a step's I/O, a message in a proxy,
// a timer.
#pragma once
#include "core/model/address.h"
#include "core/model/footprint.h"
#include "core/model/ids.h"
#include "core/model/syscall_table.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fb {

enum class OperationKind : uint8_t {
  kSyscall,  // an intercepted call of a service
  kStep,     // I/O of a protocol step, done by faultbox itself (row: the call it amounts to)
  kMessage,  // a request or reply inside a proxy
  kTimer,    // an armed timer fires
};

struct Operation {
  OperationKind kind = OperationKind::kSyscall;
  ActorId actor;
  ServiceId service = kTestDriver;
  SyscallId call;

  int pid = 0;  // as the report shows it
  int tid = 0;
  int fd = -1;
  // The absolute path (or socket:[…], pipe:[…], anon_inode:[…]); empty: none or not known.
  std::string path;
  // Further names of the same object that path patterns also try (symlinks resolved, second path).
  std::vector<std::string> more_paths;
  std::optional<Address> peer;  // of the call, or of the connected socket
  uint64_t size = 0;
  bool is_socket = false;
  bool is_datagram = false;  // a socket of datagrams; known of connects, and where partitions ask

  // Only when order is controlled: what the call touches, and a line for people and schedules that
  // names the object canonically ("/data/1.json [0,32)", "conn main#2").
  Footprint footprint;
  Footprint potential;  // what it may touch in another state, where that is more (decision_point.h)
  std::string key;

  std::string_view name() const { return row_of(call).name; }
};

}  // namespace fb
