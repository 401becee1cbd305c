// An HTTP/1.1 request into bytes. The connection serves this request only. Headers of the user win
// over ours of the same name, wrong ones included: a spec may want to send what no client should.
// What they cannot do is to break out of their line.
#pragma once
#include "core/base/result.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fb {

struct HttpRequest {
  std::string method;  // "GET"
  std::string target;  // of request_target()
  std::string host;    // "localhost:80"
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::string> body;  // std::nullopt: no Content-Length either

  bool operator==(const HttpRequest&) const = default;
};

Result<std::string> write_request(const HttpRequest& request);

}  // namespace fb
