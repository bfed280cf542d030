// The event `authenticate`: another token on the open socket.
#include <utility>

#include "auth/token_source.h"
#include "base/json_scanner.h"
#include "base/log.h"
#include "notify/door.h"
#include "notify/session_keeper.h"

namespace trackwire::notify {
namespace {

constexpr Refusal kSuperseded{"superseded", "A token that was sent later counts already"};

void Answer(socketio::AckFn& ack, std::string json) {
  if (ack) ack({std::move(json), {}});
}

void AnswerRefusal(socketio::AckFn& ack, const Refusal& refusal) {
  std::string json = R"({"error":{"code":)";
  base::AppendJsonString(json, refusal.code);
  json += R"(,"message":)";
  base::AppendJsonString(json, refusal.message);
  Answer(ack, json + "}}");
}

std::string TokenOf(std::string_view args_json) {
  const auto args = base::ScanJson(args_json);
  if (!args || !args->is_array()) return {};
  const auto first = base::JsonArrayReader(*args).Next();
  if (!first) return {};
  auto presented = auth::FindToken(std::nullopt, first->text, {});
  return presented ? std::move(presented->token) : std::string();
}

}  // namespace

void SessionKeeper::OnAuthenticate(socketio::Socket& socket, const socketio::Event& event,
                                   socketio::AckFn ack) {
  UserSession* session = FindSession(socket);
  if (session == nullptr) return;
  const uint64_t number = ++session->rest().tokens_shown;
  std::string token = TokenOf(event.args_json);
  if (token.empty()) return AnswerRefusal(ack, kTokenMissing);
  verifier_.VerifySoon(
      std::move(token), socket.shard(),
      [this, &shard = socket.shard(), ref = socket.ref(), number,
       answer = std::move(ack)](Result<auth::Identity, auth::TokenError> identity) mutable {
        socketio::Socket* waiting = nsp_->Find(shard, ref);
        if (waiting != nullptr && waiting->connected()) {
          OnVerified(*waiting, number, std::move(identity), answer);
        }
      });
}

/// As if the tokens had been looked at in the order in which they were sent, however long the key
/// of each took to come: the last one that is good decides.
void SessionKeeper::OnVerified(socketio::Socket& socket, uint64_t number,
                               Result<auth::Identity, auth::TokenError> identity,
                               socketio::AckFn& ack) {
  UserSession& session = *FindSession(socket);
  if (!identity) {
    counters_.not_authenticated.fetch_add(1, std::memory_order_relaxed);
    base::LogWarn("auth", "a token was refused",
                  {{"reason", auth::ToString(identity.error())},
                   {"from", "authenticate"},
                   {"address", session.address}});
    return AnswerRefusal(ack, RefusalFor(identity.error()));
  }
  if (number < session.rest().token_taken) return AnswerRefusal(ack, kSuperseded);
  session.rest().token_taken = number;
  counters_.authenticated.fetch_add(1, std::memory_order_relaxed);
  const auto deadline = EndOf(*identity, verifier_.clock().WallNow(), options_.leeway);
  Become(socket, std::move(*identity), deadline, "authenticated");
  Answer(ack, R"({"session":)" + IdentityJson(session.identity()) + "}");
}

}  // namespace trackwire::notify
