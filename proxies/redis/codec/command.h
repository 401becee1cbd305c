// A Redis command as bytes: an array of bulk strings, which carries any bytes.
#pragma once
#include <span>
#include <string>

namespace fb {

std::string write_redis_command(std::span<const std::string> words);

}  // namespace fb
