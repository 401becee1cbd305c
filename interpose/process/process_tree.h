// Who descends from a process and who holds which socket, read from /proc. Needed only where
// namespaces do not keep the services of a test together.
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
// Inodes of the sockets that `pid` has open.
std::set<uint64_t> sockets_of(pid_t pid);

// Who of all processes listens on the TCP port: "process 815 (redis-server)". Empty: nobody, or
// somebody whose descriptors this user may not see.
std::string port_holder(uint16_t port);

}  // namespace fb
