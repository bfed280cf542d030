#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "socketio/ack.h"
#include "socketio/codec.h"
#include "socketio/handler_set.h"
#include "socketio/socket.h"

/// \file
/// Handlers whose parameters are what an event carries:
///
///     nsp.On("move", [](Socket& socket, double latitude, double longitude) { … });
///     nsp.On("save", [](Socket& socket, std::string name, Bytes image, Ack ack) { ack(true); });
///     socket.On("rename", [](std::string_view name) { … });
///     nsp.On("log", [](Socket& socket, const Event& event, std::string line, Args rest) { … });
///
/// A `Socket&` may come first, then a `const Event&`, then values by their codecs (see codec.h), an
/// Ack at last. Values are taken by value or by const reference; what borrows (Bytes,
/// std::string_view, the Event) is valid until the handler returns. A handler of exactly
/// `(Socket&, const Event&, AckFn)` is a raw one.
///
/// An event whose arguments do not fit is counted (Counters::bad_arguments) and told to
/// HandlerSet::OnInvalid(); its handler is not called, nor its acknowledgement answered. Arguments
/// beyond those asked for are ignored, missing ones do not fit unless they are std::optional.

namespace trackwire::socketio {

/// The parameters of a callable. Templates (`auto` parameters) have none to find: say the types.
template <typename F>
struct Parameters {
  static_assert(
      requires { &F::operator(); }, "a handler's parameters must have types");
};
template <typename F>
requires requires { &F::operator(); }
struct Parameters<F> : Parameters<decltype(&F::operator())> {};
template <typename R, typename... P>
struct Parameters<R (*)(P...)> {
  static constexpr size_t kCount = sizeof...(P);
  /// void behind the last.
  template <size_t I>
  using Type = std::tuple_element_t<(I < kCount ? I : kCount), std::tuple<P..., void>>;
};
template <typename R, typename... P>
struct Parameters<R (*)(P...) noexcept> : Parameters<R (*)(P...)> {};
template <typename F, typename R, typename... P>
struct Parameters<R (F::*)(P...)> : Parameters<R (*)(P...)> {};
template <typename F, typename R, typename... P>
struct Parameters<R (F::*)(P...) const> : Parameters<R (*)(P...)> {};
template <typename F, typename R, typename... P>
struct Parameters<R (F::*)(P...) noexcept> : Parameters<R (*)(P...)> {};
template <typename F, typename R, typename... P>
struct Parameters<R (F::*)(P...) const noexcept> : Parameters<R (*)(P...)> {};

/// Which of a typed handler's parameters is what.
template <typename F>
struct HandlerShape {
  using Of = Parameters<F>;
  template <size_t I>
  using Type = typename Of::template Type<I>;
  template <size_t I>
  using Bare = std::remove_cvref_t<Type<I>>;

  static constexpr bool kSocket = std::is_same_v<Type<0>, Socket&>;
  static constexpr bool kEvent = std::is_same_v<Type<kSocket ? 1 : 0>, const Event&>;
  /// Where the values begin.
  static constexpr size_t kFirst = (kSocket ? 1 : 0) + (kEvent ? 1 : 0);
  static constexpr bool kAck =
      Of::kCount > kFirst&& std::is_same_v<Bare<(Of::kCount > 0 ? Of::kCount - 1 : 0)>, Ack>;
  static constexpr size_t kEnd = Of::kCount - (kAck ? 1 : 0);

