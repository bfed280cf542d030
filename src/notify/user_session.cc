#include "notify/user_session.h"

#include <algorithm>

#include "base/json_scanner.h"
#include "base/text.h"
#include "notify/audience.h"

namespace trackwire::notify {

std::shared_ptr<const auth::Identity> UserSession::Anonymous() {
  static const auth::Identity kAnonymous;
  return {std::shared_ptr<void>(), &kAnonymous};  // counts nobody, so that no shards meet in it
}

void UserSession::set_identity(auth::Identity identity) {
  identity_ = identity == auth::Identity()
                  ? Anonymous()
                  : std::make_shared<const auth::Identity>(std::move(identity));
}

UserSession::Rest& UserSession::rest() {
  if (rest_ == nullptr) rest_ = std::make_unique<Rest>();
  return *rest_;
}

const UserSession& SessionOf(const socketio::Socket& socket) {
  static const UserSession kAnonymous;
  const UserSession* session = FindSession(socket);
  return session == nullptr ? kAnonymous : *session;
}

const auth::Identity& IdentityOf(const socketio::Socket& socket) {
  return SessionOf(socket).identity();
}

UserSession* FindSession(const socketio::Socket& socket) {
  return dynamic_cast<UserSession*>(socket.data());
}

void FitRooms(socketio::Socket& socket) {
  const UserSession& session = SessionOf(socket);
  std::vector<std::string> rooms;
  if (!session.shut_out) {
    rooms = RoomsOf(session.identity(), session.view, session.selection.get());
  }
  for (const std::string& room : socket.Rooms()) {
    if (!IsServerRoom(room)) continue;
    if (!std::binary_search(rooms.begin(), rooms.end(), room)) socket.Leave(room);
  }
  for (const std::string& room : rooms) socket.Join(room);
}

void Choose(socketio::Socket& socket, UserSession& session, const broker::LogOffset& offset,
            std::shared_ptr<const tracking::Selection> selection) {
  // The history has a copy: what it remembers is not chosen any more.
  session.rest().choices.Add(offset, std::make_shared<const tracking::Selection>(*selection));
  session.selection = std::move(selection);
  FitRooms(socket);
}

std::optional<WallTime> EndOf(const auth::Identity& identity, WallTime now,
                              std::chrono::milliseconds leeway) {
  if (!identity.authenticated || !identity.expires_at) return std::nullopt;
  if (*identity.expires_at > now) return identity.expires_at;
  return *identity.expires_at + leeway;
}

namespace {

/// Without the closing brace.
std::string OpenIdentityJson(const auth::Identity& identity) {
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
  return out;
}

}  // namespace

std::string IdentityJson(const auth::Identity& identity) { return OpenIdentityJson(identity) + "}"; }

std::string SessionJson(const auth::Identity& identity, bool recovered, uint64_t replayed,
                        std::string_view reason) {
  std::string out = OpenIdentityJson(identity);
  out += std::string(R"(,"recovered":)") + (recovered ? "true" : "false");
  out += R"(,"replayed":)" + std::to_string(recovered ? replayed : 0);
  if (!reason.empty()) {
    out += R"(,"reason":)";
    base::AppendJsonString(out, reason);
  }
  return out + "}";
}

}  // namespace trackwire::notify
