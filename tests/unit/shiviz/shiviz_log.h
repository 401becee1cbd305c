// A strict reader of ShiViz's log format: parser expression in line 1, delimiter of executions in
// line 2, then one event per line with a JSON vector clock. It believes nothing the format demands:
// a log that ShiViz would refuse, or whose clocks contradict each other, is an Error naming the
// line.
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fb::testing {

struct ShivizEvent {
  std::string host, text;
  std::map<std::string, uint64_t> clock;

  // This event is `other` or happened before it.
  bool precedes(const ShivizEvent& other) const {
    auto known = other.clock.find(host);
    return known != other.clock.end() && clock.at(host) <= known->second;
  }
};

Result<std::vector<ShivizEvent>> read_shiviz_log(std::string_view text);

}  // namespace fb::testing
