// The version of this build; CMake's project() has the number.
#pragma once

namespace fb::cli {
inline constexpr const char* kVersion = FB_VERSION;
}  // namespace fb::cli
