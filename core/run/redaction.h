// What no output may show (spec §22), replaced by `***`: values of environment variables that are
// named like secrets, strings of options(redact=), passwords in URLs and connection strings,
// headers that carry credentials. Pure: applied to finished results and to lines of service output.
// Values shorter than eight characters are common words too: they are hidden only beside their
// variable's name, and passwords in their URL.
#pragma once
#include "core/run/test_result.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fb {

class Redaction {
 public:
  using Environment = std::map<std::string, std::string>;

  // Hides nothing: --no-redact.
  static Redaction none() { return {}; }
  // `environments`: ours and those of the services.
  static Redaction of(std::span<const Environment> environments,
                      std::span<const std::string> strings);

  std::string text(std::string_view shown) const;
  // Everything that is shown of it. Its name and its schedule stay: they are what a replay needs.
  void apply(TestResult& result) const;
  void apply(Diagnostic& diagnostic) const;

 private:
  void add_secret(std::string_view value);
  void apply(std::string& shown) const { shown = text(shown); }
  void apply(std::vector<std::string>& shown) const;
  void apply(std::vector<Event>& events) const;
  void apply(ExplorationReport& report) const;

  bool enabled_ = false;
  std::vector<std::string> values_;                         // longest first
  std::vector<std::pair<std::string, std::string>> short_;  // variable, value
};

// Whether a variable of that name holds a secret. PWD and OLDPWD do not: they are directories.
bool names_secret(std::string_view variable);

}  // namespace fb
