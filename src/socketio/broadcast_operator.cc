#include "socketio/broadcast_operator.h"

#include "base/check.h"
#include "base/json_scanner.h"
#include "base/log.h"
#include "socketio/namespace_shard.h"

namespace trackwire::socketio {
BroadcastOperator BroadcastOperator::Timeout(std::chrono::milliseconds timeout) const {
  CHECK(timeout.count() > 0);
  BroadcastOperator next = *this;
  next.timeout_ = timeout;
  return next;
}

void BroadcastOperator::EmitArgs(std::string_view event, Args args) const {
  nsp_->Emit(Make(event, std::move(args)));
}

void BroadcastOperator::EmitArgsWithAck(std::string_view event, Args args,
                                        std::function<void(BroadcastAcks)> done) const {
  nsp_->EmitWithAck(Make(event, std::move(args)), timeout_, std::move(done));
}

void BroadcastOperator::FetchSockets(
    std::function<void(Result<std::vector<RemoteSocket>>)> done) const {
  if (!local_only()) return nsp_->FetchSockets(Filter(), std::move(done));
  nsp_->local().Fetch(
      Filter(), nsp_->HomeOfCaller(),
      [done = std::move(done)](std::vector<RemoteSocket> sockets) { done(std::move(sockets)); });
}

void BroadcastOperator::SocketsJoin(const RoomNames& rooms) const {
  if (local_only()) return nsp_->local().Join(Filter(), rooms.all());
  nsp_->SocketsJoin(Filter(), rooms.all());
}

void BroadcastOperator::SocketsLeave(const RoomNames& rooms) const {
  if (local_only()) return nsp_->local().Leave(Filter(), rooms.all());
  nsp_->SocketsLeave(Filter(), rooms.all());
}

void BroadcastOperator::DisconnectSockets(bool close) const {
  if (local_only()) return nsp_->local().Disconnect(Filter(), close);
  nsp_->DisconnectSockets(Filter(), close);
}

BroadcastOperator Namespace::To(const RoomNames& rooms) {
  return BroadcastOperator(*this).To(rooms);
}

BroadcastOperator Namespace::In(const RoomNames& rooms) { return To(rooms); }

BroadcastOperator Namespace::Except(const RoomNames& rooms) {
  return BroadcastOperator(*this).Except(rooms);
}

BroadcastOperator Namespace::Local() { return BroadcastOperator(*this).Local(); }

BroadcastOperator Namespace::Volatile() { return BroadcastOperator(*this).Volatile(); }

BroadcastOperator Namespace::Compress(bool compress) {
  return BroadcastOperator(*this).Compress(compress);
}

BroadcastOperator Namespace::Timeout(std::chrono::milliseconds timeout) {
  return BroadcastOperator(*this).Timeout(timeout);
}

bool Namespace::TellServers(std::string_view event, const Args& args,
                            std::function<void(ServerAnswers)> done) {
  if (!args.attachments.empty()) {
    base::LogError("socketio", "servers cannot tell each other binary", {{"event", event}});
    if (done) HomeOfCaller().Post([done = std::move(done)] { done({}); });
    return false;
  }
  std::string array = "[";
  base::AppendJsonString(array, event);
  if (!args.json.empty()) array += ',';
  array += args.json;
  array += ']';
  ServerSideEmitJson(std::move(array), std::move(done));
  return true;
}

void Namespace::RefuseArguments(Socket& socket, const Event& event, std::string_view why) {
  ++Part(socket.shard()).part().counters.bad_arguments;
  for (const auto& handler : handlers().invalid) handler(socket, event, why);
}

}  // namespace trackwire::socketio
