#include "cluster_server/controls.h"

#include <memory>
#include <utility>

#include "cluster_server/arguments.h"

namespace trackwire::cluster_example {
namespace {

using socketio::AckFn;
using socketio::Args;
using socketio::Event;
using socketio::Namespace;
using socketio::Socket;

/// Answers an event from a callback that must be copied. Namespace calls back on the socket's
/// shard, where its handlers run.
class Reply {
 public:
  explicit Reply(AckFn ack) : ack_(std::make_shared<AckFn>(std::move(ack))) {}
  void operator()(Args answer) const {
    if (*ack_) (*ack_)(std::move(answer));
  }
  void operator()(std::string json) const { (*this)(Args{std::move(json), {}}); }

 private:
  std::shared_ptr<AckFn> ack_;
};

std::string FirstOf(const Args& args) {
  const std::string array = "[" + args.json + "]";
  const auto first = base::JsonArrayReader({base::JsonType::kArray, array}).Next();
  return first ? std::string(first->text) : "null";
}

/// The placeholders of a second answer with attachments would need new numbers: none here has any.
void ReplyWithAcks(const Reply& reply, const socketio::BroadcastAcks& acks) {
  Args answer;
  std::vector<std::string> values;
  for (const Args& one : acks.answers) {
    values.push_back(FirstOf(one));
    answer.attachments.insert(answer.attachments.end(), one.attachments.begin(),
                              one.attachments.end());
  }
  answer.json = "{\"answers\":" + JsonList(values) +
                ",\"timedOut\":" + (acks.timed_out ? "true" : "false") + "}";
  reply(std::move(answer));
}

void ReplyWithSockets(const Reply& reply,
                      const Result<std::vector<socketio::RemoteSocket>>& sockets) {
  if (!sockets) return reply("{\"error\":" + JsonText(sockets.error().code) + "}");
  std::vector<std::string> list;
  for (const auto& socket : *sockets) {
    std::string rooms;
    base::AppendJsonArray(rooms, socket.rooms, false);
    list.push_back("{\"id\":" + JsonText(socket.sid) + ",\"rooms\":" + rooms + ",\"data\":" +
                   socket.data_json + ",\"handshake\":" + socket.handshake_json + "}");
  }
  reply(JsonList(list));
}

void AddOwnSocket(Namespace& nsp) {
  nsp.OnConnection([](Socket& socket) {
    if (socket.recovered() && !socket.recovery_data().empty()) {
      socket.set_shared_data(socket.recovery_data());
    }
  });
  nsp.On("join", [](Socket& socket, const Event& event, AckFn ack) {
    socket.Join(Arguments(event).Text());
    Reply(std::move(ack))("");
  });
  nsp.On("leave", [](Socket& socket, const Event& event, AckFn ack) {
    socket.Leave(Arguments(event).Text());
    Reply(std::move(ack))("");
  });
  nsp.On("set-data", [](Socket& socket, const Event& event, AckFn ack) {
    const std::string data(Arguments(event).Json());
    socket.set_shared_data(data);
    socket.set_recovery_data(data);
    Reply(std::move(ack))("");
  });
}

void AddBroadcasts(Namespace& nsp) {
  nsp.On("emit", [](Socket& socket, const Event& event, AckFn ack) {
    Arguments arguments(event);
    socketio::Broadcast broadcast = arguments.Options();
    broadcast.event = arguments.Text();
    broadcast.args = arguments.Rest();
    socket.nsp().Emit(broadcast);
    Reply(std::move(ack))("");
  });
  nsp.On("emit-ack", [](Socket& socket, const Event& event, AckFn ack) {
    Arguments arguments(event);
    socketio::Broadcast broadcast = arguments.Options();
    broadcast.event = arguments.Text();
    broadcast.args = arguments.Rest();
    const Reply reply(std::move(ack));
    socket.nsp().EmitWithAck(
        broadcast, arguments.timeout(),
        [reply](const socketio::BroadcastAcks& acks) { ReplyWithAcks(reply, acks); });
  });
}

void AddSockets(Namespace& nsp) {
  nsp.On("sockets-join", [](Socket& socket, const Event& event, AckFn ack) {
    Arguments arguments(event);
    const auto filter = arguments.Filter();
    socket.nsp().SocketsJoin(filter, arguments.Texts());
    Reply(std::move(ack))("");
  });
  nsp.On("sockets-leave", [](Socket& socket, const Event& event, AckFn ack) {
    Arguments arguments(event);
    const auto filter = arguments.Filter();
    socket.nsp().SocketsLeave(filter, arguments.Texts());
    Reply(std::move(ack))("");
  });
  nsp.On("disconnect-sockets", [](Socket& socket, const Event& event, AckFn ack) {
    Arguments arguments(event);
    const auto filter = arguments.Filter();
    socket.nsp().DisconnectSockets(filter, arguments.Flag());
    Reply(std::move(ack))("");
  });
  nsp.On("fetch", [](Socket& socket, const Event& event, AckFn ack) {
    const Reply reply(std::move(ack));
    socket.nsp().FetchSockets(Arguments(event).Filter(),
                              [reply](const auto& sockets) { ReplyWithSockets(reply, sockets); });
  });
}

/// What servers say to servers; `ask` is answered, `keep-silent` never.
void AddServerSide(Namespace& nsp, const std::string& server) {
  nsp.On("server-side", [](Socket& socket, const Event& event, AckFn ack) {
    socket.nsp().ServerSideEmitJson(std::string(event.args_json));
    Reply(std::move(ack))("");
  });
  nsp.On("server-side-ack", [](Socket& socket, const Event& event, AckFn ack) {
    const Reply reply(std::move(ack));
    socket.nsp().ServerSideEmitJson(
        std::string(event.args_json), [reply](const socketio::ServerAnswers& answers) {
          reply("{\"answers\":" + JsonList(answers.answers) +
                ",\"timedOut\":" + (answers.timed_out ? "true" : "false") + "}");
        });
  });
  nsp.On("server-count", [](Socket& socket, const Event&, AckFn ack) {
    const Reply reply(std::move(ack));
    socket.nsp().ServerCount(
        [reply](const Result<uint64_t>& count) { reply(count ? std::to_string(*count) : "null"); });
  });
  nsp.OnServerSide("say", [&nsp, server](std::string_view args_json, const auto&) {
    socketio::Broadcast said;
    said.event = "said";
    said.args.json = JsonText(server) + "," + std::string(args_json);
    said.local_only = true;
    nsp.Emit(said);
  });
  nsp.OnServerSide("ask", [server](std::string_view args_json, const auto& answer) {
    if (answer) {
      answer("{\"server\":" + JsonText(server) + ",\"args\":" + std::string(args_json) + "}");
    }
  });
  nsp.OnServerSide("keep-silent", [](std::string_view, const auto&) {});
}

}  // namespace

void AddControls(Namespace& nsp, const std::string& server) {
  AddOwnSocket(nsp);
  AddBroadcasts(nsp);
  AddSockets(nsp);
  AddServerSide(nsp, server);
}

}  // namespace trackwire::cluster_example
