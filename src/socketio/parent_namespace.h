#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/adapter.h"
#include "socketio/handler_set.h"
#include "socketio/name_pattern.h"
#include "socketio/namespace.h"

namespace trackwire::socketio {

class NamespaceRegistry;
class ParentOperator;
class Recovery;

/// Of a namespace that is made for a client, in bytes.
inline constexpr size_t kMaxDynamicName = 256;

/// Says whether a namespace may be made because a client wants to join it: `answer` once, now or
/// later, on any thread (only the first call counts; without one the connect time-out ends the
/// client). It runs on the client's shard; both views are gone when it returns.
///
/// Asked only while there is no such namespace: who may join it is for a middleware to say.
using NamespaceMatcher = std::function<void(std::string_view name, const Handshake& handshake,
                                            std::function<void(bool)> answer)>;

/// What namespaces have in common that are made when the first client wants to join them.
///
/// Each child starts from the handlers set here before the server starts. Its name is not longer
/// than kMaxDynamicName. With Options::cleanup_empty_child_namespaces it goes with its last client
/// (unless it has recovery, whose clients come back, or Server::Of() gave it away), and is made anew
/// for the next.
class ParentNamespace : public HandlerSet {
 public:
  using ChildHandler = std::function<void(Namespace&)>;
  using AdapterFactory = std::function<std::unique_ptr<Adapter>(Namespace&)>;

  ~ParentNamespace();
  ParentNamespace(const ParentNamespace&) = delete;
  ParentNamespace& operator=(const ParentNamespace&) = delete;

  /// A child was made; no client is in it yet, and handlers of its own may be added. On the thread
  /// that made it. When one throws, the child is not made and its clients are refused.
  void OnCreate(ChildHandler handler) { on_create_.push_back(std::move(handler)); }
  /// As Server::UseAdapter(), for each child. Broadcasts from other servers that come before the
  /// adapter of a new child is heard are lost.
  void UseAdapter(AdapterFactory factory, bool share_credentials = false);
  /// As Server::UseRecovery(), one for all children.
  void UseRecovery(Recovery* recovery, std::function<bool(const Socket&)> participates);

  /// To all children that there are now, in all servers for those with an adapter. Any thread.
  void Emit(const Broadcast& broadcast);
  void Emit(std::string_view event, const Args& args, std::vector<std::string> rooms = {},
            std::vector<std::string> except = {});
  /// The same with any values that have a codec, and in chains; see ParentOperator.
  template <typename... T>
    requires(kAreValues<T...>)
  void Emit(std::string_view event, const T&... values);
  ParentOperator To(const RoomNames& rooms);
  ParentOperator In(const RoomNames& rooms);
  ParentOperator Except(const RoomNames& rooms);
  ParentOperator Local();
  ParentOperator Volatile();
  ParentOperator Compress(bool compress);
  /// Those that there are now. They stay while they are held.
  std::vector<std::shared_ptr<Namespace>> children() const;

 private:
  friend class NamespaceJoin;
  friend class NamespaceRegistry;

  ParentNamespace(NamespaceRegistry& registry, NamespaceMatcher matcher,
                  std::optional<NamePattern> pattern)
      : registry_(registry), matcher_(std::move(matcher)), pattern_(std::move(pattern)) {}

  /// Asks the matcher, or looks at the pattern.
  void Ask(std::string_view name, const Handshake& handshake,
           std::function<void(bool)> answer) const;

  NamespaceRegistry& registry_;
  const NamespaceMatcher matcher_;
  const std::optional<NamePattern> pattern_;
  std::vector<ChildHandler> on_create_;
  AdapterFactory make_adapter_;
  bool share_credentials_ = false;
  Recovery* recovery_ = nullptr;
  std::function<bool(const Socket&)> participates_;
};

}  // namespace trackwire::socketio
