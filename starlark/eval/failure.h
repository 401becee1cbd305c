// What goes wrong in a Starlark program, and the two result types that carry it.
//
// A builtin returns an Outcome: a Value, or a Failure. A plain fb::Error turns into a Failure by
// itself, so
//   Outcome deny(Call& call) { auto number = FB_TRY(errno_number(call.text(0))); ... }
// works. The interpreter then adds the builtin's name, the position and the call stack.
#pragma once
#include "core/base/check.h"
#include "core/base/error.h"
#include "core/base/result.h"
#include "starlark/eval/value.h"
#include "starlark/syntax/position.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fb::starlark {

enum class FailureClass { kSyntax, kResolve, kEvaluation };

// What a host hangs on a Failure to know its own kinds again (assertion failed, timed out, ...).
struct FailurePayload {
  virtual ~FailurePayload() = default;
};

struct CallFrame {
  std::string function;  // "<toplevel>", "lambda", or a name
  Location location;     // of the call or operation in progress; file "<builtin>" in a builtin
  bool builtin = false;
};

struct Failure {
  FailureClass kind = FailureClass::kEvaluation;
  Code code = Code::kFailed;
  std::string text;              // without the builtin's name
  std::string builtin;           // the builtin that failed; empty: an operation of the language
  bool bare = false;             // message() does not repeat the builtin's name
  bool located = false;          // the stack has been taken
  std::vector<CallFrame> stack;  // outermost first
  std::vector<Diagnostic> diagnostics;  // syntax: the first error; resolve: every error of the file
  std::string file;                     // of the diagnostics
  std::shared_ptr<const FailurePayload> payload;
  std::shared_ptr<const Failure> cause;  // of "cannot load X: ..."

  // "BUILTIN: TEXT", as `fails` and the last line of a backtrace show it. For syntax and resolve
  // failures "FILE:L:C: TEXT", one line per error.
  std::string message() const;

  // The classic form:
  //   Traceback (most recent call last):
  //     FILE:L:C: in NAME
  //   Error in BUILTIN: MESSAGE
  std::string backtrace() const;

  // The form of faultbox specs: `FILE:LINE:COL: BUILTIN(): TEXT`, then `  FILE:LINE:COL in NAME`
  // for each caller inside a function, innermost first.
  std::string report() const;

  // The innermost position in a file.
  std::optional<Location> where() const;

  // This payload, or the payload of a cause, when it is a T.
  template <class T>
  const T* payload_as() const {
    for (const Failure* f = this; f != nullptr; f = f->cause.get()) {
      if (const auto* found = dynamic_cast<const T*>(f->payload.get())) return found;
    }
    return nullptr;
  }
};

// A Failure on its way up; converts to Outcome and to any Fallible<T>.
class [[nodiscard]] Raised {
 public:
  explicit Raised(std::string text, Code code = Code::kFailed)
      : failure_(std::make_unique<Failure>()) {
    failure_->text = std::move(text);
    failure_->code = code;
  }
  explicit Raised(std::unique_ptr<Failure> failure) : failure_(std::move(failure)) {}
  explicit Raised(Error error) : Raised(std::move(error.message), error.code) {}

  Raised&& with(std::shared_ptr<const FailurePayload> payload) && {
    failure_->payload = std::move(payload);
    return std::move(*this);
  }
  // The message will not be prefixed with the builtin's name.
  Raised&& bare() && {
    failure_->bare = true;
    return std::move(*this);
  }

  Failure& failure() { return *failure_; }
  const Failure& failure() const { return *failure_; }
  std::unique_ptr<Failure> take() && { return std::move(failure_); }

 private:
  std::unique_ptr<Failure> failure_;
};

// A T or a Failure.
template <class T>
class [[nodiscard]] Fallible {
 public:
  Fallible(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Fallible(Raised raised) : state_(std::in_place_index<1>, std::move(raised)) {}
  Fallible(Error error) : state_(std::in_place_index<1>, Raised(std::move(error))) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & {
    FB_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    FB_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    FB_CHECK(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  const Failure& failure() const {
    FB_CHECK(!ok());
    return std::get_if<1>(&state_)->failure();
  }
  Raised&& error() && {
    FB_CHECK(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Raised> state_;
};

// Fallible<Value> in one word: what every operation and builtin returns.
class [[nodiscard]] Outcome {
 public:
  Outcome(Value value) noexcept : bits_(value.release_bits()) {}
  Outcome(Raised raised) noexcept
      : bits_(reinterpret_cast<std::uint64_t>(std::move(raised).take().release()) | kFailureTag) {}
  Outcome(Error error) : Outcome(Raised(std::move(error))) {}
  Outcome(Outcome&& other) noexcept : bits_(std::exchange(other.bits_, 0)) {}
  Outcome& operator=(Outcome&& other) noexcept {
    Outcome old(std::move(*this));
    bits_ = std::exchange(other.bits_, 0);
    return *this;
  }
  ~Outcome() {
    if (bits_ != 0) destroy();
  }

  bool ok() const { return (bits_ & 7) != kFailureTag; }
  explicit operator bool() const { return ok(); }
  Value value() && {
    FB_CHECK(ok());
    return Value::from_bits(std::exchange(bits_, 0));
  }
  const Failure& failure() const {
    FB_CHECK(!ok());
    return *pointer();
  }
  Raised error() && {
    FB_CHECK(!ok());
    Failure* failure = pointer();
    bits_ = 0;
    return Raised(std::unique_ptr<Failure>(failure));
  }

 private:
  static constexpr std::uint64_t kFailureTag = 6;
  Failure* pointer() const { return reinterpret_cast<Failure*>(bits_ & ~std::uint64_t{7}); }
  void destroy() noexcept {
    if (ok()) {
      Value value = Value::from_bits(bits_);
    } else {
      delete pointer();
    }
  }

  std::uint64_t bits_ = 0;
};

}  // namespace fb::starlark
