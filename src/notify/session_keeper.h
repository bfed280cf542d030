#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/claims.h"
#include "auth/revocations.h"
#include "auth/token.h"
#include "net/shard.h"
#include "notify/session_book.h"
#include "notify/user_session.h"
#include "notify/view.h"
#include "socketio/namespace.h"

namespace trackwire::notify {

/// Counts of one process, written on all shards.
struct SessionCounters {
  std::atomic<uint64_t> anonymous{0};  ///< let in, as who they came
  std::atomic<uint64_t> signed_in{0};
  std::atomic<uint64_t> expired{0};
  std::atomic<uint64_t> authenticated{0};    ///< a token on the open socket that counted
  std::atomic<uint64_t> not_authenticated{0};  ///< one that did not
  std::atomic<uint64_t> revoked{0};
  std::atomic<uint64_t> logged_out{0};
  std::atomic<uint64_t> account_changed{0};
  std::atomic<uint64_t> shut_out{0};  ///< disconnected, without a token where one is required
};

/// What becomes of a session after the door: welcomes it, and changes it on the open socket when its
/// token ends, is revoked or replaced, or its account changes. Whoever changes leaves the rooms of who
/// they were in the same turn, is told by `session` with a reason, and their record is written.
///
/// Shard threads, of the shard that owns the socket, unless it says otherwise.
class SessionKeeper {
 public:
  struct Options {
    bool require_auth = false;
    std::chrono::seconds leeway = auth::kTokenLeeway;
    /// How long a connection stays without a token where one is required, to show another one.
    std::chrono::seconds grace = std::chrono::seconds(10);
  };

  /// Everything outlives it; destroy it after the shards have stopped.
  SessionKeeper(const auth::TokenVerifier& verifier, const Views& views, SessionBook& book,
                Options options);
  ~SessionKeeper();
  SessionKeeper(const SessionKeeper&) = delete;
  SessionKeeper& operator=(const SessionKeeper&) = delete;

  /// Sets the handlers of `nsp`, which is the book's; before the server starts. `start_offset` is
  /// where the log stood when dispatch began: the place of sockets on shards that delivered nothing.
  void Attach(socketio::Namespace& nsp, std::string start_offset);

  // Any thread: asks TokenVerifier::Recheck() again about open sockets, and acts.

  void ReviewUser(const std::string& user);
  void ReviewToken(const std::string& token_id);
  void ReviewAll();
  /// Those who have signed in with our own login; whichever accounts have changed.
  void AccountsChanged();

  const SessionCounters& counters() const { return counters_; }

 private:
  struct Part;
  using Refs = std::vector<socketio::SocketRef>;

  void Welcome(socketio::Socket& socket);
  void Leave(socketio::Socket& socket, socketio::DisconnectReason reason);
  void OnAuthenticate(socketio::Socket& socket, const socketio::Event& event, socketio::AckFn ack);
  void OnVerified(socketio::Socket& socket, uint64_t number,
                  Result<auth::Identity, auth::TokenError> identity, socketio::AckFn& ack);
  void OnTick(Part& part);
  /// Brings an open session up to date with what the verifier says of its token by now.
  void Review(socketio::Socket& socket);
  void ReviewSome(Part& part, const std::shared_ptr<const Refs>& refs, size_t from,
                  bool logins_only);
  void OnAllShards(const std::function<Refs(Part&)>& choose, bool logins_only);

  void BecomeAnonymous(socketio::Socket& socket, std::string_view reason);
  void Become(socketio::Socket& socket, auth::Identity identity, std::optional<WallTime> deadline,
              std::string_view reason);
  void Tell(socketio::Socket& socket, std::string session_json);
  void Arm(Part& part);
  Part& PartOf(const socketio::Socket& socket);

  const auth::TokenVerifier& verifier_;
  const Views& views_;
  SessionBook& book_;
  const Options options_;
  socketio::Namespace* nsp_ = nullptr;
  std::string start_offset_;
  SessionCounters counters_;
  std::vector<std::unique_ptr<Part>> parts_;  ///< by shard
};

/// Has every change of `revocations` act on the sessions of `keeper`. Before Revocations::Start().
void Follow(auth::Revocations& revocations, SessionKeeper& keeper);

}  // namespace trackwire::notify
