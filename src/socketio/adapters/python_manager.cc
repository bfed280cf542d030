#include "socketio/adapters/python_manager.h"

#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "net/loop.h"
#include "net/timer.h"
#include "socketio/adapters/cluster_requests.h"
#include "socketio/adapters/places.h"
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
      : bus(b),
        options(std::move(o)),
        host_id(NewClusterId() + NewClusterId()),
        places(options.max_under_way) {}

  void Publish(const PythonMessage& message) {
    bus.Publish(Bus::Kind::kPlain, options.channel, EncodePythonMessage(message));
  }
  /// Hears the channel once the first member starts.
  void Subscribe(std::function<void()> done);
  void OnMessage(std::string_view text);
  void OnCallback(const PythonMessage& message);

  Bus& bus;
  const PythonOptions options;
  const std::string host_id;
  PythonCounters counters;
  /// Those that live, by namespace.
  std::unordered_map<std::string, Member*, StringHash, std::equal_to<>> members;
  bool subscribing = false;
  bool subscribed = false;
  std::vector<std::function<void()>> starting;
  std::unordered_map<int64_t, std::unique_ptr<Waiting>> waiting;
  int64_t last_callback = 0;
  Places places;
};

/// One namespace on the channel.
class PythonManager::Member final : public Adapter {
 public:
  Member(State& state, Namespace& nsp) : state_(state), nsp_(nsp) {}
  ~Member() override;

  net::Loop& loop() override { return state_.bus.loop(); }
  void Start(std::function<void()> done) override { state_.Subscribe(std::move(done)); }
  /// A message for this namespace from another server.
  void OnMessage(const PythonMessage& message);

  void Broadcast(const socketio::Broadcast& broadcast) override { Publish(EmitMessage(broadcast)); }
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
    message.nsp = nsp_.name();
    return message;
  }
  void Publish(const PythonMessage& message) {
    ++counters_.sent;
    state_.Publish(message);
  }
  void OnEmit(const PythonMessage& message);
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
        Publish(message);
      }
    }
  }

  State& state_;
  Namespace& nsp_;
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
    message.callback = {broadcast.rooms[0], nsp_.name(), id};
  } else {
    ++state_.counters.unsupported;  // the event goes out, but nobody will acknowledge it
  }
  Publish(message);
}

void PythonManager::Member::SocketsLeave(const SocketFilter& filter,
                                         const std::vector<std::string>& rooms) {
  // Everyone in a room leaves it: that is what closing it means.
  if (rooms.size() != 1 || filter.rooms != rooms || !filter.except.empty()) {
    return PerSocket(Method::kLeaveRoom, filter, rooms);
  }
  PythonMessage message = Message(Method::kCloseRoom);
  message.room = rooms[0];
  Publish(message);
}

PythonManager::Member::~Member() {
  state_.members.erase(nsp_.name());
  if (state_.members.empty()) state_.bus.Unsubscribe(Bus::Kind::kPlain, state_.options.channel);
}

void PythonManager::Member::OnEmit(const PythonMessage& message) {
  const socketio::Broadcast broadcast{message.event, message.args, message.rooms, message.except};
  if (!message.callback) return nsp_.local().Emit(broadcast);
  auto place = state_.places.Take();
  if (place == nullptr) {
    ++counters_.dropped;
    return;
  }
  PythonMessage answer;
  answer.method = Method::kCallback;
  answer.host_id = message.host_id;
  answer.nsp = message.callback->nsp;
  answer.sid = message.callback->room;
  answer.id = message.callback->id;
  LocalSockets::AckHandlers handlers;
  handlers.asked = [](uint64_t) {};
  handlers.answered = [&state = state_, place = std::move(place), answer](Args args) mutable {
    answer.args = std::move(args);
    state.Publish(answer);
  };
  nsp_.local().EmitWithAck(broadcast, state_.options.callback_timeout, loop(), std::move(handlers));
}

void PythonManager::Member::OnMessage(const PythonMessage& message) {
  ++counters_.received;
  LocalSockets& local = nsp_.local();
  switch (message.method) {
    case Method::kEmit:
      return OnEmit(message);
    case Method::kDisconnect:
      return local.Disconnect({{message.sid}, {}}, false);
    case Method::kEnterRoom:
      return local.Join({{message.sid}, {}}, {message.room});
    case Method::kLeaveRoom:
      return local.Leave({{message.sid}, {}}, {message.room});
    case Method::kCloseRoom:
      return local.Leave({{message.room}, {}}, {message.room});
    case Method::kCallback:
      return;
  }
}

void PythonManager::State::Subscribe(std::function<void()> done) {
  if (subscribed) return done();
  starting.push_back(std::move(done));
  if (std::exchange(subscribing, true)) return;
  bus.Subscribe(
      Bus::Kind::kPlain, options.channel,
      [this](std::string_view, std::string_view text) { OnMessage(text); },
      [this] {
        subscribed = true;
        for (const auto& next : std::exchange(starting, {})) next();
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
    const bool pickle = message.error() == PythonMessageError::kPickle;
    if (pickle && counters.pickles == 0) {
      base::LogWarn("socketio",
                    "a Python program speaks pickle, which is refused; python-socketio 5.14 and "
                    "later speak JSON",
                    {{"channel", options.channel}});
    }
    ++(pickle ? counters.pickles : counters.bad_messages);
    return;
  }
  if (message->method == Method::kCallback) return OnCallback(*message);
  if (message->host_id == host_id) return;
  const auto member = members.find(message->nsp);
  if (member != members.end()) member->second->OnMessage(*message);
}

PythonManager::PythonManager(Bus& bus, PythonOptions options)
    : state_(std::make_unique<State>(bus, std::move(options))) {}

PythonManager::~PythonManager() = default;

std::unique_ptr<Adapter> PythonManager::MakeAdapter(Namespace& nsp) {
  Member*& member = state_->members[nsp.name()];
  CHECK(member == nullptr);
  auto adapter = std::make_unique<Member>(*state_, nsp);
  member = adapter.get();
  return adapter;
}

const PythonCounters& PythonManager::counters() const { return state_->counters; }

}  // namespace trackwire::socketio
