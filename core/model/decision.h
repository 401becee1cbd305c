// The Scheduler's answer to one Operation, as the asker has to carry it out.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace fb {

struct Allow {
  bool operator==(const Allow&) const = default;
};
struct Deny {
  int error_number = 0;  // positive errno value
  bool operator==(const Deny&) const = default;
};
// The call is answered without being made: its value, and bytes to put into the caller's memory.
struct Return {
  struct Write {
    uint64_t address = 0;
    std::vector<std::byte> bytes;
    bool operator==(const Write&) const = default;
  };
  int64_t value = 0;
  std::vector<Write> writes;
  bool operator==(const Return&) const = default;
};
struct Respond {
  std::vector<std::byte> bytes;
  bool operator==(const Respond&) const = default;
};
struct Drop {
  bool operator==(const Drop&) const = default;
};
struct Duplicate {
  bool operator==(const Duplicate&) const = default;
};

using Decision = std::variant<Allow, Deny, Return, Respond, Drop, Duplicate>;

}  // namespace fb
