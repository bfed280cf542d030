#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engineio/server.h"
#include "socketio/adapter.h"
#include "socketio/namespace.h"
#include "socketio/name_pattern.h"
#include "socketio/options.h"
#include "socketio/parent_namespace.h"
#include "socketio/recovery.h"

namespace trackwire::socketio {

/// A Socket.IO v5 server over any number of shards, which must be indexed from 0 in order.
///
/// Destroy it after the shards have stopped, before they are destroyed; Ack, Next and the answers
/// of matchers that are kept are of no use from then on and must not be called. With one namespace
/// only (and no parent of others) what a client said when it came is freed as soon as it is
/// connected; a client that leaves the namespace and wants to join it again over the same
/// connection is then made to reconnect.
class Server {
 public:
  Server(std::vector<net::Shard*> shards, Options options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Creates or finds a namespace, which then stays. Any thread once handler() was called; one that
  /// is made then belongs to the first OfRegex() that takes its name, if any.
  Namespace& Of(std::string name);
  /// The same without creating it, nothing when there is none: for those that are made for clients,
  /// and stay while they are held. Any thread; to be given back before the server is destroyed.
  std::shared_ptr<Namespace> Find(std::string_view name);
  /// Namespaces that are made when a client wants to join them; before the server starts. Those
  /// that Of() created go first, then the parents in the order in which they were set.
  ParentNamespace& OfMatching(NamespaceMatcher matcher);
  /// For names that fit a regular expression, checked in time linear in the name: see
  /// NamePattern for what it may say. A pattern that comes from outside is to be read with
  /// NamePattern::Parse(), for a wrong one ends the program.
  ParentNamespace& OfRegex(std::string_view pattern);
  ParentNamespace& OfRegex(NamePattern pattern);
  /// Each namespace as it is made, by Of() too, before any client is in it. Set before those.
  void OnNewNamespace(std::function<void(Namespace&)> handler);

  // What the namespace `/` does, for programs with no other.

  /// Of("/").
  Namespace& main();
  template <typename... T>
    requires(kAreValues<T...>)
  void Emit(std::string_view event, const T&... values) {
    main().Emit(event, values...);
  }
  template <typename... T>
    requires(kAreValues<T...>)
  void EmitWithAck(std::string_view event, T&&... values_and_callback) {
    main().EmitWithAck(event, std::forward<T>(values_and_callback)...);
  }
  BroadcastOperator To(const RoomNames& rooms);
  BroadcastOperator In(const RoomNames& rooms);
  BroadcastOperator Except(const RoomNames& rooms);
  BroadcastOperator Local();
  BroadcastOperator Volatile();
  BroadcastOperator Compress(bool compress);
  BroadcastOperator Timeout(std::chrono::milliseconds timeout);

  /// Switches recovery on for a namespace; before the server starts. `recovery` must live
  /// until the shards have stopped.
  /// `participates` says of each socket, after the middlewares passed, whether it takes part.
  void UseRecovery(Namespace& nsp, Recovery* recovery,
                   std::function<bool(const Socket&)> participates);
  /// Lets a namespace reach over the servers of a cluster; before the server starts. The adapter's
  /// loop must outlive the shards.
  ///
  /// Other servers may ask for a socket's handshake, which is kept for that. Cookies, the
  /// Authorization field, the query and what the client sent as `auth` are left out of it unless
  /// `share_credentials`: npm servers tell each other all of them.
  void UseAdapter(Namespace& nsp, std::unique_ptr<Adapter> adapter, bool share_credentials = false);
  /// Starts the adapters. `done` (may be empty) runs on any thread once all of them are heard by
  /// the others and hear them.
  void StartAdapters(std::function<void()> done = {});
  /// Destroys the adapters on their loops and waits for it: before their bus goes, not from a loop.
  /// Afterwards each server is alone; callbacks that waited for others are dropped.
  void StopAdapters();
  /// What the adapters counted together. Not from a loop.
  AdapterCounters adapter_counters() const;
  /// What to mount in the HTTP router at options.engine.path, before the shards start: what has to
  /// be set before the server starts has to be set before this.
  net::http::Handler* handler();
  engineio::Server& engine();

  /// On the shard's thread.
  const Counters& counters(net::Shard& shard) const;
  /// Closes all transports without a DISCONNECT packet, at most `per_second` a second and shard
  /// (0: at once), so that clients come back elsewhere. Any thread; `done` runs on any.
  void Drain(uint32_t per_second, std::function<void()> done);
  /// The same at once, and no new clients: `io.close()`. Adapters are for StopAdapters().
  void Close(std::function<void()> done = {}) { Drain(0, std::move(done)); }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trackwire::socketio
