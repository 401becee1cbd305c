#include "proxies/redis/codec/command.h"

#include <fmt/format.h>
#include <iterator>

namespace fb {

std::string write_redis_command(std::span<const std::string> words) {
  std::string out = fmt::format("*{}\r\n", words.size());
  for (const std::string& word : words) {
    fmt::format_to(std::back_inserter(out), "${}\r\n", word.size());
    out += word;
    out += "\r\n";
  }
  return out;
}

}  // namespace fb
