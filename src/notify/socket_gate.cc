#include "notify/socket_gate.h"

#include <memory>
#include <string>
#include <utility>

#include "base/log.h"
#include "net/shard.h"
#include "notify/user_session.h"

namespace trackwire::notify {
namespace {

socketio::ConnectError TooManyConnections(const broker::Verdict& verdict) {
  return {"Too many connections, try again later",
          R"({"code":"rate_limited","retry_after":)" +
              std::to_string(auth::RetrySeconds(verdict.retry_after)) + "}"};
}

std::string TooManyEvents(const broker::Verdict& verdict) {
  return R"({"error":{"code":"rate_limited","message":"Too many events, try again later",)"
         R"("retry_after":)" +
         std::to_string(auth::RetrySeconds(verdict.retry_after)) + "}}";
}

auth::Caller CallerOf(const UserSession& session) {
  return {{}, session.identity().authenticated ? session.identity().user : "", session.address};
}

}  // namespace

void SocketGate::Attach(socketio::Namespace& nsp) {
  nsp.Use([this](socketio::Socket& socket, socketio::Next next) {
    Connect(socket, std::move(next));
  });
  nsp.UseEvents([this](socketio::Socket& socket, const socketio::Event&, socketio::AckFn& ack) {
    return Pass(socket, ack);
  });
}

void SocketGate::Connect(socketio::Socket& socket, socketio::Next next) {
  auto* session = dynamic_cast<UserSession*>(socket.data());
  if (session == nullptr) return next(std::nullopt);
  session->address = socket.handshake()->address;
  // Copyable, as what waits for the broker must be.
  const auto go_on = std::make_shared<socketio::Next>(std::move(next));
  limits_.Check(auth::LimitKind::kConnection, CallerOf(*session),
                [go_on](const broker::Verdict& verdict) {
                  if (verdict.allowed) return (*go_on)(std::nullopt);
                  (*go_on)(TooManyConnections(verdict));
                });
}

auth::EventMeter* SocketGate::MeterOf(UserSession& session) {
  if (session.unmetered) return nullptr;
  const std::string& user = session.identity().user;
  auto& meter = session.rest().meter;
  if (meter == nullptr) {
    meter = limits_.MeterFor(CallerOf(session));
    session.unmetered = meter == nullptr;
  } else if (meter->user() != user) {
    // Signed in anew: what the session itself has used up stays used up.
    limits_.Rename(*meter, user);
  }
  return meter.get();
}

bool SocketGate::Pass(socketio::Socket& socket, socketio::AckFn& ack) {
  auto* session = dynamic_cast<UserSession*>(socket.data());
  auth::EventMeter* meter = session == nullptr ? nullptr : MeterOf(*session);
  if (meter == nullptr) return true;
  const broker::Verdict verdict = meter->Take(socket.shard().now());
  if (verdict.allowed) return true;
  if (meter->Abusive()) {
    limits_.counters().abusers.fetch_add(1, std::memory_order_relaxed);
    base::LogWarn("gateway", "a connection was ended for too many events",
                  {{"sid", socket.sid()}, {"address", session->address}});
    socket.Disconnect(true);
    return false;
  }
  if (ack) ack({TooManyEvents(verdict), {}});
  return false;
}

}  // namespace trackwire::notify
