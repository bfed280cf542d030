#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"

namespace trackwire {

/// What went wrong: a stable machine-readable code, and a sentence for people.
struct Error {
  std::string code;
  std::string detail;
};

/// Carries an error into a Result; made by Err().
template <typename E>
struct Unexpected {
  E error;
};

/// Wraps an error for returning: `return Err(DecodeError::kEmpty);`.
template <typename E>
Unexpected<std::decay_t<E>> Err(E&& error) {
  return {std::forward<E>(error)};
}

/// `return Err("bad_port", "listen: the port is above 65535");`.
inline Unexpected<Error> Err(std::string code, std::string detail) {
  return {Error{std::move(code), std::move(detail)}};
}

/// A value or the reason there is none, spelled like std::expected (C++23).
///
/// Reading the wrong side is a mistake of ours and stops the program. Thread-compatible.
template <typename T, typename E = Error>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}          // NOLINT
  Result(Unexpected<E> e) : state_(std::in_place_index<1>, std::move(e.error)) {}  // NOLINT

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return Value(); }
  const T& value() const& { return const_cast<Result*>(this)->Value(); }
  T&& value() && { return std::move(Value()); }
  T& operator*() & { return Value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(Value()); }
  T* operator->() { return &Value(); }
  const T* operator->() const { return &value(); }

  E& error() {
    CHECK(!has_value());
    return *std::get_if<1>(&state_);
  }
  const E& error() const { return const_cast<Result*>(this)->error(); }

  template <typename U>
  T value_or(U&& other) const& {
    return has_value() ? value() : static_cast<T>(std::forward<U>(other));
  }

 private:
  T& Value() {
    CHECK(has_value());
    return *std::get_if<0>(&state_);
  }

  std::variant<T, E> state_;
};

/// Success without a value, or the reason of failure. `return Ok();` says it went well.
template <typename E>
class [[nodiscard]] Result<void, E> {
 public:
  using value_type = void;
  using error_type = E;

  Result() = default;
  Result(Unexpected<E> e) : failed_(true), error_(std::move(e.error)) {}  // NOLINT

  bool has_value() const { return !failed_; }
  explicit operator bool() const { return has_value(); }
  E& error() {
    CHECK(failed_);
    return error_;
  }
  const E& error() const { return const_cast<Result*>(this)->error(); }

 private:
  bool failed_ = false;
  E error_{};
};

/// The success of a Result<void>.
struct OkTag {
  template <typename E>
  operator Result<void, E>() const {  // NOLINT
    return {};
  }
};
inline OkTag Ok() { return {}; }

}  // namespace trackwire
