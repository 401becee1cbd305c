// Sockets as steps and proxies use them: awaited calls inside fibers, each with a limit. Where
// order is controlled the implementation submits every call to the Scheduler as an Operation of
// `actor` before it makes it.
#pragma once
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/model/address.h"
#include "core/model/ids.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace fb {

class Stream {
 public:
  virtual ~Stream() = default;  // closes
  // At least one byte, or 0 at end of stream. Code::kTimeout after `limit`.
  virtual Result<size_t> read(std::span<std::byte> into, Duration limit) = 0;
  // Everything.
  virtual Status write(std::span<const std::byte> bytes, Duration limit) = 0;
  virtual Status shutdown_write() = 0;
  virtual void close() = 0;
};

class Net {
 public:
  virtual ~Net() = default;
  // Errors name the address and the C library's text: "dial localhost:7000: connection refused".
  virtual Result<std::unique_ptr<Stream>> connect(ActorId actor, const Address& to,
                                                  Duration limit) = 0;
};

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace fb
