#include "interpose/partition/dropped_datagram.h"

#include "interpose/footprint/service_model.h"

#include <algorithm>
#include <climits>
#include <cstddef>
#include <cstring>
#include <sys/socket.h>

namespace fb {
namespace {

constexpr uint64_t kMostBytes = 65'507;  // of a datagram over IPv4

uint64_t bytes_of_call(const Target& target, SyscallId call, uint64_t header) {
  const CallArguments one{call, {0, header}};
  return transfer_of({kTestDriver, {}, target, one}).bytes;
}

Return::Write length_of_message(uint64_t header, uint64_t bytes) {
  const auto length = static_cast<unsigned>(bytes);
  Return::Write write{header + offsetof(mmsghdr, msg_len), std::vector<std::byte>(sizeof length)};
  std::memcpy(write.bytes.data(), &length, sizeof length);
  return write;
}

}  // namespace

Decision answer_to_dropped(const Target& target, const CallArguments& arguments) {
  if (row_of(arguments.call).name != "sendmmsg") {
    const uint64_t bytes = transfer_of({kTestDriver, {}, target, arguments}).bytes;
    if (bytes > kMostBytes) return Allow{};
    return Return{static_cast<int64_t>(bytes), {}};
  }
  const SyscallId sendmsg = find_syscall("sendmsg").value_or(arguments.call);
  const uint64_t count = std::min<uint64_t>(arguments.values[2], IOV_MAX);
  Return answer{static_cast<int64_t>(count), {}};
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t header = arguments.values[1] + i * sizeof(mmsghdr);
    const uint64_t bytes = bytes_of_call(target, sendmsg, header);
    if (bytes > kMostBytes) return Allow{};
    answer.writes.push_back(length_of_message(header, bytes));
  }
  return answer;
}

}  // namespace fb
