#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/event_meter.h"
#include "auth/identity.h"
#include "base/clock.h"
#include "notify/choice_history.h"
#include "notify/view.h"
#include "socketio/namespace.h"
#include "socketio/socket.h"
#include "tracking/selection.h"

namespace trackwire::notify {

/// What recovery found out about a client that came back; written before the socket's shard goes on.
struct Returned {
  uint64_t replayed = 0;  ///< missed events that were sent
  std::shared_ptr<const tracking::Selection> selection;
  ChoiceHistory choices;
};

struct InterestQueue;

/// What a socket's program side knows: who sits there. Belongs to the socket's shard.
///
/// Most people are idle visitors: who they are is shared by all of them, and what only some need is
/// made with its first use.
class UserSession final : public socketio::SocketData {
 public:
  /// What only some sessions have.
  struct Rest {
    std::unique_ptr<auth::EventMeter> meter;  ///< of its events; made with the first
    /// What they had chosen when, for the session's record.
    ChoiceHistory choices;
    /// Their requests to choose that are not answered yet; made when there is one.
    std::shared_ptr<InterestQueue> asked;
    /// Tokens that were shown on the open socket: how many, and which of them counted last.
    uint64_t tokens_shown = 0;
    uint64_t token_taken = 0;
    /// Of who wants to be who they were; until they are welcomed.
    std::shared_ptr<Returned> returned;
  };

  const auth::Identity& identity() const { return *identity_; }
  void set_identity(auth::Identity identity);
  Rest& rest();
  /// Nothing before the first call of rest().
  const Rest* find_rest() const { return rest_.get(); }

  /// What they have chosen to hear of; nothing: everything they may see.
  std::shared_ptr<const tracking::Selection> selection;
  std::string address;  ///< real address of the client
  WallTime connected_at{};
  /// When the token stops to count, or, of who is shut out, when the connection ends.
  std::optional<WallTime> deadline;
  View view = 0;
  bool unmetered = false;  ///< its events are free
  /// A token is required and this one's counts no more: gets nothing until it shows another one.
  bool shut_out = false;
  /// Whether the transport that the record names is a WebSocket.
  bool written_websocket = false;

 private:
  std::shared_ptr<const auth::Identity> identity_ = Anonymous();
  std::unique_ptr<Rest> rest_;

  static std::shared_ptr<const auth::Identity> Anonymous();
};

/// The session of a socket that passed the door; an anonymous one before.
const UserSession& SessionOf(const socketio::Socket& socket);
const auth::Identity& IdentityOf(const socketio::Socket& socket);
/// The same to change it; nullptr before the door.
UserSession* FindSession(const socketio::Socket& socket);

/// Puts a socket into the rooms of who it is now, with what it has chosen, and out of all others that
/// only the server puts sockets into.
void FitRooms(socketio::Socket& socket);
/// From the entry after `offset` on, which its shard has not delivered yet, a socket gets what is
/// chosen. SessionBook::Save() after it.
void Choose(socketio::Socket& socket, UserSession& session, const broker::LogOffset& offset,
            std::shared_ptr<const tracking::Selection> selection);

/// When a token stops to count that is accepted at `now`: at its `exp`, or, when it was accepted by
/// the leeway between clocks alone, when that is over. Nothing: never.
std::optional<WallTime> EndOf(const auth::Identity& identity, WallTime now,
                              std::chrono::milliseconds leeway);

/// Who somebody is: `{"user","roles","permissions","clients","expires_at"}`.
std::string IdentityJson(const auth::Identity& identity);
/// The payload of `session`: the same with `recovered`, `replayed` and, unless empty, `reason`.
std::string SessionJson(const auth::Identity& identity, bool recovered, uint64_t replayed,
                        std::string_view reason = {});

}  // namespace trackwire::notify
