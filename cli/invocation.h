// How faultbox was called: its arguments, its environment, and what its output streams are. Filled
// by main(), the only place that asks the operating system; the commands see nothing else of it.
#pragma once
#include "core/trace/colour.h"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace fb::cli {

struct OutputStream {
  bool terminal = false;
  bool plain = false;   // NO_COLOR is set or TERM is "dumb"
  size_t columns = 80;  // of the terminal
  Colour colour() const { return terminal && !plain ? Colour::kOn : Colour::kOff; }
};

struct Invocation {
  std::vector<std::string> arguments;  // after the command's name
  std::map<std::string, std::string> environment;
  OutputStream stdout_stream, stderr_stream;
  int processors = 1;  // that this process may use

  bool has(const std::string& variable) const { return environment.contains(variable); }
};

}  // namespace fb::cli
