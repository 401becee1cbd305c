// How the calls of one service are supervised.
#pragma once
#include "core/model/ids.h"
#include "core/model/syscall_table.h"
#include "interpose/decode/decode.h"

namespace fb {

struct Supervision {
  ServiceId service;
  SyscallSet recorded;  // these are submitted as recorded; others pass unseen
  DecodeWish decode;
  bool deny_io_uring = false;
  bool keep_names = false;  // its filter notifies KeptNames::calls_to_see()
  bool controlled = false;  // its filter notifies everything order-relevant
  bool followed = false;    // and here, what tells others something (interpose/follow)
  bool routed = false;      // its connects go by the ConnectRouter
};

}  // namespace fb
