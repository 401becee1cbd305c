// What --isolation asks for (spec §5).
#pragma once

namespace fb::cli {

enum class IsolationWish { kAuto, kFull, kNone };

}  // namespace fb::cli
