#include "proxies/http/steps/exchange.h"

#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <memory>
#include <optional>

namespace fb {
namespace {

Error too_late(const HttpResponseParser& parser, const Deadline& deadline) {
  const std::string_view what =
      parser.head_complete() ? "the response is not complete" : "no response";
  return {Code::kTimeout, fmt::format("{} after {}", what, format_duration(deadline.limit()))};
}

// What went wrong between the first read and the end of the response, if anything did.
std::optional<Error> receive(Stream& stream, HttpResponseParser& parser, const Deadline& deadline) {
  std::array<std::byte, 16 * 1024> buffer;
  while (parser.state() == HttpResponseParser::State::kNeedMore) {
    // Data that is always there must not keep a step beyond its limit.
    if (deadline.passed()) return too_late(parser, deadline);
    Result<size_t> got = stream.read(buffer, deadline.left());
    if (!got.ok()) {
      if (got.error().code == Code::kTimeout) return too_late(parser, deadline);
      return std::move(got).error();
    }
    if (*got == 0) {
      parser.finish();
    } else {
      parser.feed({reinterpret_cast<const char*>(buffer.data()), *got});
    }
  }
  if (parser.state() == HttpResponseParser::State::kError) return failed(parser.error());
  return std::nullopt;
}

}  // namespace

Result<HttpResponse> exchange_http(const StepContext& context, ActorId actor, const Address& to,
                                   std::string_view request, const Deadline& deadline,
                                   NeededPart needed) {
  const std::unique_ptr<Stream> stream = FB_TRY(context.net.connect(actor, to, deadline.left()));
  HttpResponseParser parser;
  Status written = stream->write(bytes_of(request), deadline.left());
  if (!written.ok() && written.error().code == Code::kTimeout) return too_late(parser, deadline);
  // A server may answer and close before it has read the whole request: the answer counts then, and
  // the failed write only when there is none.
  std::optional<Error> problem = receive(*stream, parser, deadline);
  if (!problem) return parser.response();
  if (needed == NeededPart::kHead && parser.head_complete()) return parser.response();
  if (!written.ok() && !parser.head_complete()) return std::move(written).error();
  return *std::move(problem);
}

}  // namespace fb
