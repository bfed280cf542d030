#include "socketio/adapters/python_manager.h"

#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "net/loop.h"
#include "net/timer.h"
#include "socketio/adapters/cluster_requests.h"
#include "socketio/adapters/python_message.h"
#include "socketio/room_index.h"

namespace trackwire::socketio {
namespace {

using Method = PythonMessage::Method;

constexpr size_t kMaxCallbacks = 10'000;

}  // namespace

struct PythonManager::State {
  /// Programs here that wait for what clients of others acknowledge.
  struct Waiting {
    Waiting(State& s, int64_t i) : state(s), id(i), timer(&Waiting::OnTimer, this) {}
    static void OnTimer(void* self) {
      auto& waiting = *static_cast<Waiting*>(self);
      waiting.state.waiting.erase(waiting.id);
    }
    State& state;
    int64_t id;
    net::Timer timer;
    std::function<void(uint64_t)> on_expected;
    std::function<void(Args)> on_ack;
  };

  State(Bus& b, PythonOptions o)
      : bus(b), options(std::move(o)), host_id(NewClusterId() + NewClusterId()) {}

  void Publish(const PythonMessage& message) {
    bus.Publish(Bus::Kind::kPlain, options.channel, EncodePythonMessage(message));
  }
  void OnMessage(std::string_view text);
  void OnEmit(LocalSide& side, const PythonMessage& message);
  void OnCallback(const PythonMessage& message);

  Bus& bus;
  const PythonOptions options;
  const std::string host_id;
  PythonCounters counters;
  std::unordered_map<std::string, std::unique_ptr<Member>, StringHash, std::equal_to<>> members;
  std::unordered_map<int64_t, std::unique_ptr<Waiting>> waiting;
  int64_t last_callback = 0;
};

/// One namespace on the channel.
class PythonManager::Member final : public Adapter {
 public:
  Member(State& state, std::unique_ptr<LocalSide> side) : state_(state), side_(std::move(side)) {}

  LocalSide& side() { return *side_; }
  net::Loop& loop() override { return state_.bus.loop(); }
  /// The channel is heard by the manager.
  void Start(std::function<void()> done) override { done(); }

  void Broadcast(const socketio::Broadcast& broadcast) override {
    state_.Publish(EmitMessage(broadcast));
  }
  void BroadcastWithAck(const socketio::Broadcast& broadcast, std::chrono::milliseconds timeout,
                        std::function<void(uint64_t clients)> on_expected,
                        std::function<void(Args answer)> on_ack) override;
  void SocketsJoin(const SocketFilter& filter, const std::vector<std::string>& rooms) override {
    PerSocket(Method::kEnterRoom, filter, rooms);
  }
  void SocketsLeave(const SocketFilter& filter, const std::vector<std::string>& rooms) override;
  void DisconnectSockets(const SocketFilter& filter, bool) override {
    PerSocket(Method::kDisconnect, filter, {""});
  }
  void FetchSockets(const SocketFilter&,
                    std::function<void(Result<std::vector<RemoteSocket>>)> done) override {
    ++state_.counters.unsupported;
    done(Err("unsupported", "python-socketio's managers cannot be asked for their sockets"));
  }
  void ServerSideEmit(const std::string&, std::function<void(ServerAnswers)> done) override {
    ++state_.counters.unsupported;
    if (done) done({});
  }

 private:
  PythonMessage Message(Method method) const {
    PythonMessage message;
    message.method = method;
    message.host_id = state_.host_id;
    message.nsp = side_->name();
    return message;
  }
  PythonMessage EmitMessage(const socketio::Broadcast& broadcast) const {
    PythonMessage message = Message(Method::kEmit);
    message.event = broadcast.event;
    message.args = broadcast.args;
    message.rooms = broadcast.rooms;
    message.except = broadcast.except;
    return message;
  }
  /// One message for each socket and room. The rooms of the filter are taken for sids: others of
  /// that name are unknown to managers, which ignore them.
  void PerSocket(Method method, const SocketFilter& filter, const std::vector<std::string>& rooms) {
    if (filter.rooms.empty() || !filter.except.empty()) {
      ++state_.counters.unsupported;
      return;
    }
    PythonMessage message = Message(method);
    for (const std::string& sid : filter.rooms) {
      for (const std::string& room : rooms) {
        message.sid = sid;
        message.room = room;
        state_.Publish(message);
      }
    }
  }

