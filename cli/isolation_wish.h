// How much isolation the command line asks for (--isolation): what the kernel allows, all of it or
// an error, or none.
#pragma once

namespace fb::cli {

enum class IsolationWish { kAuto, kFull, kNone };

}  // namespace fb::cli
