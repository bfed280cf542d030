#include "notify/door.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "auth/token_source.h"
#include "base/json_scanner.h"
#include "base/log.h"
#include "net/shard.h"
#include "notify/user_session.h"

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

socketio::ConnectError ToConnectError(const Refusal& refusal) {
  return {refusal.message, std::string(R"({"code":")") + refusal.code + "\"}"};
}

}  // namespace

Refusal RefusalFor(auth::TokenError error) {
  switch (error) {
    case auth::TokenError::kExpired:
      return {"token_expired", "The token has expired"};
    case auth::TokenError::kRevoked:
    case auth::TokenError::kLoggedOut:
    case auth::TokenError::kUnknownAccount:
    case auth::TokenError::kAccountDisabled:
      return {"token_revoked", "The token no longer counts"};
    default:
      return {"token_invalid", "The token is not valid"};
  }
}

Door::Door(const auth::TokenVerifier& verifier, const Views& views, Options options)
    : verifier_(verifier), views_(views), options_(std::move(options)) {}

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
  if (!presented) return Decide(socket, {}, &kTokenMissing, next);
  // Answered later only when the token's key has to be fetched first.
  verifier_.VerifySoon(
      std::move(presented->token), socket.shard(),
      [this, &nsp = socket.nsp(), &shard = socket.shard(), ref = socket.ref(),
       source = presented->source, address = handshake.address,
       next = std::move(next)](Result<auth::Identity, auth::TokenError> identity) {
        socketio::Socket* waiting = nsp.Find(shard, ref);
        if (waiting == nullptr) return;
        if (identity) return Decide(*waiting, std::move(*identity), nullptr, next);
        counters_.bad_tokens.fetch_add(1, std::memory_order_relaxed);
        base::LogWarn(
            "auth", "a token was refused",
            {{"reason", auth::ToString(identity.error())}, {"from", source}, {"address", address}});
        const Refusal refusal = RefusalFor(identity.error());
        Decide(*waiting, {}, &refusal, next);
      });
}

void Door::Decide(socketio::Socket& socket, auth::Identity identity, const Refusal* refusal,
                  const socketio::Next& next) {
  if (options_.require_auth && refusal != nullptr) {
    counters_.refused.fetch_add(1, std::memory_order_relaxed);
    return next(ToConnectError(*refusal));
  }
  auto session = std::make_unique<UserSession>();
  session->set_identity(std::move(identity));
  session->view = views_.Of(session->identity());
  session->deadline = EndOf(session->identity(), verifier_.clock().WallNow(), options_.leeway);
  socket.set_data(std::move(session));
  next(std::nullopt);
}

}  // namespace trackwire::notify
