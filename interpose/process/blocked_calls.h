// What the threads of a service wait in, read from /proc for reports. A thread that runs is not
// listed. Reading a line is pure, so that it can be tested without processes.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace fb {

// The text of /proc/PID/task/TID/syscall as a call: "read socket:[4711]". `target_of_fd` tells what
// a descriptor is. Empty: it runs, or it is no call.
std::optional<std::string> blocked_call(std::string_view text,
                                        const std::function<std::string(int fd)>& target_of_fd);

// Of all threads of the processes, each text once: "accept4 socket:[4711]", "futex (3 threads)".
std::vector<std::string> blocked_calls(std::span<const pid_t> pids);

}  // namespace fb