  template <typename T>
  static constexpr bool kByValue =
      !std::is_lvalue_reference_v<T> || std::is_const_v<std::remove_reference_t<T>>;
  template <size_t... I>
  static std::tuple<Bare<kFirst + I>...> MakeValues(std::index_sequence<I...>) {
    static_assert((kByValue<Type<kFirst + I>> && ...),
                  "arguments are taken by value or by const reference");
    static_assert(((!std::is_same_v<Bare<kFirst + I>, Args> || kFirst + I + 1 == kEnd) && ...),
                  "Args takes the arguments that are left: behind it comes an Ack only");
    return {};
  }
  using Values = decltype(MakeValues(std::make_index_sequence<kEnd - kFirst>()));
};

/// What a handler is called with. Null where it has no such parameter.
struct HandlerContext {
  Socket* socket = nullptr;
  const Event* event = nullptr;
  Ack ack;
};

template <typename F>
void CallHandler(F& handler, HandlerContext& context, typename HandlerShape<F>::Values& values) {
  using Shape = HandlerShape<F>;
  const auto argument = [&]<size_t I>(std::integral_constant<size_t, I>) -> decltype(auto) {
    if constexpr (I >= Shape::kEnd) {
      return Ack(context.ack);
    } else if constexpr (I >= Shape::kFirst) {
      return std::move(std::get<I - Shape::kFirst>(values));
    } else if constexpr (I == 0 && Shape::kSocket) {
      return static_cast<Socket&>(*context.socket);
    } else {
      return static_cast<const Event&>(*context.event);
    }
  };
  [&]<size_t... I>(std::index_sequence<I...>) {
    handler(argument(std::integral_constant<size_t, I>())...);
  }
  (std::make_index_sequence<Shape::Of::kCount>());
}

/// Reads the arguments of one call, outside of templates as far as it goes.
class ArgumentSource {
 public:
  ArgumentSource(std::string_view args_json, const std::vector<std::string_view>& attachments)
      : scope_(attachments), array_(ArgsReader(scope_, {base::JsonType::kArray, args_json})) {}

  template <typename... T>
  bool Read(std::tuple<T...>& values) {
    return std::apply([this](T&... each) { return (array_.Next(each) && ...); }, values);
  }
  std::string Why() const { return array_.Why(); }
  void Refuse(Socket& socket, const Event& event) const;
  /// For what another server said.
  void Refuse(std::string_view event) const;

 private:
  ReadScope scope_;
  ArrayReader array_;
};

/// A typed handler as a raw one.
template <typename F>
EventHandler MakeEventHandler(F handler) {
  using Shape = HandlerShape<F>;
  return [handler = std::move(handler)](Socket& socket, const Event& event, AckFn ack) mutable {
    ArgumentSource source(event.args_json, event.attachments);
    typename Shape::Values values;
    if (!source.Read(values)) return source.Refuse(socket, event);
    HandlerContext context{&socket, &event, {}};
    if constexpr (Shape::kAck) context.ack = Ack(socket.shard(), std::move(ack));
    CallHandler(handler, context, values);
  };
}

/// The same for HandlerSet::OnServerSide(); `event` for the log.
template <typename F>
ServerSideHandler MakeServerSideHandler(std::string event, F handler) {
  using Shape = HandlerShape<F>;
  static_assert(Shape::kFirst == 0, "what servers say has no Socket and no Event");
  return [event = std::move(event), handler = std::move(handler)](std::string_view args_json,
                                                                  ServerSideAnswer answer) mutable {
    const std::vector<std::string_view> no_attachments;
    ArgumentSource source(args_json, no_attachments);
    typename Shape::Values values;
    if (!source.Read(values)) return source.Refuse(event);
    HandlerContext context;
    if constexpr (Shape::kAck) context.ack = Ack(std::move(answer));
    CallHandler(handler, context, values);
  };
}

template <typename Handler>
requires(!std::is_convertible_v<Handler, EventHandler>) void HandlerSet::On(std::string event,
                                                                            Handler handler) {
  On(std::move(event), MakeEventHandler(std::move(handler)));
}

template <typename Handler>
requires(!std::is_convertible_v<Handler, ServerSideHandler>) void HandlerSet::OnServerSide(
    std::string event, Handler handler) {
  ServerSideHandler raw = MakeServerSideHandler(event, std::move(handler));
  OnServerSide(std::move(event), std::move(raw));
}

template <typename Handler>
requires(!std::is_convertible_v<Handler, EventHandler>) ListenerId Socket::On(std::string event,
                                                                              Handler handler) {
  return On(std::move(event), MakeEventHandler(std::move(handler)));
}

template <typename Handler>
requires(!std::is_convertible_v<Handler, EventHandler>) ListenerId Socket::Once(std::string event,
                                                                                Handler handler) {
  return Once(std::move(event), MakeEventHandler(std::move(handler)));
}

}  // namespace trackwire::socketio
