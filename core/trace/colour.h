// Colour on or off, decided by whoever knows the terminal; text for files never has any.
#pragma once
#include <string>
#include <string_view>

namespace fb {

enum class Colour : bool { kOff, kOn };

inline constexpr std::string_view kRed = "\x1b[31m", kGreen = "\x1b[32m", kYellow = "\x1b[33m";

// The text in that colour, or as it is.
inline std::string paint(std::string_view text, std::string_view code, Colour colour) {
  if (colour == Colour::kOff) return std::string(text);
  return std::string(code) + std::string(text) + "\x1b[0m";
}

}  // namespace fb
