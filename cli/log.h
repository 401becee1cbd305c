// What faultbox says while it works, on stderr: a line for people, or with --log-format=json an
// object per line. Secrets are hidden in both.
#pragma once
#include "core/run/redaction.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb::cli {

enum class LogFormat { kConsole, kJson };

class Log {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  // Where whole lines go.
  using Put = std::function<void(std::string_view lines)>;

  explicit Log(LogFormat format, Redaction secrets = {}, Put put = put_on_stderr)
      : format_(format), secrets_(std::move(secrets)), put_(std::move(put)) {}

  LogFormat format() const { return format_; }
  const Redaction& secrets() const { return secrets_; }
  // Secrets in what is said from now on.
  void hide(Redaction secrets) { secrets_ = std::move(secrets); }

  // `faultbox: MESSAGE name=value …`; empty values are left out.
  void info(std::string_view message, const Fields& fields = {}) const;
  void warn(std::string_view message, const Fields& fields = {}) const;
  void debug(std::string_view message, const Fields& fields = {}) const;
  // As it is, with a line end, for text that is laid out already; in JSON one message.
  void block(std::string_view text) const;

 private:
  static void put_on_stderr(std::string_view lines);
  void line(std::string_view level, std::string_view message, const Fields& fields) const;

  LogFormat format_;
  Redaction secrets_;
  Put put_;
};

}  // namespace fb::cli
