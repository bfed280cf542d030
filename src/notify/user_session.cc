#include "notify/user_session.h"

#include <algorithm>
#include <cctype>

#include "auth/token_source.h"
#include "base/json_scanner.h"
#include "base/log.h"
#include "base/text.h"
#include "net/shard.h"
#include "notify/audience.h"
#include "notify/log_recovery.h"

namespace trackwire::notify {
namespace {

bool ContainsIgnoreCase(std::string_view text, std::string_view part) {
  const auto same = [](unsigned char a, unsigned char b) {
    return std::tolower(a) == std::tolower(b);
  };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

bool AuthSaysNo(std::string_view auth_json) {
  const auto value = base::ScanJson(auth_json);
  if (!value || !value->is_object()) return false;
  const auto wish = base::FindMember(*value, "recovery");
  return wish && wish->type == base::JsonType::kFalse;
}

socketio::ConnectError Refusal(const char* code, const char* message) {
  return {message, std::string(R"({"code":")") + code + "\"}"};
}

socketio::ConnectError RefusalFor(auth::TokenError error) {
  if (error == auth::TokenError::kExpired) {
    return Refusal("token_expired", "The token has expired");
  }
  return Refusal("token_invalid", "The token is not valid");
}

}  // namespace

const UserSession& SessionOf(const socketio::Socket& socket) {
  static const UserSession kAnonymous;
  const auto* session = dynamic_cast<const UserSession*>(socket.data());
  return session == nullptr ? kAnonymous : *session;
}

const auth::Identity& IdentityOf(const socketio::Socket& socket) {
  return SessionOf(socket).identity;
}

UserSession* MutableSessionOf(const socketio::Socket& socket) {
  return dynamic_cast<UserSession*>(socket.data());
}

void SettleRooms(socketio::Socket& socket) {
  const UserSession& session = SessionOf(socket);
  const std::vector<std::string> rooms =
      RoomsOf(session.identity, session.view, session.selection.get());
  for (const std::string& room : socket.Rooms()) {
    if (!IsServerRoom(room)) continue;
    if (!std::binary_search(rooms.begin(), rooms.end(), room)) socket.Leave(room);
  }
  for (const std::string& room : rooms) socket.Join(room);
}

void KeepRecord(socketio::Socket& socket) {
  if (socket.pid().empty()) return;
  const UserSession& session = SessionOf(socket);
  socket.set_recovery_data(RecordData(session.choices, session.identity));
}

void Choose(socketio::Socket& socket, UserSession& session, const broker::LogOffset& offset,
            std::shared_ptr<const tracking::Selection> selection) {
  // The history has a copy: what it remembers is not chosen any more.
  session.choices.Add(offset, std::make_shared<const tracking::Selection>(*selection));
  session.selection = std::move(selection);
  SettleRooms(socket);
  KeepRecord(socket);
}

Door::Door(const auth::TokenVerifier& verifier, const Views& views, Options options)
    : verifier_(verifier), views_(views), options_(std::move(options)) {}

void Door::Attach(socketio::Namespace& nsp, std::string start_offset) {
  start_offset_ = std::move(start_offset);
  Guard(nsp);
  nsp.OnConnection([this](socketio::Socket& socket) { Welcome(socket); });
}

void Door::Guard(socketio::Namespace& nsp) {
  nsp.Use([this](socketio::Socket& socket, socketio::Next next) {
    Authenticate(socket, std::move(next));
  });
}

bool Door::TakesPart(const socketio::Socket& socket) const {
  const socketio::Handshake* handshake = socket.handshake();
  if (!options_.recovery || handshake == nullptr) return false;
  if (handshake->query.Find("recovery") == "0" || AuthSaysNo(handshake->auth_json)) return false;
  const auto agent = handshake->headers.Find("User-Agent");
  // Python's websocket-client sends an Origin but no name; no browser and no Node program does so.
  if (!agent) return !handshake->headers.Find("Origin");
  return std::none_of(options_.plain_agents.begin(), options_.plain_agents.end(),
                      [&](const std::string& part) { return ContainsIgnoreCase(*agent, part); });
}

void Door::Authenticate(socketio::Socket& socket, socketio::Next next) {
  const socketio::Handshake& handshake = *socket.handshake();
  std::optional<std::string> cookie;
  if (!options_.trusts_cookie || options_.trusts_cookie(handshake.headers)) {
    cookie = handshake.Cookie(options_.cookie);
  }
  auto presented = auth::FindToken(cookie, handshake.auth_json, handshake.headers);
  if (!presented) return Decide(socket, {}, Refusal("token_missing", "A token is required"), next);
  // Answered later only when the token's key has to be fetched first.
  verifier_.VerifySoon(
      std::move(presented->token), socket.shard(),
      [this, &nsp = socket.nsp(), &shard = socket.shard(), ref = socket.ref(),
       source = presented->source, address = handshake.address,
       next = std::move(next)](Result<auth::Identity, auth::TokenError> identity) {
        socketio::Socket* waiting = nsp.Find(shard, ref);
        if (waiting == nullptr) return;
        if (identity) return Decide(*waiting, std::move(*identity), std::nullopt, next);
        counters_.bad_tokens.fetch_add(1, std::memory_order_relaxed);
        base::LogWarn(
            "auth", "a token was refused",
            {{"reason", auth::ToString(identity.error())}, {"from", source}, {"address", address}});
        Decide(*waiting, {}, RefusalFor(identity.error()), next);
      });
}

void Door::Decide(socketio::Socket& socket, auth::Identity identity,
                  std::optional<socketio::ConnectError> refusal, const socketio::Next& next) {
  if (options_.require_auth && refusal) {
    counters_.refused.fetch_add(1, std::memory_order_relaxed);
    return next(std::move(refusal));
  }
  auto session = std::make_unique<UserSession>();
  session->identity = std::move(identity);
  session->view = views_.Of(session->identity);
  socket.set_data(std::move(session));
  next(std::nullopt);
}

void Door::Welcome(socketio::Socket& socket) {
  const auth::Identity& identity = IdentityOf(socket);
  (identity.authenticated ? counters_.signed_in : counters_.anonymous)
      .fetch_add(1, std::memory_order_relaxed);
  UserSession* session = MutableSessionOf(socket);
  if (session != nullptr && session->restored != nullptr) {
    if (socket.recovered()) {
      session->selection = session->restored->selection;
      session->choices = std::move(session->restored->choices);
    }
    session->restored.reset();
  }
  // The rooms of the earlier connection came back with it; the token presented now decides.
  SettleRooms(socket);
  KeepRecord(socket);
  const std::string& last = socket.nsp().last_offset(socket.shard());
  const uint64_t replayed = SessionOf(socket).replayed->load();
  socket.Emit("session", {SessionJson(identity, socket.recovered(), replayed), {}},
              last.empty() ? start_offset_ : last);
}

std::string SessionJson(const auth::Identity& identity, bool recovered, uint64_t replayed) {
  std::string out = R"({"user":)";
  if (identity.authenticated && !identity.user.empty()) {
    base::AppendJsonString(out, identity.user);
  } else {
    out += "null";
  }
  out += R"(,"roles":)";
  base::AppendJsonArray(out, identity.roles, false);
  out += R"(,"permissions":)";
  base::AppendJsonArray(out, identity.permissions, false);
  out += R"(,"clients":)";
  base::AppendJsonArray(out, identity.clients, true);
  out += R"(,"expires_at":)";
  if (identity.expires_at) {
    base::AppendJsonString(out, base::FormatTime(*identity.expires_at));
  } else {
    out += "null";
  }
  out += std::string(R"(,"recovered":)") + (recovered ? "true" : "false");
  return out + R"(,"replayed":)" + std::to_string(recovered ? replayed : 0) + "}";
}

}  // namespace trackwire::notify
