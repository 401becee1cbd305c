// Who descends from a process, read from /proc. Needed only where no PID namespace keeps the
// processes of a service together.
#pragma once
#include <cstdint>
#include <set>
#include <sys/types.h>
#include <vector>

namespace fb {

// Children, their children and so on, in order of pid; without `root`.
std::vector<pid_t> descendants_of(pid_t root);
// Sends the signal to each descendant. Returns how many got it.
int signal_descendants(pid_t root, int signal);
// Inodes of the sockets that `pid` has open.
std::set<uint64_t> sockets_of(pid_t pid);

}  // namespace fb
