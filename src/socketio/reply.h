#pragma once

#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "socketio/typed_handler.h"

namespace trackwire::socketio {

/// What a client acknowledged, as values of these types:
///
///     socket.Timeout(5s).EmitWithAck("add", 1, 2, [](Reply<int> sum) {
///       if (sum) Use(sum.value());
///     });
///
/// Reply<> asks for none. Arguments beyond those are ignored, as everywhere. What borrows (Bytes,
/// std::string_view, args_json()) is valid until the callback returns.
template <typename... T>
class Reply {
 public:
  /// No answer came in time, or the socket ended before.
  bool timed_out() const { return state_ == State::kTimedOut; }
  /// An answer came that does not fit; why() says for people what is wrong.
  bool invalid() const { return state_ == State::kInvalid; }
  /// Whether there are values.
  explicit operator bool() const { return state_ == State::kFits; }

  /// All of them, or one. Asking for values that are not there stops the program.
  const std::tuple<T...>& values() const {
    CHECK(state_ == State::kFits);
    return values_;
  }
  template <size_t I = 0>
  const auto& value() const {
    return std::get<I>(values());
  }

  const std::string& why() const { return why_; }
  /// The answer as it came, an array; `[]` without one.
  std::string_view args_json() const { return args_json_; }
  const std::vector<std::string_view>& attachments() const { return attachments_; }

  /// Reads what an AckResult gets; `source` must outlive it.
  Reply(bool timed_out, ArgumentSource& source, std::string_view args_json,
        const std::vector<std::string_view>& attachments)
      : args_json_(args_json), attachments_(attachments) {
    if (timed_out) return;
    state_ = source.Read(values_) ? State::kFits : State::kInvalid;
    if (invalid()) why_ = source.Why();
  }

 private:
  enum class State : uint8_t { kTimedOut, kInvalid, kFits };

  State state_ = State::kTimedOut;
  std::tuple<T...> values_;
  std::string why_;
  std::string_view args_json_;
  std::vector<std::string_view> attachments_;
};

template <typename T>
inline constexpr bool kIsReply = false;
template <typename... T>
inline constexpr bool kIsReply<Reply<T...>> = true;

/// A callback that takes a Reply<T...> as a raw one; those that take what an AckResult gets stay.
template <typename F>
AckResult MakeAckResult(F callback) {
  if constexpr (std::is_convertible_v<F, AckResult>) {
    return callback;
  } else {
    using Wanted = std::remove_cvref_t<typename Parameters<F>::template Type<0>>;
    static_assert(Parameters<F>::kCount == 1 && kIsReply<Wanted>,
                  "the last argument is a callback that takes a Reply<T...>");
    return
        [callback = std::move(callback)](bool timed_out, std::string_view args_json,
                                         const std::vector<std::string_view>& attachments) mutable {
          ArgumentSource source(args_json, attachments);
          callback(Wanted(timed_out, source, args_json, attachments));
        };
  }
}

}  // namespace trackwire::socketio
