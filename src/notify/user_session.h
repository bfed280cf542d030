#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "auth/identity.h"
#include "auth/token.h"
#include "notify/choice_history.h"
#include "notify/view.h"
#include "socketio/namespace.h"
#include "socketio/socket.h"
#include "tracking/selection.h"

namespace trackwire::notify {

struct InterestQueue;

/// What recovery found in a record: written on the broker's loop before the socket's shard goes on.
struct RestoredChoice {
  std::shared_ptr<const tracking::Selection> selection;
  ChoiceHistory choices;
};

/// What a socket's program side knows: who sits there. Belongs to the socket's shard.
struct UserSession final : socketio::SocketData {
  auth::Identity identity;
  View view = 0;
  /// What they have chosen to hear of; nothing: everything they may see.
  std::shared_ptr<const tracking::Selection> selection;
  /// What they had chosen when.
  ChoiceHistory choices;
  /// Their requests to choose that are not answered yet; made when there is one.
  std::shared_ptr<InterestQueue> asked;
  /// Made when they ask to resume.
  std::shared_ptr<RestoredChoice> restored;
  /// How many missed events were sent to a client that came back; written by recovery before the
  /// socket's shard goes on, hence shared.
  std::shared_ptr<std::atomic<uint64_t>> replayed = std::make_shared<std::atomic<uint64_t>>(0);
};

/// The session of a socket that passed the door; an anonymous one before.
const UserSession& SessionOf(const socketio::Socket& socket);
const auth::Identity& IdentityOf(const socketio::Socket& socket);
/// The same to change, or nullptr before.
UserSession* MutableSessionOf(const socketio::Socket& socket);

/// Puts a socket into the rooms of its session, and out of those of an earlier identity, view or
/// choice. Call it whenever one of these has changed.
void SettleRooms(socketio::Socket& socket);
/// Writes what its session is to the socket's recovery record.
void KeepRecord(socketio::Socket& socket);
/// From the entry after `offset` on, which its shard has not delivered yet, a socket gets what is
/// chosen.
void Choose(socketio::Socket& socket, UserSession& session, const broker::LogOffset& offset,
            std::shared_ptr<const tracking::Selection> selection);

/// Counts of one process, written on all shards.
struct DoorCounters {
  std::atomic<uint64_t> anonymous{0};
  std::atomic<uint64_t> signed_in{0};
  std::atomic<uint64_t> bad_tokens{0};
  std::atomic<uint64_t> refused{0};
};

/// Lets sockets in: finds and checks the token, puts the socket into the rooms of its identity and
/// tells the client who it is (`session`).
///
/// Shard threads, after Attach().
class Door {
 public:
  struct Options {
    bool require_auth = false;
    std::string cookie = "access_token";
    /// Whether the cookie of a handshake with these headers counts; empty: always. Shard threads.
    std::function<bool(const net::http::Headers&)> trusts_cookie;
    bool recovery = true;
    /// User agents, by a part of their name, whose handlers would break on an extra argument.
    std::vector<std::string> plain_agents;
  };

  /// `verifier` and `views` outlive the door.
  Door(const auth::TokenVerifier& verifier, const Views& views, Options options);

  /// Sets the handlers of `nsp`; before the server starts. `start_offset` is where the log stood
  /// when dispatch began: the place of sockets on shards that delivered nothing yet.
  void Attach(socketio::Namespace& nsp, std::string start_offset);
  /// The same rules for who comes in, for a namespace that is not about notifications.
  void Guard(socketio::Namespace& nsp);
  /// Whether a client takes part in recovery: unless its handshake says `recovery=0`, its auth
  /// object `"recovery": false`, or its user agent is on the list.
  bool TakesPart(const socketio::Socket& socket) const;
  const DoorCounters& counters() const { return counters_; }

 private:
  void Authenticate(socketio::Socket& socket, socketio::Next next);
  /// Lets `socket` in as `identity`, unless `refusal` counts here.
  void Decide(socketio::Socket& socket, auth::Identity identity,
              std::optional<socketio::ConnectError> refusal, const socketio::Next& next);
  void Welcome(socketio::Socket& socket);

  const auth::TokenVerifier& verifier_;
  const Views& views_;
  const Options options_;
  std::string start_offset_;
  DoorCounters counters_;
};

/// The payload of `session`.
std::string SessionJson(const auth::Identity& identity, bool recovered, uint64_t replayed);

}  // namespace trackwire::notify