  State& state_;
  std::unique_ptr<LocalSide> side_;
};

void PythonManager::Member::BroadcastWithAck(const socketio::Broadcast& broadcast,
                                             std::chrono::milliseconds timeout,
                                             std::function<void(uint64_t clients)> on_expected,
                                             std::function<void(Args answer)> on_ack) {
  PythonMessage message = EmitMessage(broadcast);
  if (broadcast.rooms.size() == 1 && state_.waiting.size() < kMaxCallbacks) {
    const int64_t id = ++state_.last_callback;
    auto waiting = std::make_unique<State::Waiting>(state_, id);
    waiting->on_expected = std::move(on_expected);
    waiting->on_ack = std::move(on_ack);
    waiting->timer.Start(loop().timers(),
                         timeout.count() > 0 ? timeout : state_.options.callback_timeout);
    state_.waiting[id] = std::move(waiting);
    message.callback = {broadcast.rooms[0], side_->name(), id};
  } else {
    ++state_.counters.unsupported;  // the event goes out, but nobody will acknowledge it
  }
  state_.Publish(message);
}

void PythonManager::Member::SocketsLeave(const SocketFilter& filter,
                                         const std::vector<std::string>& rooms) {
  // Everyone in a room leaves it: that is what closing it means.
  if (rooms.size() != 1 || filter.rooms != rooms || !filter.except.empty()) {
    return PerSocket(Method::kLeaveRoom, filter, rooms);
  }
  PythonMessage message = Message(Method::kCloseRoom);
  message.room = rooms[0];
  state_.Publish(message);
}

void PythonManager::State::OnEmit(LocalSide& side, const PythonMessage& message) {
  const Broadcast broadcast{message.event, message.args, message.rooms, message.except};
  if (!message.callback) return side.Emit(broadcast);
  PythonMessage answer;
  answer.method = Method::kCallback;
  answer.host_id = message.host_id;
  answer.nsp = message.callback->nsp;
  answer.sid = message.callback->room;
  answer.id = message.callback->id;
  side.EmitWithAck(
      broadcast, options.callback_timeout, [](uint64_t) {},
      [this, answer](const Args& args) {
        bus.loop().Post([this, answer, args]() mutable {
          answer.args = std::move(args);
          Publish(answer);
        });
      });
}

void PythonManager::State::OnCallback(const PythonMessage& message) {
  const auto found = waiting.find(message.id);
  if (message.host_id != host_id || found == waiting.end()) return;
  // Nobody says beforehand how many clients were asked: each answer tells of one.
  found->second->on_expected(1);
  found->second->on_ack(message.args);
}

void PythonManager::State::OnMessage(std::string_view text) {
  const auto message = DecodePythonMessage(text, options.max_message_bytes);
  if (!message) {
    ++counters.messages_in;
    const bool pickle = message.error() == PythonMessageError::kPickle;
    if (pickle && counters.pickles == 0) {
      base::LogWarn("socketio",
                    "a Python program speaks pickle, which is refused; python-socketio "
                    "5.14 and later speak JSON",
                    {{"channel", options.channel}});
    }
    ++(pickle ? counters.pickles : counters.bad_messages);
    return;
  }
  if (message->method == Method::kCallback) {
    ++counters.messages_in;
    return OnCallback(*message);
  }
  if (message->host_id == host_id) return;
  ++counters.messages_in;
  const auto member = members.find(message->nsp);
  if (member == members.end()) return;
  LocalSide& side = member->second->side();
  switch (message->method) {
    case Method::kEmit:
      return OnEmit(side, *message);
    case Method::kDisconnect:
      return side.Disconnect({{message->sid}, {}}, false);
    case Method::kEnterRoom:
      return side.Join({{message->sid}, {}}, {message->room});
    case Method::kLeaveRoom:
      return side.Leave({{message->sid}, {}}, {message->room});
    case Method::kCloseRoom:
      return side.Leave({{message->room}, {}}, {message->room});
    case Method::kCallback:
      return;
  }
}

PythonManager::PythonManager(Bus& bus, PythonOptions options)
    : state_(std::make_unique<State>(bus, std::move(options))) {}

PythonManager::~PythonManager() = default;

Adapter& PythonManager::Add(std::unique_ptr<LocalSide> side) {
  auto& member = state_->members[side->name()];
  CHECK(member == nullptr);
  member = std::make_unique<Member>(*state_, std::move(side));
  return *member;
}

void PythonManager::Start(std::function<void()> done) {
  state_->bus.loop().Post([state = state_.get(), done = std::move(done)] {
    state->bus.Subscribe(
        Bus::Kind::kPlain, state->options.channel,
        [state](std::string_view, std::string_view text) { state->OnMessage(text); }, done);
  });
}

const PythonCounters& PythonManager::counters() const { return state_->counters; }

}  // namespace trackwire::socketio
