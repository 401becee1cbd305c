#include "interpose/seccomp/known_calls.h"

#include "core/base/check.h"

#include <string_view>

namespace fb {
namespace {

SyscallId call_named(std::string_view name) {
  const auto id = find_syscall(name);
  FB_CHECK(id.has_value());
  return *id;
}

KnownCalls look_up() {
  KnownCalls calls{.bind = call_named("bind"),
                   .close = call_named("close"),
                   .connect = call_named("connect"),
                   .exec = call_named("execve"),
                   .exec_at = call_named("execveat"),
                   .io_uring = call_named("io_uring_setup"),
                   .peer_name = call_named("getpeername"),
                   .births = {},
                   .accepts = {},
                   .about_peers = {}};
  for (const std::string_view name : {"fork", "vfork", "clone", "clone3"})
    calls.births.insert(call_named(name));
  for (const SyscallId id : expand_family("accept")) calls.accepts.insert(id);
  calls.about_peers = calls.accepts;
  for (const SyscallId id : expand_family("sendto")) calls.about_peers.insert(id);
  calls.about_peers.insert(calls.connect);
  calls.about_peers.insert(calls.bind);
  return calls;
}

}  // namespace

const KnownCalls& known() {
  static const KnownCalls calls = look_up();
  return calls;
}

}  // namespace fb
