#include "socketio/adapters/streams_member.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "socketio/adapters/streams_recovery.h"

namespace trackwire::socketio {

using Type = ClusterMessageType;

template <typename Task>
auto StreamsMember::IfAlive(Task task) const {
  return [alive = std::weak_ptr<bool>(alive_), task = std::move(task)](auto&&... values) mutable {
    if (!alive.expired()) task(std::forward<decltype(values)>(values)...);
  };
}

StreamsMember::StreamsMember(StreamsShared& shared, StreamTail& tail, Namespace& nsp,
                             StreamsRecovery* recovery)
    : shared_(shared),
      tail_(tail),
      nsp_(nsp),
      recovery_(recovery),
      requests_(shared.bus.loop(), counters_.timeouts),
      places_(shared.options.max_under_way) {}

StreamsMember::~StreamsMember() {
  shared_.members.erase(nsp_.name());
  shared_.bus.Unsubscribe(kind(), Channel({}));
  shared_.bus.Unsubscribe(kind(), Channel(shared_.uid));
}

Bus::Kind StreamsMember::kind() const {
  return shared_.options.sharded_channels ? Bus::Kind::kSharded : Bus::Kind::kPlain;
}

/// `<prefix>#<nsp>#` for all servers, `<prefix>#<nsp>#<uid>#` for one.
std::string StreamsMember::Channel(std::string_view server) const {
  std::string channel = shared_.options.channel_prefix + '#' + nsp_.name() + '#';
  if (!server.empty()) channel.append(server) += '#';
  return channel;
}

void StreamsMember::Start(std::function<void()> done) {
  // A bus may have a message on its way to a handler that has just been unsubscribed.
  const auto handler =
      IfAlive([this](std::string_view, std::string_view bytes) { OnChannel(bytes); });
  if (recovery_ != nullptr) recovery_->Start();
  shared_.Follow(tail_, IfAlive([this, handler, done = std::move(done)] {
                   shared_.bus.Subscribe(
                       kind(), Channel(shared_.uid), handler, IfAlive([this, handler, done] {
                         shared_.bus.Subscribe(kind(), Channel({}), handler, done);
                       }));
                 }));
}

ClusterMessage StreamsMember::Message(Type type) const {
  ClusterMessage message;
  message.uid = shared_.uid;
  message.nsp = nsp_.name();
  message.type = type;
  return message;
}

ClusterMessage StreamsMember::BroadcastMessage(const socketio::Broadcast& broadcast) const {
  ClusterMessage message = Message(Type::kBroadcast);
  message.event = broadcast.event;
  message.args = broadcast.args;
  message.filter = {broadcast.rooms, broadcast.except};
  message.is_volatile = broadcast.is_volatile;
  return message;
}

void StreamsMember::Append(const ClusterMessage& message,
                           std::function<void(const Error&)> failed) {
  ++counters_.sent;
  const auto done = [this, failed = std::move(failed)](const Result<std::string>& id) {
    if (id) return;
    ++shared_.counters.append_failures;
    base::LogWarn("socketio", "the stream did not take an entry",
                  {{"stream", tail_.stream}, {"why", id.error().detail}});
    if (failed) failed(id.error());
  };
  shared_.log.Append(tail_.stream, EncodeStreamEntry(message), shared_.options.max_length,
                     IfAlive(done));
}

/// With recovery it comes back out of the stream for this server's own sockets; what the stream did
/// not take is done to them at least. Done twice it does no harm.
void StreamsMember::AppendChange(const ClusterMessage& message) {
  if (recovery_ == nullptr) return Append(message);
  Append(message, [this, message](const Error&) { Apply(message); });
}

void StreamsMember::Apply(const ClusterMessage& message) {
  LocalSockets& local = nsp_.local();
  if (message.type == Type::kSocketsJoin) local.Join(message.filter, message.rooms);
  if (message.type == Type::kSocketsLeave) local.Leave(message.filter, message.rooms);
  if (message.type == Type::kDisconnectSockets) local.Disconnect(message.filter, message.close);
}

void StreamsMember::Publish(std::string_view server, const ClusterMessage& message) {
  ++counters_.sent;
  shared_.bus.Publish(kind(), Channel(server), EncodeClusterMessage(message));
}

void StreamsMember::Broadcast(const socketio::Broadcast& broadcast) {
  if (recovery_ == nullptr) return Append(BroadcastMessage(broadcast));
  Append(BroadcastMessage(broadcast), [this, broadcast](const Error& error) {
    // What was surely not sent can only reach our own clients. What may have been sent will come
    // out of the stream if it was: delivering it here could double it.
    if (error.code == "unavailable") nsp_.Deliver({EncodeDelivery(nsp_.name(), broadcast, {}, nsp_.parser())});
  });
}

void StreamsMember::BroadcastWithAck(const socketio::Broadcast& broadcast,
                                     std::chrono::milliseconds timeout,
                                     std::function<void(uint64_t clients)> on_expected,
                                     std::function<void(Args answer)> on_ack) {
  if (timeout.count() <= 0) timeout = shared_.options.request_timeout;
  ClusterMessage message = BroadcastMessage(broadcast);
  message.timeout = timeout;
  message.request_id = requests_.AddBroadcast(timeout, std::move(on_expected), std::move(on_ack));
  if (message.request_id.empty()) return;
  Publish({}, message);
}

void StreamsMember::SocketsJoin(const SocketFilter& filter, const std::vector<std::string>& rooms) {
  ClusterMessage message = Message(Type::kSocketsJoin);
  message.filter = filter;
  message.rooms = rooms;
  AppendChange(message);
}

void StreamsMember::SocketsLeave(const SocketFilter& filter,
                                 const std::vector<std::string>& rooms) {
  ClusterMessage message = Message(Type::kSocketsLeave);
  message.filter = filter;
  message.rooms = rooms;
  AppendChange(message);
}

void StreamsMember::DisconnectSockets(const SocketFilter& filter, bool close) {
  ClusterMessage message = Message(Type::kDisconnectSockets);
  message.filter = filter;
  message.close = close;
  AppendChange(message);
}

void StreamsMember::ServerCount(std::function<void(Result<uint64_t>)> done) {
  shared_.bus.CountSubscribers(kind(), Channel({}), std::move(done));
}

void StreamsMember::WithOthers(std::function<void(uint64_t)> ask,
                               std::function<void(const Error&)> failed) {
  ServerCount(IfAlive([ask = std::move(ask), failed = std::move(failed)](Result<uint64_t> count) {
    if (!count) return failed(count.error());
    ask(*count > 0 ? *count - 1 : 0);
  }));
}

void StreamsMember::FetchSockets(const SocketFilter& filter, ClusterRequests::FetchDone done) {
  WithOthers(
      [this, filter, done](uint64_t others) {
        if (others == 0) return done(std::vector<RemoteSocket>{});
        ClusterMessage message = Message(Type::kFetchSockets);
        message.filter = filter;
        message.request_id = requests_.AddFetch(others, shared_.options.request_timeout, done);
        if (message.request_id.empty()) return;
        Publish({}, message);
      },
      [done](const Error& error) { done(Err(error)); });
}

void StreamsMember::ServerSideEmit(const std::string& arguments_json,
                                   ClusterRequests::AnswersDone done) {
  ClusterMessage message = Message(Type::kServerSideEmit);
  const auto first = arguments_json.find_first_not_of(" \t\r\n");
  message.args.json =
      arguments_json.substr(first + 1, arguments_json.find_last_of(']') - first - 1);
  if (!done) return Publish({}, message);
  WithOthers(
      [this, message, done](uint64_t others) mutable {
        if (others == 0) return done({});
        message.request_id = requests_.AddServerEmit(others, shared_.options.request_timeout, done);
        if (message.request_id.empty()) return;
        Publish({}, message);
      },
      [done](const Error&) {
        done({{}, true});
      });
}

void StreamsMember::OnEntry(StreamId id, const StreamFields& fields) {
  auto message = DecodeStreamEntry(fields, shared_.options.limits);
  if (!message) {
    ++counters_.bad;
    return;
  }
  const bool own = message->uid == shared_.uid;
  if (own && recovery_ == nullptr) {
    ++counters_.ignored;  // this server's sockets have had it
    return;
  }
  ++counters_.received;
  if (message->type == Type::kBroadcast) return OnBroadcastEntry(id, *message);
  Flush();  // what was broadcast before a socket joined or left is delivered before
  Apply(*message);
}

namespace {

Broadcast BroadcastOf(const ClusterMessage& message) {
  Broadcast broadcast{message.event, message.args, message.filter.rooms, message.filter.except};
  broadcast.is_volatile = message.is_volatile;
  return broadcast;
}

}  // namespace

void StreamsMember::OnBroadcastEntry(StreamId id, const ClusterMessage& message) {
  const socketio::Broadcast broadcast = BroadcastOf(message);
  if (recovery_ == nullptr) return nsp_.local().Emit(broadcast);
  const bool recoverable = !message.is_volatile && message.request_id.empty();
  auto delivery =
      EncodeDelivery(nsp_.name(), broadcast, recoverable ? id.ToString() : std::string(),
                     nsp_.parser());
  if (recoverable) recovery_->OnDelivery(id, delivery);
  batch_.push_back(std::move(delivery));
}

void StreamsMember::Flush() {
  if (!batch_.empty()) nsp_.Deliver(std::exchange(batch_, {}));
}

void StreamsMember::OnChannel(std::string_view bytes) {
  auto message = DecodeClusterMessage(bytes, shared_.options.limits);
  if (!message) {
    ++counters_.bad;
    return;
  }
  if (message->uid == shared_.uid || message->nsp != nsp_.name()) {
    ++counters_.ignored;
    return;
  }
  ++counters_.received;
  switch (message->type) {
    case Type::kBroadcast:
    case Type::kFetchSockets:
    case Type::kServerSideEmit:
      return OnRequest(*message);
    default:
      return OnAnswer(std::move(*message));
  }
}

void StreamsMember::OnRequest(const ClusterMessage& message) {
  if (message.type == Type::kBroadcast) return OnBroadcastRequest(message);
  if (message.type == Type::kFetchSockets) return OnFetchRequest(message);
  OnServerSideRequest(message);
}

void StreamsMember::OnFetchRequest(const ClusterMessage& message) {
  auto place = places_.Take();
  if (place == nullptr) {
    ++counters_.dropped;
    return;
  }
  ClusterMessage response = Message(Type::kFetchSocketsResponse);
  response.request_id = message.request_id;
  const auto respond = [this, place = std::move(place), uid = message.uid,
                        response](std::vector<RemoteSocket> sockets) mutable {
    response.sockets = std::move(sockets);
    Publish(uid, response);
  };
  nsp_.local().Fetch(message.filter, loop(), IfAlive(respond));
}

void StreamsMember::OnServerSideRequest(const ClusterMessage& message) {
  ServerSideAnswer answer;
  if (!message.request_id.empty()) {
    ClusterMessage response = Message(Type::kServerSideEmitResponse);
    response.request_id = message.request_id;
    auto respond = IfAlive([this, uid = message.uid, response](std::string json) mutable {
      response.args.json = std::move(json);
      Publish(uid, response);
    });
    answer = [&loop = loop(), respond](std::string json) {
      loop.Post([respond, json = std::move(json)]() mutable { respond(std::move(json)); });
    };
  }
  if (!nsp_.local().ServerSide('[' + message.args.json + ']', std::move(answer))) {
    ++counters_.ignored;
  }
}

void StreamsMember::OnBroadcastRequest(const ClusterMessage& message) {
  if (message.request_id.empty()) return nsp_.local().Emit(BroadcastOf(message));
  auto place = places_.Take();
  if (place == nullptr) {
    ++counters_.dropped;
    return;
  }
  ClusterMessage count = Message(Type::kBroadcastClientCount);
  count.request_id = message.request_id;
  ClusterMessage ack = Message(Type::kBroadcastAck);
  ack.request_id = message.request_id;
  LocalSockets::AckHandlers handlers;
  handlers.asked = IfAlive([this, uid = message.uid, count](uint64_t clients) mutable {
    count.client_count = clients;
    Publish(uid, count);
  });
  handlers.answered = IfAlive([this, place, uid = message.uid, ack](Args answer) mutable {
    ack.args = FirstArgument(std::move(answer));
    Publish(uid, ack);
  });
  place.reset();  // held by who answers from here on
  const auto timeout =
      message.timeout.count() > 0 ? message.timeout : shared_.options.request_timeout;
  nsp_.local().EmitWithAck(BroadcastOf(message), std::min(timeout, shared_.options.max_ack_timeout),
                           loop(), std::move(handlers));
}

void StreamsMember::OnAnswer(ClusterMessage message) {
  const std::string id = message.request_id;
  switch (message.type) {
    case Type::kFetchSocketsResponse:
      return requests_.OnSockets(id, std::move(message.sockets));
    case Type::kServerSideEmitResponse:
      return requests_.OnServerAnswer(
          id, message.args.json.empty() ? "null" : std::move(message.args.json));
    case Type::kBroadcastClientCount:
      return requests_.OnClientCount(id, message.client_count);
    case Type::kBroadcastAck:
      return requests_.OnAck(id, std::move(message.args));
    default:
      return;
  }
}

}  // namespace trackwire::socketio
