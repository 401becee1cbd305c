// Programs with a known number of inequivalent orders, as real processes: each actor is a service
// that runs a script of tests/guests/program.c. The counts are closed forms or were computed by an
// exact oracle; none was taken from a run of ours.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fb {

struct RealProgram {
  std::string name;
  std::string files;                 // what "reset" makes
  std::vector<std::string> scripts;  // one actor each
  uint64_t traces = 1;
  // What is right, as a regular expression searched in "REPLY / REPLY | STATE". Empty: everything.
  std::string right;
  uint64_t failing = 0;  // traces whose outcome is not right, deadlocks included
  uint64_t deadlocks = 0;
  // Preemptions that the failure with the fewest needs.
  std::optional<uint64_t> preemptions;
  std::string languages = "C";  // of C, Go, Python, Rust; separated by spaces
  bool slow = false;

  bool is_in(const std::string& language) const {
    return (' ' + languages + ' ').find(' ' + language + ' ') != std::string::npos;
  }
};

std::span<const RealProgram> real_programs();

}  // namespace fb
