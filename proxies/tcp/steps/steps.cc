#include "proxies/tcp/steps/steps.h"

#include "proxies/steps/arguments.h"
#include "proxies/steps/text.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <string>

namespace fb {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kConnectLimit = seconds(5);
constexpr Duration kExchangeLimit = seconds(10);
constexpr Duration kAcceptLimit = milliseconds(250);

constexpr StepParameter kSendParameters[] = {
    {"data", StepParameter::Type::kString, true, ""},
};
constexpr StepMethod kMethods[] = {
    {"send", kSendParameters, kConnectLimit + kExchangeLimit, true,
     "Sends data and a line break, returns the line that comes back."},
};

Error no_line(const Deadline& deadline) {
  return {Code::kTimeout,
          fmt::format("no line came back within {}", format_duration(deadline.limit()))};
}

// Up to the line break, or to the end of the stream.
Result<std::string> read_line(Stream& stream, const Deadline& deadline) {
  std::string line;
  std::array<std::byte, 4096> buffer;
  for (;;) {
    if (deadline.passed()) return no_line(deadline);
    Result<size_t> got = stream.read(buffer, deadline.left());
    if (!got.ok()) {
      if (got.error().code == Code::kTimeout) return no_line(deadline);
      return std::move(got).error();
    }
    const size_t searched = line.size();
    line.append(reinterpret_cast<const char*>(buffer.data()), *got);
    const size_t newline = line.find('\n', searched);
    if (std::min(newline, line.size()) > kLineBytesMax) {
      return failed(fmt::format("the line that came back is longer than {} bytes", kLineBytesMax));
    }
    if (newline != std::string::npos) line.resize(newline);
    if (newline != std::string::npos || *got == 0) return line;
  }
}

// timeout= is one limit for everything; without it connecting and the exchange have one each.
Result<std::string> send_line(const StepContext& context, const StepCall& call) {
  std::string data = FB_TRY(string_argument(call, "data"));
  if (!data.ends_with('\n')) data += '\n';
  const Deadline connecting(context.now, call.timeout.value_or(kConnectLimit));
  const std::unique_ptr<Stream> stream =
      FB_TRY(context.net.connect(call.actor, call.to, connecting.left()));
  const Deadline fresh(context.now, kExchangeLimit);
  const Deadline& exchange = call.timeout ? connecting : fresh;
  FB_TRY(stream->write(bytes_of(data), exchange.left()));
  return read_line(*stream, exchange);
}

}  // namespace

std::span<const StepMethod> tcp_methods() {
  return kMethods;
}

StepResponse call_tcp(const StepContext& context, const StepCall& call, const StepMethod&) {
  Result<std::string> line = send_line(context, call);
  if (!line.ok()) return {.error = line.error().within("tcp send failed").message};
  return {.ok = true, .body = std::string(trim_space(*line))};
}

Status probe_tcp(const StepContext& context, const Address& to, Duration limit) {
  const Deadline whole(context.now, limit);
  const std::unique_ptr<Stream> stream =
      FB_TRY(context.net.connect(ActorId::test(), to, whole.left()));
  // Only reading can be seen from here: a byte or an orderly end is proof of an accept, silence is
  // taken for one in the end.
  std::byte unused{};
  Result<size_t> got = stream->read({&unused, 1}, std::min(kAcceptLimit, whole.left()));
  if (!got.ok() && got.error().code != Code::kTimeout) return std::move(got).error();
  return {};
}

}  // namespace fb
