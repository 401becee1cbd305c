// Values that calls carry, for people (service_model.h).
#include "core/base/text.h"
#include "interpose/decode/path.h"
#include "interpose/footprint/descriptor_calls.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace fb {
namespace {

constexpr size_t kShown = 80;
// More than is shown, since blanks around the text do not count.
constexpr size_t kLooked = 256;

using Context = ServiceModel::Context;
using Buffer = std::array<char, kLooked>;

bool writes(std::string_view call) {
  return call.starts_with("write") || call.starts_with("pwrite") || call.starts_with("send");
}

bool reads(std::string_view call) {
  return call.starts_with("read") || call.starts_with("pread") || call.starts_with("recv");
}

// The bytes at the beginning of what a writing call hands over.
std::string written(const Context& c) {
  const std::string_view call = c.name();
  uint64_t address = c.arg(1);
  uint64_t size = c.arg(2);
  uint64_t vectors = 0;
  if (call == "writev" || call == "pwritev" || call == "pwritev2") vectors = c.arg(1);
  if (call == "sendmsg" || call == "sendmmsg") {
    const auto header = c.call.target.read_value<msghdr>(c.arg(1));
    if (!header || header->msg_iovlen == 0) return {};
    vectors = reinterpret_cast<uint64_t>(header->msg_iov);
  }
  if (vectors != 0) {
    const auto first = c.call.target.read_value<iovec>(vectors);
    if (!first) return {};
    address = reinterpret_cast<uint64_t>(first->iov_base);
    size = first->iov_len;
  }
  Buffer buffer;
  const size_t got = c.call.target.read_memory(
      address, std::as_writable_bytes(std::span(buffer.data(), std::min(size, kLooked))));
  return {buffer.data(), got};
}

// What waits in a pipe, without taking it out.
size_t peek_pipe(int pipe_end, Buffer& buffer, size_t wish) {
  std::array<int, 2> own;
  if (pipe2(own.data(), O_CLOEXEC | O_NONBLOCK) != 0) return 0;
  ssize_t got = tee(pipe_end, own[1], wish, SPLICE_F_NONBLOCK);
  if (got > 0) got = read(own[0], buffer.data(), static_cast<size_t>(got));
  close(own[0]);
  close(own[1]);
  return got > 0 ? static_cast<size_t>(got) : 0;
}

std::string about_to_be_read(const Context& c) {
  const auto d = describe_argument(c);
  const DescriptorCopy copy(c.call.target, c.fd(0));
  if (!d || !copy) return {};
  const Transfer transfer = transfer_of(c.call);
  const size_t wish = std::min<uint64_t>(transfer.bytes, kLooked);
  Buffer buffer;
  ssize_t got = 0;
  if (d->is_file()) {
    const auto state = descriptor_state(c.call.target, c.fd(0));
    const uint64_t at = transfer.offset.value_or(state ? state->position : 0);
    got = pread(copy.get(), buffer.data(), wish, static_cast<off_t>(at));
  } else if (d->kind == Descriptor::Kind::kSocket) {
    got = recv(copy.get(), buffer.data(), wish, MSG_PEEK | MSG_DONTWAIT);
  } else if (d->kind == Descriptor::Kind::kPipe) {
    got = static_cast<ssize_t>(peek_pipe(copy.get(), buffer, wish));
  }
  return {buffer.data(), static_cast<size_t>(std::max<ssize_t>(got, 0))};
}

// Calls about a name: whether there is something of that name.
std::string presence(const Context& c) {
  const std::string& path = c.operation.path;
  if (!path.starts_with('/')) return {};
  const int fd = open_as_target(c.call.target, path, O_PATH | O_NOFOLLOW);
  if (fd < 0) return "(not there)";
  close(fd);
  return "(there)";
}

// Blanks around the text are left out.
std::string shown_value(std::string_view bytes) {
  constexpr std::string_view kBlanks = {" \t\r\n\0", 5};
  const size_t first = bytes.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return bytes.empty() ? "(nothing)" : "(blank)";
  bytes = bytes.substr(first, bytes.find_last_not_of(kBlanks) - first + 1);
  const bool cut = bytes.size() > kShown;
  std::string text = quote(bytes.substr(0, kShown));
  text = text.substr(1, text.size() - 2);  // without the marks
  // Escapes may have made it longer.
  if (text.size() > kShown + kShown / 4) text.resize(kShown);
  return cut ? text + "..." : text;
}

}  // namespace

std::string value_of(ServiceModel::Context& c) {
  const std::string_view call = c.name();
  if (writes(call)) return shown_value(written(c));
  if (reads(call) && row_of(c.call.arguments.call).path < 0)
    return shown_value(about_to_be_read(c));
  if (row_of(c.call.arguments.call).path >= 0) return presence(c);
  return {};
}

}  // namespace fb
