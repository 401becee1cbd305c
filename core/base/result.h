// Result<T>: a value or an Error. FB_TRY hands errors up:
//   auto [host, port] = FB_TRY(split_host_port(text));
// It uses a GNU statement expression, so that it works inside any expression.
#pragma once
#include "core/base/check.h"
#include "core/base/error.h"

#include <optional>
#include <utility>
#include <variant>

namespace fb {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

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
  const Error& error() const& {
    FB_CHECK(!ok());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    FB_CHECK(!ok());
    return std::move(*std::get_if<1>(&state_));
  }
  T value_or(T other) && { return ok() ? std::move(*this).value() : std::move(other); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  // By value, so that `for (x : *f())` does not walk through a Result that is gone.
  T operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  void value() const { FB_CHECK(ok()); }
  const Error& error() const& {
    FB_CHECK(!ok());
    return *error_;
  }
  Error&& error() && {
    FB_CHECK(!ok());
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace fb

// The value of a Result, or `return` of its error from the enclosing function.
#define FB_TRY(expression)                      \
  __extension__({                               \
    auto fb_try_result_ = (expression);         \
    if (!fb_try_result_.ok()) [[unlikely]]      \
      return std::move(fb_try_result_).error(); \
    std::move(fb_try_result_).value();          \
  })
