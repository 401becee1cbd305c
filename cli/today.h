// The date for the banners of files we write; nothing else of a run may look at it.
#pragma once
#include <string>

namespace fb::cli {

std::string today();  // UTC, "2026-11-24"

}  // namespace fb::cli
