#include "socketio/adapters/streams_member.h"

#include <utility>

#include "base/log.h"
#include "socketio/adapters/streams_recovery.h"

namespace trackwire::socketio {

using Type = ClusterMessageType;

StreamsMember::StreamsMember(StreamsShared& shared, StreamTail& tail,
                             std::unique_ptr<LocalSide> side)
    : shared_(shared), tail_(tail), side_(std::move(side)), requests_(shared.bus.loop()) {
  if (shared.options.recovery) recovery_ = std::make_unique<StreamsRecovery>(shared, *this);
}

StreamsMember::~StreamsMember() = default;

Bus::Kind StreamsMember::kind() const {
  return shared_.options.sharded_channels ? Bus::Kind::kSharded : Bus::Kind::kPlain;
}

/// `<prefix>#<nsp>#` for all servers, `<prefix>#<nsp>#<uid>#` for one.
std::string StreamsMember::Channel(std::string_view server) const {
  std::string channel = shared_.options.channel_prefix + '#' + side_->name() + '#';
  if (!server.empty()) channel.append(server) += '#';
  return channel;
}

void StreamsMember::Start(std::function<void()> done) {
  const auto handler = [this](std::string_view, std::string_view bytes) { OnChannel(bytes); };
  shared_.bus.Subscribe(kind(), Channel(shared_.uid), handler,
                        [this, handler, done = std::move(done)] {
                          shared_.bus.Subscribe(kind(), Channel({}), handler, done);
                        });
  if (recovery_ != nullptr) recovery_->Start();
}

ClusterMessage StreamsMember::Message(Type type) const {
  ClusterMessage message;
  message.uid = shared_.uid;
  message.nsp = side_->name();
  message.type = type;
  return message;
}

void StreamsMember::Append(const ClusterMessage& message,
                           std::function<void(const Error&)> failed) {
  shared_.log.Append(tail_.stream, EncodeStreamEntry(message), shared_.options.max_length,
                     [this, failed = std::move(failed)](Result<std::string> id) {
                       if (id) return;
                       ++shared_.counters.append_failures;
                       base::LogWarn("socketio", "the stream did not take an entry",
                                     {{"stream", tail_.stream}, {"why", id.error().detail}});
                       if (failed) failed(id.error());
                     });
}

void StreamsMember::Broadcast(const socketio::Broadcast& broadcast) {
  if (recovery_ != nullptr) return;
  ClusterMessage message = Message(Type::kBroadcast);
  message.event = broadcast.event;
  message.args = broadcast.args;
  message.filter = {broadcast.rooms, broadcast.except};
  Append(message, {});
}

void StreamsMember::AppendForAll(const socketio::Broadcast& broadcast) {
  ClusterMessage message = Message(Type::kBroadcast);
  message.event = broadcast.event;
  message.args = broadcast.args;
  message.filter = {broadcast.rooms, broadcast.except};
  Append(message, [this, broadcast](const Error& error) {
    // What was surely not sent can only reach our own clients. What may have been sent will come
    // out of the stream if it was: delivering it here could double it.
    if (error.code == "unavailable") {
      side_->Deliver({EncodeDelivery(side_->name(), broadcast, {})});
    }
  });
}

void StreamsMember::BroadcastWithAck(const socketio::Broadcast& broadcast,
                                     std::chrono::milliseconds timeout,
                                     std::function<void(uint64_t clients)> on_expected,
                                     std::function<void(Args answer)> on_ack) {
  if (timeout.count() <= 0) timeout = shared_.options.request_timeout;
  ClusterMessage message = Message(Type::kBroadcast);
  message.event = broadcast.event;
  message.args = broadcast.args;
  message.filter = {broadcast.rooms, broadcast.except};
  message.timeout = timeout;
  message.request_id = requests_.AddBroadcast(timeout, std::move(on_expected), std::move(on_ack));
  if (message.request_id.empty()) return;
  shared_.bus.Publish(kind(), Channel({}), EncodeClusterMessage(message));
}

void StreamsMember::SocketsJoin(const SocketFilter& filter, const std::vector<std::string>& rooms) {
  ClusterMessage message = Message(Type::kSocketsJoin);
  message.filter = filter;
  message.rooms = rooms;
  Append(message, {});
}

void StreamsMember::SocketsLeave(const SocketFilter& filter,
                                 const std::vector<std::string>& rooms) {
  ClusterMessage message = Message(Type::kSocketsLeave);
  message.filter = filter;
  message.rooms = rooms;
  Append(message, {});
}

void StreamsMember::DisconnectSockets(const SocketFilter& filter, bool close) {
  ClusterMessage message = Message(Type::kDisconnectSockets);
  message.filter = filter;
  message.close = close;
  Append(message, {});
}

void StreamsMember::WithOthers(std::function<void(uint64_t)> ask,
                               std::function<void(const Error&)> failed) {
  shared_.bus.CountSubscribers(
      kind(), Channel({}),
      [ask = std::move(ask), failed = std::move(failed)](Result<uint64_t> count) {
        if (!count) return failed(count.error());
        ask(*count > 0 ? *count - 1 : 0);
      });
}

void StreamsMember::FetchSockets(const SocketFilter& filter, ClusterRequests::FetchDone done) {
  WithOthers(
      [this, filter, done](uint64_t others) {
        if (others == 0) return done(std::vector<RemoteSocket>{});
        ClusterMessage message = Message(Type::kFetchSockets);
        message.filter = filter;
        message.request_id = requests_.AddFetch(others, shared_.options.request_timeout, done);
        if (message.request_id.empty()) return;
        shared_.bus.Publish(kind(), Channel({}), EncodeClusterMessage(message));
      },
      [done](const Error& error) { done(Err(error)); });
}

void StreamsMember::ServerSideEmit(const std::string& arguments_json,
                                   ClusterRequests::AnswersDone done) {
  ClusterMessage message = Message(Type::kServerSideEmit);
  const auto first = arguments_json.find_first_not_of(" \t\r\n");
  message.args.json =
      arguments_json.substr(first + 1, arguments_json.find_last_of(']') - first - 1);
  if (!done) return shared_.bus.Publish(kind(), Channel({}), EncodeClusterMessage(message));
  WithOthers(
      [this, message, done](uint64_t others) mutable {
        if (others == 0) return done({});
        message.request_id = requests_.AddServerEmit(others, shared_.options.request_timeout, done);
        if (message.request_id.empty()) return;
        shared_.bus.Publish(kind(), Channel({}), EncodeClusterMessage(message));
      },
      [done](const Error&) {
        done({{}, true});
      });
}

void StreamsMember::OnEntry(StreamId id, const StreamFields& fields) {
  auto message = DecodeStreamEntry(fields, shared_.options.limits);
  if (!message) {
    ++shared_.counters.bad_entries;
    return;
  }
  const bool own = message->uid == shared_.uid;
  if (message->type == Type::kBroadcast) {
    // Without recovery this server's clients had it when it was emitted.
    if (!own || recovery_ != nullptr) OnBroadcastEntry(id, *message);
    return;
  }
  if (own) return;
  Flush();  // what was broadcast before a socket joined or left is delivered before
  if (message->type == Type::kSocketsJoin) side_->Join(message->filter, message->rooms);
  if (message->type == Type::kSocketsLeave) side_->Leave(message->filter, message->rooms);
  if (message->type == Type::kDisconnectSockets) side_->Disconnect(message->filter, message->close);
}

void StreamsMember::OnBroadcastEntry(StreamId id, const ClusterMessage& message) {
  const socketio::Broadcast broadcast{message.event, message.args, message.filter.rooms,
                                      message.filter.except};
  if (recovery_ == nullptr) return side_->Emit(broadcast);
  const bool recoverable = !message.is_volatile && message.request_id.empty();
  auto delivery =
      EncodeDelivery(side_->name(), broadcast, recoverable ? id.ToString() : std::string());
  if (recoverable) recovery_->OnDelivery(id, delivery);
  batch_.push_back(std::move(delivery));
}

void StreamsMember::Flush() {
  if (!batch_.empty()) side_->Deliver(std::exchange(batch_, {}));
}

void StreamsMember::OnChannel(std::string_view bytes) {
  ++shared_.counters.messages_in;
  auto message = DecodeClusterMessage(bytes, shared_.options.limits);
  if (!message) {
    ++shared_.counters.bad_messages;
    return;
  }
  if (message->uid == shared_.uid || message->nsp != side_->name()) return;
  switch (message->type) {
    case Type::kBroadcast:
    case Type::kFetchSockets:
    case Type::kServerSideEmit:
      return OnRequest(*message);
    default:
      return OnAnswer(std::move(*message));
  }
}

void StreamsMember::Respond(const std::string& uid, ClusterMessage response) {
  loop().Post([this, uid, response = std::move(response)] {
    shared_.bus.Publish(kind(), Channel(uid), EncodeClusterMessage(response));
  });
}

void StreamsMember::OnRequest(const ClusterMessage& message) {
  if (message.type == Type::kBroadcast) return OnBroadcastRequest(message);
  if (message.type == Type::kFetchSockets) {
    ClusterMessage response = Message(Type::kFetchSocketsResponse);
    response.request_id = message.request_id;
    return side_->Fetch(message.filter, [this, uid = message.uid,
                                         response](std::vector<RemoteSocket> sockets) mutable {
      response.sockets = std::move(sockets);
      // For Node a socket's own room is one of its rooms.
      for (RemoteSocket& socket : response.sockets) {
        std::vector<std::string> rooms{socket.sid};
        for (std::string& room : socket.rooms) {
          if (room != socket.sid) rooms.push_back(std::move(room));
        }
        socket.rooms = std::move(rooms);
      }
      Respond(uid, std::move(response));
    });
  }
  const std::string arguments = '[' + message.args.json + ']';
  if (message.request_id.empty()) return side_->ServerSideEvent(arguments, {});
  ClusterMessage response = Message(Type::kServerSideEmitResponse);
  response.request_id = message.request_id;
  side_->ServerSideEvent(arguments, [this, uid = message.uid, response](std::string json) mutable {
    response.args.json = std::move(json);
    Respond(uid, std::move(response));
  });
}

void StreamsMember::OnBroadcastRequest(const ClusterMessage& message) {
  const socketio::Broadcast broadcast{message.event, message.args, message.filter.rooms,
                                      message.filter.except};
  if (message.request_id.empty()) return side_->Emit(broadcast);
  ClusterMessage count = Message(Type::kBroadcastClientCount);
  count.request_id = message.request_id;
  ClusterMessage ack = Message(Type::kBroadcastAck);
  ack.request_id = message.request_id;
  const auto timeout =
      message.timeout.count() > 0 ? message.timeout : shared_.options.request_timeout;
  side_->EmitWithAck(
      broadcast, timeout,
      [this, uid = message.uid, count](uint64_t clients) mutable {
        count.client_count = clients;
        Respond(uid, count);
      },
      [this, uid = message.uid, ack](Args answer) mutable {
        ack.args = FirstArgument(std::move(answer));
        Respond(uid, ack);
      });
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
