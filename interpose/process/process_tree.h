// Who descends from a process, whether it is about to end, and who holds which socket, read from
// /proc.
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <sys/types.h>
#include <vector>

namespace fb {

// Children, their children and so on, in order of pid; without `root`.
std::vector<pid_t> descendants_of(pid_t root);
// Sends the signal to each descendant. Returns how many got it.
int signal_descendants(pid_t root, int signal);
// The process has begun to end, or has ended and waits to be reaped. True before its descriptors
// close: whoever has seen them close finds it so.
bool is_exiting(pid_t pid);
// Inodes of the sockets that `pid` has open.
std::set<uint64_t> sockets_of(pid_t pid);

// Who of all processes listens on the TCP port: "process 815 (redis-server)". Empty: nobody, or
// somebody whose descriptors this user may not see.
std::string port_holder(uint16_t port);

}  // namespace fb
