#include "socketio/socket_listeners.h"

#include "socketio/guard.h"
#include "socketio/namespace_shard.h"
#include "socketio/socket_extras.h"

namespace trackwire::socketio {
namespace {

const std::string kEmptyObject = "{}";

}  // namespace

void SocketListeners::AddHandler(ListenerId id, std::string event, EventHandler handler,
                                 bool once) {
  handlers_.push_back(
      std::make_shared<Handler>(Handler{id, std::move(event), std::move(handler), once}));
}

bool SocketListeners::Remove(ListenerId id) {
  const auto found = std::find_if(handlers_.begin(), handlers_.end(),
                                  [id](const auto& handler) { return handler->id == id; });
  if (found == handlers_.end()) {
    return any.Remove(id) || any_outgoing.Remove(id) || middlewares.Remove(id) ||
           upgrade.Remove(id) || disconnecting.Remove(id) || disconnect.Remove(id);
  }
  (*found)->off = true;
  handlers_.erase(found);
  return true;
}

void SocketListeners::RemoveHandlers(std::string_view event) {
  const auto gone =
      std::stable_partition(handlers_.begin(), handlers_.end(),
                            [event](const auto& handler) { return handler->event != event; });
  for (auto it = gone; it != handlers_.end(); ++it) (*it)->off = true;
  handlers_.erase(gone, handlers_.end());
}

std::vector<std::shared_ptr<SocketListeners::Handler>> SocketListeners::HandlersOf(
    std::string_view event) const {
  std::vector<std::shared_ptr<Handler>> all;
  for (const auto& handler : handlers_) {
    if (handler->event == event) all.push_back(handler);
  }
  return all;
}

bool SocketListeners::Claim(Handler& handler) {
  if (handler.off) return false;
  if (handler.once) Remove(handler.id);
  return true;
}

Socket::Extras& Socket::MakeExtras() {
  if (extras_ == nullptr) extras_ = std::make_unique<Extras>();
  return *extras_;
}

Socket::SharedPart& Socket::MakeShared() {
  auto& shared = MakeExtras().shared;
  if (shared == nullptr) shared = std::make_unique<SharedPart>();
  return *shared;
}

const Socket::SharedPart* Socket::shared() const {
  return extras_ == nullptr ? nullptr : extras_->shared.get();
}

void Socket::set_shared_data(std::string json) { MakeShared().data_json = std::move(json); }

const std::string& Socket::shared_data() const {
  return shared() == nullptr ? kEmptyObject : shared()->data_json;
}

PendingAcks& Socket::MakeAcks() {
  auto& acks = MakeExtras().acks;
  if (acks == nullptr) acks = std::make_unique<PendingAcks>(sid_);
  return *acks;
}

SocketListeners& Socket::MakeListeners() {
  auto& listeners = MakeExtras().listeners;
  if (listeners == nullptr) listeners = std::make_unique<SocketListeners>();
  return *listeners;
}

ListenerId Socket::On(std::string event, EventHandler handler) {
  const ListenerId id = MakeListeners().NextId();
  listeners()->AddHandler(id, std::move(event), std::move(handler), false);
  return id;
}

ListenerId Socket::Once(std::string event, EventHandler handler) {
  const ListenerId id = MakeListeners().NextId();
  listeners()->AddHandler(id, std::move(event), std::move(handler), true);
  return id;
}

ListenerId Socket::Use(EventMiddleware middleware) {
  const ListenerId id = MakeListeners().NextId();
  listeners()->middlewares.Add(id, std::move(middleware));
  return id;
}

ListenerId Socket::OnAny(EventListener listener) {
  const ListenerId id = MakeListeners().NextId();
  listeners()->any.Add(id, std::move(listener));
  return id;
}

ListenerId Socket::PrependAny(EventListener listener) {
  const ListenerId id = MakeListeners().NextId();
  listeners()->any.Add(id, std::move(listener), true);
  return id;
}

ListenerId Socket::OnAnyOutgoing(EventListener listener) {
  const ListenerId id = MakeListeners().NextId();
  listeners()->any_outgoing.Add(id, std::move(listener));
  return id;
}

ListenerId Socket::PrependAnyOutgoing(EventListener listener) {
  const ListenerId id = MakeListeners().NextId();
  listeners()->any_outgoing.Add(id, std::move(listener), true);
  return id;
}

ListenerId Socket::OnUpgrade(ConnectionHandler handler) {
  const ListenerId id = MakeListeners().NextId();
  listeners()->upgrade.Add(id, std::move(handler));
  return id;
}

ListenerId Socket::OnDisconnecting(DisconnectHandler handler) {
  const ListenerId id = MakeListeners().NextId();
  listeners()->disconnecting.Add(id, std::move(handler));
  return id;
}

ListenerId Socket::OnDisconnect(DisconnectHandler handler) {
  const ListenerId id = MakeListeners().NextId();
  listeners()->disconnect.Add(id, std::move(handler));
  return id;
}

bool Socket::Off(ListenerId id) { return listeners() != nullptr && listeners()->Remove(id); }

void Socket::Off(std::string_view event) {
  if (listeners() != nullptr) listeners()->RemoveHandlers(event);
}

void Socket::OffAny() {
  if (listeners() != nullptr) listeners()->any.Clear();
}

void Socket::OffAnyOutgoing() {
  if (listeners() != nullptr) listeners()->any_outgoing.Clear();
}

bool Socket::HasOutgoingListeners() const {
  return home_->HearsOutgoing() || (listeners() != nullptr && !listeners()->any_outgoing.empty());
}

void Socket::NotifyOutgoing(const Event& event) {
  const bool done = Guarded("outgoing", sid_, [&] {
    for (const auto& listener : home_->outgoing_listeners()) {
      if (!connected()) return;
      listener(*this, event);
    }
    if (listeners() == nullptr) return;
    listeners()->any_outgoing.Each([&](const EventListener& listener) {
      if (connected()) listener(*this, event);
      return connected();
    });
  });
  if (!done) home_->CloseBroken(*this);
}

void Socket::NotifyOutgoing(std::string_view name, const Args& args, std::string_view offset) {
  std::string array = "[" + args.json;
  if (!offset.empty()) {
    if (array.size() > 1) array += ',';
    base::AppendJsonString(array, offset);
  }
  array += ']';
  Event event{name, array, {}};
  event.attachments.assign(args.attachments.begin(), args.attachments.end());
  NotifyOutgoing(event);
}

}  // namespace trackwire::socketio
