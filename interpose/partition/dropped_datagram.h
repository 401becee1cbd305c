// What a call that sends datagrams is told when they are lost on the way: that they were sent.
#pragma once
#include "core/model/decision.h"
#include "interpose/decode/decode.h"

namespace fb {

// Allow where the call fails by itself (too much for a datagram).
Decision answer_to_dropped(const Target& target, const CallArguments& arguments);

}  // namespace fb
