#include "socketio/handler_set.h"

#include <utility>

namespace trackwire::socketio {

HandlerSet::HandlerSet() : handlers_(std::make_shared<Handlers>()) {}

HandlerSet::~HandlerSet() = default;

HandlerSet::Handlers& HandlerSet::Edit() {
  if (handlers_.use_count() > 1) handlers_ = std::make_shared<Handlers>(*handlers_);
  return *handlers_;
}

void HandlerSet::Use(Middleware middleware) {
  Edit().middlewares.push_back(std::move(middleware));
}

void HandlerSet::UseEvents(EventMiddleware middleware) {
  Edit().event_middlewares.push_back(std::move(middleware));
}

void HandlerSet::OnConnection(ConnectionHandler handler) {
  Edit().connection.push_back(std::move(handler));
}

void HandlerSet::OnUpgrade(ConnectionHandler handler) {
  Edit().upgrade.push_back(std::move(handler));
}

void HandlerSet::OnDisconnecting(DisconnectHandler handler) {
  Edit().disconnecting.push_back(std::move(handler));
}

void HandlerSet::OnDisconnect(DisconnectHandler handler) {
  Edit().disconnect.push_back(std::move(handler));
}

void HandlerSet::On(std::string event, EventHandler handler) {
  Edit().events[std::move(event)].push_back(std::move(handler));
}

void HandlerSet::OnOther(EventHandler handler) { Edit().other = std::move(handler); }

void HandlerSet::OnAny(EventListener listener) { Edit().any.push_back(std::move(listener)); }

void HandlerSet::OnAnyOutgoing(EventListener listener) {
  Edit().any_outgoing.push_back(std::move(listener));
}

void HandlerSet::OnInvalid(InvalidHandler handler) {
  Edit().invalid.push_back(std::move(handler));
}

void HandlerSet::OnServerSide(std::string event, ServerSideHandler handler) {
  Edit().server_side[std::move(event)] = std::move(handler);
}

}  // namespace trackwire::socketio
