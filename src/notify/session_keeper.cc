#include "notify/session_keeper.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "net/timer.h"
#include "net/timer_wheel.h"
#include "notify/session_part.h"

namespace trackwire::notify {
namespace {

using std::chrono::milliseconds;

/// The wall clock may be set at any time, so nothing waits for a deadline in one go.
constexpr milliseconds kLongestWait{500};
constexpr milliseconds kShortestWait{10};
/// Sessions that are looked at in one turn of a shard.
constexpr size_t kAtOnce = 256;

constexpr std::string_view kAuthenticate = "authenticate";

constexpr std::string_view kExpired = "expired";
constexpr std::string_view kRevoked = "revoked";
constexpr std::string_view kLoggedOut = "logged_out";
constexpr std::string_view kAccountChanged = "account_changed";

std::string_view ReasonOf(auth::TokenError error) {
  switch (error) {
    case auth::TokenError::kExpired:
      return kExpired;
    case auth::TokenError::kLoggedOut:
      return kLoggedOut;
    case auth::TokenError::kUnknownAccount:
    case auth::TokenError::kAccountDisabled:
      return kAccountChanged;
    default:
      return kRevoked;
  }
}

std::shared_ptr<Returned> TakeReturned(UserSession& session) {
  if (session.find_rest() == nullptr) return nullptr;
  return std::exchange(session.rest().returned, nullptr);
}

void Count(std::atomic<uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

SessionKeeper::SessionKeeper(const auth::TokenVerifier& verifier, const Views& views,
                             SessionBook& book, Options options)
    : verifier_(verifier), views_(views), book_(book), options_(options) {}

SessionKeeper::~SessionKeeper() = default;

void SessionKeeper::Attach(socketio::Namespace& nsp, std::string start_offset) {
  CHECK(nsp_ == nullptr);
  nsp_ = &nsp;
  start_offset_ = std::move(start_offset);
  for (net::Shard* shard : nsp.shards()) parts_.push_back(std::make_unique<Part>(*this, *shard));
  nsp.OnConnection([this](socketio::Socket& socket) { Welcome(socket); });
  nsp.OnDisconnect([this](socketio::Socket& socket, socketio::DisconnectReason reason) {
    Leave(socket, reason);
  });
  nsp.UseEvents([](socketio::Socket& socket, const socketio::Event& event, socketio::AckFn& ack) {
    if (!SessionOf(socket).shut_out || event.name == kAuthenticate) return true;
    if (ack) ack({R"({"error":{"code":"unauthorized","message":"A token is required"}})", {}});
    return false;
  });
  nsp.On(std::string(kAuthenticate), [this](socketio::Socket& socket, const socketio::Event& event,
                                socketio::AckFn ack) {
    OnAuthenticate(socket, event, std::move(ack));
  });
}

void SessionKeeper::Welcome(socketio::Socket& socket) {
  if (FindSession(socket) == nullptr) socket.set_data(std::make_unique<UserSession>());
  UserSession& session = *FindSession(socket);
  session.address = socket.handshake()->address;
  session.connected_at = verifier_.clock().WallNow();
  const auto returned = TakeReturned(session);
  if (socket.recovered() && returned != nullptr) {
    // Else the choice would count for as long as the socket lives.
    session.selection = std::move(returned->selection);
    if (!returned->choices.empty()) session.rest().choices = std::move(returned->choices);
  }
  Count(session.identity().authenticated ? counters_.signed_in : counters_.anonymous);
  FitRooms(socket);
  Part& part = PartOf(socket);
  part.index.Add(session, socket.ref());
  Arm(part);
  Tell(socket, SessionJson(session.identity(), socket.recovered(),
                           returned == nullptr ? 0 : returned->replayed));
  book_.Open(socket);
  // While it was on its way in, nobody could find it.
  Review(socket);
}

void SessionKeeper::Leave(socketio::Socket& socket, socketio::DisconnectReason reason) {
  UserSession* session = FindSession(socket);
  if (session == nullptr) return;
  PartOf(socket).index.Remove(*session, socket.ref());
  book_.Close(socket, reason);
}

void SessionKeeper::Tell(socketio::Socket& socket, std::string session_json) {
  const std::string& last = nsp_->last_offset(socket.shard());
  socket.Emit("session", {std::move(session_json), {}}, last.empty() ? start_offset_ : last);
}

void SessionKeeper::Become(socketio::Socket& socket, auth::Identity identity,
                           std::optional<WallTime> deadline, std::string_view reason) {
  UserSession& session = *FindSession(socket);
  Part& part = PartOf(socket);
  part.index.Remove(session, socket.ref());
  if (identity.Fingerprint() != session.identity().Fingerprint()) {
    // Whoever else put this socket into a room meant who sat there.
    for (const std::string& room : socket.Rooms()) socket.Leave(room);
  }
  session.set_identity(std::move(identity));
  session.view = views_.Of(session.identity());
  session.deadline = deadline;
  session.shut_out = options_.require_auth && !session.identity().authenticated;
  if (session.shut_out) session.deadline = verifier_.clock().WallNow() + options_.grace;
  part.index.Add(session, socket.ref());
  Arm(part);
  FitRooms(socket);
  Tell(socket, SessionJson(session.identity(), false, 0, reason));
  book_.Save(socket);
}

void SessionKeeper::BecomeAnonymous(socketio::Socket& socket, std::string_view reason) {
  // Tokens expire by the thousand.
  base::Log(reason == kExpired ? base::LogLevel::kDebug : base::LogLevel::kInfo, "notify",
            "a session became anonymous", {{"sid", socket.sid()}, {"reason", reason}});
  if (reason == kExpired) Count(counters_.expired);
  if (reason == kRevoked) Count(counters_.revoked);
  if (reason == kLoggedOut) Count(counters_.logged_out);
  if (reason == kAccountChanged) Count(counters_.account_changed);
  Become(socket, {}, std::nullopt, reason);
}

void SessionKeeper::Review(socketio::Socket& socket) {
  const UserSession* session = FindSession(socket);
  if (session == nullptr || !socket.connected() || !session->identity().authenticated) return;
  auth::Identity identity = session->identity();
  if (const auto error = verifier_.Recheck(identity)) {
    return BecomeAnonymous(socket, ReasonOf(*error));
  }
  if (identity == session->identity()) return;
  Count(counters_.account_changed);
  Become(socket, std::move(identity), session->deadline, kAccountChanged);
}

void SessionKeeper::ReviewUser(const std::string& user) {
  OnAllShards([user](Part& part) { return part.index.OfUser(user); }, false);
}

void SessionKeeper::ReviewToken(const std::string& token_id) {
  OnAllShards([token_id](Part& part) { return part.index.OfToken(token_id); }, false);
}

void SessionKeeper::ReviewAll() {
  OnAllShards([this](Part& part) { return nsp_->Sockets(part.shard); }, false);
}

void SessionKeeper::AccountsChanged() {
  OnAllShards([this](Part& part) { return nsp_->Sockets(part.shard); }, true);
}

void SessionKeeper::OnAllShards(const std::function<Refs(Part&)>& choose, bool logins_only) {
  for (const auto& part : parts_) {
    part->shard.Post([this, &on = *part, choose, logins_only] {
      ReviewSome(on, std::make_shared<const Refs>(choose(on)), 0, logins_only);
    });
  }
}

void SessionKeeper::ReviewSome(Part& part, const std::shared_ptr<const Refs>& refs, size_t from,
                               bool logins_only) {
  const size_t to = std::min(refs->size(), from + kAtOnce);
  for (size_t i = from; i < to; ++i) {
    socketio::Socket* socket = nsp_->Find(part.shard, (*refs)[i]);
    if (socket == nullptr) continue;
    if (!logins_only || IdentityOf(*socket).from_login) Review(*socket);
  }
  if (to == refs->size()) return;
  part.shard.Post([this, &part, refs, to, logins_only] {
    ReviewSome(part, refs, to, logins_only);
  });
}

void SessionKeeper::OnTick(Part& part) {
  const WallTime now = verifier_.clock().WallNow();
  for (const socketio::SocketRef& ref : part.index.Due(now, kAtOnce)) {
    socketio::Socket* socket = nsp_->Find(part.shard, ref);
    if (socket == nullptr) continue;  // what was just said to another one ended it
    if (SessionOf(*socket).shut_out) {
      Count(counters_.shut_out);
      socket->Disconnect(true);
    } else {
      BecomeAnonymous(*socket, kExpired);
    }
  }
  Arm(part);
}

/// Wakes up for the earliest deadline.
void SessionKeeper::Arm(Part& part) {
  const auto next = part.index.NextDeadline();
  if (!next) return part.tick.Cancel();
  const milliseconds wait = *next - verifier_.clock().WallNow();
  part.tick.Start(part.shard.timers(), std::clamp(wait, kShortestWait, kLongestWait));
}

SessionKeeper::Part& SessionKeeper::PartOf(const socketio::Socket& socket) {
  return *parts_[socket.shard().index()];
}

void Follow(auth::Revocations& revocations, SessionKeeper& keeper) {
  revocations.OnChange([&keeper](const std::optional<auth::Revocations::Subject>& subject) {
    if (!subject || subject->digest) return keeper.ReviewAll();
    if (subject->kind == auth::Revocations::Kind::kUser) return keeper.ReviewUser(subject->name);
    keeper.ReviewToken(subject->name);
  });
}

}  // namespace trackwire::notify
