// One statement of a PostgreSQL client, from the startup packet to the result: bytes in, bytes out.
// Authenticates in clear, by MD5 or by SCRAM-SHA-256; no TLS.
#pragma once
#include "core/base/result.h"
#include "proxies/postgres/codec/auth.h"
#include "proxies/postgres/codec/message.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fb {

struct PostgresLogin {
  std::string user = "postgres";
  std::string password;
  std::string database;  // "": the user's
  bool operator==(const PostgresLogin&) const = default;
};

struct PostgresRows {
  struct Column {
    std::string name;
    uint32_t type = 0;  // object identifier of pg_type
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
  std::string complete;  // "INSERT 0 1"
};

class PostgresClient {
 public:
  enum class State : uint8_t { kNeedMore, kDone, kError };

  PostgresClient(PostgresLogin login, std::string statement)
      : login_(std::move(login)),
        statement_(std::move(statement)),
        scram_(login_.password, kNonce) {}

  std::string startup() const;
  // `out` gets what is to be sent now.
  State feed(std::string_view bytes, std::string& out);

  const PostgresRows& result() const { return result_; }
  // "ERROR: disk full (SQLSTATE 53100)"
  const std::string& error() const { return error_; }
  const std::string& sqlstate() const { return sqlstate_; }
  // The server has asked who we are: it is up.
  bool was_asked() const { return asked_; }

 private:
  static constexpr const char* kNonce = "faultboxfaultboxfaultbox";
  void message(std::string& out);
  void authentication(std::string& out);
  void read_error();
  void read_columns();
  void read_row();
  void fail(std::string text);

  PostgresLogin login_;
  std::string statement_;
  ScramClient scram_;
  PostgresReader reader_;
  std::string body_;
  State state_ = State::kNeedMore;
  bool asked_ = false, sent_ = false;
  PostgresRows result_;
  std::string error_, sqlstate_;
};

}  // namespace fb
