#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "auth/claims.h"
#include "auth/identity.h"
#include "auth/token.h"
#include "notify/view.h"
#include "socketio/namespace.h"
#include "socketio/socket.h"

namespace trackwire::notify {

/// Counts of one process, written on all shards.
struct DoorCounters {
  std::atomic<uint64_t> bad_tokens{0};
  std::atomic<uint64_t> refused{0};
};

/// Why a token did not count, as clients are told: in `data` of a connect_error and as the error of
/// `authenticate`.
struct Refusal {
  const char* code;     ///< `token_missing`, `token_expired`, `token_revoked` or `token_invalid`
  const char* message;  ///< for people
};
Refusal RefusalFor(auth::TokenError error);
inline constexpr Refusal kTokenMissing{"token_missing", "A token is required"};

/// Lets sockets in: finds and checks the token of a CONNECT and says who sits there from now on.
///
/// Shard threads, after Guard().
class Door {
 public:
  struct Options {
    bool require_auth = false;
    std::string cookie = "access_token";
    /// Whether the cookie of a handshake with these headers counts; empty: always. Shard threads.
    std::function<bool(const net::http::Headers&)> trusts_cookie;
    /// By how much clocks may differ: see EndOf().
    std::chrono::seconds leeway = auth::kTokenLeeway;
    bool recovery = true;
    /// User agents, by a part of their name, whose handlers would break on an extra argument.
    std::vector<std::string> plain_agents;
  };

  /// `verifier` and `views` outlive the door.
  Door(const auth::TokenVerifier& verifier, const Views& views, Options options);

  /// Sets the middleware of a namespace; before the server starts.
  void Guard(socketio::Namespace& nsp);
  /// Whether a client takes part in recovery: unless its handshake says `recovery=0`, its auth
  /// object `"recovery": false`, or its user agent is on the list.
  bool TakesPart(const socketio::Socket& socket) const;
  const DoorCounters& counters() const { return counters_; }

 private:
  void Authenticate(socketio::Socket& socket, socketio::Next next);
  /// Lets `socket` in as `identity`, unless `refusal` counts here.
  void Decide(socketio::Socket& socket, auth::Identity identity, const Refusal* refusal,
              const socketio::Next& next);

  const auth::TokenVerifier& verifier_;
  const Views& views_;
  const Options options_;
  DoorCounters counters_;
};

}  // namespace trackwire::notify
