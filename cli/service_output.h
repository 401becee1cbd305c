// What services print, on our own streams: whole lines, each behind the service's name (cli.md
// §1.3).
#pragma once
#include "cli/test_lines.h"
#include "core/run/redaction.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace fb::cli {

class ServiceOutput {
 public:
  // `stdout_too`: false keeps stdout free (a document goes there), everything then goes to stderr.
  ServiceOutput(TestLines& lines, bool stdout_too) : lines_(lines), stdout_too_(stdout_too) {}

  // Secrets in the lines from now on; none at first.
  void hide(Redaction secrets) { secrets_ = std::move(secrets); }
  void write(const std::string& service, bool is_stderr, std::string_view bytes);
  // The last lines that were not ended.
  void flush();

 private:
  void line(const std::string& service, bool is_stderr, std::string_view text) const;

  TestLines& lines_;
  bool stdout_too_;
  Redaction secrets_;
  std::map<std::pair<std::string, bool>, std::string> open_;  // begun lines by (service, stderr)
};

}  // namespace fb::cli
