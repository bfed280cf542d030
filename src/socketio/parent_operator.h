#pragma once

#include <string_view>

#include "socketio/broadcast_operator.h"
#include "socketio/parent_namespace.h"

namespace trackwire::socketio {

/// Chosen sockets of all namespaces of a parent that there are when it emits, in all servers for
/// those with an adapter:
///
///     server.OfRegex("/tenant-\\d+").To("admins").Emit("notice", "at noon");
///
/// A value, to be used while the server lives. Any thread. What asks for answers is for the
/// children, one by one.
class [[nodiscard]] ParentOperator : public BroadcastChain<ParentOperator> {
 public:
  explicit ParentOperator(ParentNamespace& parent) : parent_(&parent) {}

  /// Any values that have a codec.
  template <typename... T>
  void Emit(std::string_view event, const T&... values) const {
    parent_->Emit(Make(event, MakeArgs(values...)));
  }

 private:
  ParentNamespace* parent_;
};

template <typename... T>
requires(kAreValues<T...>) void ParentNamespace::Emit(std::string_view event, const T&... values) {
  Emit(event, MakeArgs(values...));
}

}  // namespace trackwire::socketio
