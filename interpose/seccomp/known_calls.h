// The calls that the supervisor treats in their own way, looked up once.
#pragma once
#include "core/model/syscall_table.h"

namespace fb {

struct KnownCalls {
  SyscallId bind, close, connect, exec, exec_at, io_uring, peer_name;
  SyscallSet births, accepts;
  SyscallSet about_peers;  // what partitions must see of a service, recorded or not

  bool execs(SyscallId id) const { return id == exec || id == exec_at; }
};

const KnownCalls& known();

}  // namespace fb
