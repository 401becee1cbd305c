// The small process between faultbox and a service: the init of the service's PID namespace, or,
// where there is none, the subreaper of its descendants. It starts the main process, reaps
// everything, passes signals on to all of them, and takes all of them with it when it ends. It ends
// when faultbox does, or when nothing is left to look after.
//
//   launcher ──fork──> init ──fork──> main process ──> …
//            <─events── started (with a pidfd), exited (wait status)
//            ──one byte on the handoff socket──> main process goes on to exec
//            <commands> signal number → how many got it, or -errno
#pragma once
#include "interpose/process/main_process.h"

#include <cstdint>

namespace fb {

struct InitEvent {
  enum Kind : int32_t {
    kStarted,  // comes with a pidfd of the main process
    kExited,   // value: its wait status
  };
  int32_t kind = kStarted;
  int32_t value = 0;
};

struct InitProcess {
  int commands = -1;  // SOCK_SEQPACKET, int32_t both ways
  int events = -1;    // SOCK_SEQPACKET, InitEvent
  bool pid_namespace = false;
  const char* user_map = nullptr;   // a user namespace for the main process: its uid_map …
  const char* group_map = nullptr;  // … and gid_map
  MainProcess main;
};

[[noreturn]] void run_init(const InitProcess& init);

}  // namespace fb
