// How a PostgreSQL client proves who it is: MD5 and SCRAM-SHA-256 (RFC 5802, RFC 7677, without
// channel binding). No I/O. The nonce is the caller's: steps repeat themselves exactly.
#pragma once
#include "core/base/result.h"

#include <string>
#include <string_view>

namespace fb {

// The answer to AuthenticationMD5Password.
std::string postgres_md5(std::string_view user, std::string_view password, std::string_view salt);

class ScramClient {
 public:
  ScramClient(std::string password, std::string nonce)
      : password_(std::move(password)), nonce_(std::move(nonce)) {}

  std::string first_message() const;
  // The client-final-message to a server-first-message. Error: it is malformed.
  Result<std::string> final_message(std::string_view server_first);
  // Whether the server knows the password too.
  bool verify(std::string_view server_final) const;

 private:
  std::string password_, nonce_;
  std::string server_signature_;  // base64
};

}  // namespace fb
