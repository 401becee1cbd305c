// What the world can do wrong, as a value. A message names the thing, the value and the wish:
// "cannot open '/x/spec.star': permission denied (reading the spec)".
#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace fb {

// A code exists only if some caller acts on it differently.
enum class Code {
  kFailed,       // anything else: show the message
  kInvalid,      // the user's input is wrong
  kNotFound,     // the named thing does not exist
  kPermission,   // the kernel refused
  kGone,         // the process or call in question is no longer there
  kTimeout,      // a limit was reached
  kUnavailable,  // a feature this kernel or machine lacks
  kCancelled,    // the user or a time limit stopped it
  kDiverged,     // a schedule could not be followed
};

struct Error {
  Code code = Code::kFailed;
  std::string message;

  bool operator==(const Error&) const = default;

  // The same error, told from further up: "PREFIX: MESSAGE".
  Error within(std::string_view prefix) const {
    return Error{code, std::string(prefix) + ": " + message};
  }
};

inline Error failed(std::string message) {
  return Error{Code::kFailed, std::move(message)};
}
inline Error invalid(std::string message) {
  return Error{Code::kInvalid, std::move(message)};
}

}  // namespace fb
