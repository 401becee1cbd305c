// What services print, on our own streams: whole lines, each behind the service's name (cli.md
// §1.3).
#pragma once
#include <map>
#include <string>
#include <string_view>

namespace fb::cli {

class ServiceOutput {
 public:
  // `stdout_too`: false keeps stdout free (a document goes there), everything then goes to stderr.
  explicit ServiceOutput(bool stdout_too) : stdout_too_(stdout_too) {}

  void write(const std::string& service, bool is_stderr, std::string_view bytes);
  // The last lines that were not ended.
  void flush();

 private:
  void line(const std::string& service, bool is_stderr, std::string_view text) const;

  bool stdout_too_;
  std::map<std::pair<std::string, bool>, std::string> open_;  // begun lines by (service, stderr)
};

}  // namespace fb::cli
