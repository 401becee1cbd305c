// A file that a command means to write.
#pragma once
#include <string>

namespace fb::cli {

struct PlannedText {
  std::string path;
  std::string text;
};

}  // namespace fb::cli
