#include "socketio/adapters/classic_adapter.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "net/loop.h"
#include "socketio/adapters/classic_pending.h"

namespace trackwire::socketio {
namespace {

/// Six letters or digits, as the npm package makes them.
std::string NewId() {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string id;
  while (id.size() < 6) {
    const std::string bytes = base::RandomBytes(8);
    for (const char c : bytes) {
      const size_t pick = static_cast<unsigned char>(c) & 63;
      if (pick < kAlphabet.size() && id.size() < 6) id += kAlphabet[pick];
    }
  }
  return id;
}

}  // namespace

ClassicAdapter::ClassicAdapter(Namespace& nsp, Bus& bus, Options options)
    : nsp_(nsp),
      bus_(bus),
      options_(std::move(options)),
      uid_(NewId()),
      channel_(options_.prefix + "#" + nsp.name() + "#"),
      request_channel_(options_.prefix + "-request#" + nsp.name() + "#"),
      response_channel_(options_.prefix + "-response#" + nsp.name() + "#"),
      own_response_channel_(response_channel_ + uid_ + "#"),
      life_(std::make_shared<ClassicAdapter*>(this)) {}

ClassicAdapter::~ClassicAdapter() {
  life_.reset();
  if (!started_) return;
  bus_.Unsubscribe(Bus::Kind::kPattern, channel_ + "*");
  for (const auto& channel : {request_channel_, response_channel_, own_response_channel_}) {
    bus_.Unsubscribe(Bus::Kind::kPlain, channel);
  }
}

void ClassicAdapter::Start(std::function<void()> done) {
  started_ = true;
  const auto standing = std::make_shared<int>(4);
  const auto one_more = [standing, done = std::move(done)] {
    if (--*standing == 0 && done) done();
  };
  // A bus may have a message on its way to a handler that has just been unsubscribed.
  const auto hear = [this, &one_more](Bus::Kind kind, const std::string& channel, auto on_message) {
    bus_.Subscribe(
        kind, channel,
        [life = Life(life_), on_message](std::string_view name, std::string_view message) {
          if (const auto self = life.lock()) on_message(**self, name, message);
        },
        one_more);
  };
  const auto on_response = [](ClassicAdapter& self, std::string_view, std::string_view message) {
    self.OnResponse(message);
  };
  hear(Bus::Kind::kPattern, channel_ + "*",
       [](ClassicAdapter& self, std::string_view channel, std::string_view message) {
         self.OnBroadcast(channel, message);
       });
  hear(Bus::Kind::kPlain, request_channel_,
       [](ClassicAdapter& self, std::string_view, std::string_view message) {
         self.OnRequest(message);
       });
  hear(Bus::Kind::kPlain, response_channel_, on_response);
  hear(Bus::Kind::kPlain, own_response_channel_, on_response);
}

void ClassicAdapter::Send(const std::string& channel, std::string message) {
  ++counters_.sent;
  bus_.Publish(Bus::Kind::kPlain, channel, std::move(message));
}

void ClassicAdapter::SendRequest(ClassicRequest request) {
  request.uid = uid_;
  Send(request_channel_, EncodeClassicRequest(request));
}

void ClassicAdapter::Broadcast(const socketio::Broadcast& broadcast) {
  const bool one_room = broadcast.rooms.size() == 1;
  Send(one_room ? channel_ + broadcast.rooms.front() + "#" : channel_,
       EncodeClassicBroadcast(uid_, nsp_.name(), broadcast));
}

void ClassicAdapter::BroadcastWithAck(const socketio::Broadcast& broadcast,
                                      std::chrono::milliseconds timeout,
                                      std::function<void(uint64_t clients)> on_expected,
                                      std::function<void(Args answer)> on_ack) {
  Pending* pending = Begin(timeout);
  if (pending == nullptr) return;
  pending->on_expected = std::move(on_expected);
  pending->on_ack = std::move(on_ack);
  ClassicRequest request;
  request.type = ClassicRequestType::kBroadcast;
  request.request_id = pending->id;
  request.nsp = nsp_.name();
  request.broadcast = broadcast;
  request.timeout = timeout;
  SendRequest(std::move(request));
}

void ClassicAdapter::SocketsJoin(const SocketFilter& filter,
                                 const std::vector<std::string>& rooms) {
  ClassicRequest request;
  request.type = ClassicRequestType::kJoin;
  request.filter = filter;
  request.rooms = rooms;
  SendRequest(std::move(request));
}

void ClassicAdapter::SocketsLeave(const SocketFilter& filter,
                                  const std::vector<std::string>& rooms) {
  ClassicRequest request;
  request.type = ClassicRequestType::kLeave;
  request.filter = filter;
  request.rooms = rooms;
  SendRequest(std::move(request));
}

void ClassicAdapter::DisconnectSockets(const SocketFilter& filter, bool close) {
  ClassicRequest request;
  request.type = ClassicRequestType::kDisconnect;
  request.filter = filter;
  request.close = close;
  SendRequest(std::move(request));
}

void ClassicAdapter::FetchSockets(const SocketFilter& filter,
                                  std::function<void(Result<std::vector<RemoteSocket>>)> done) {
  WithOthers(
      [filter, done = std::move(done)](ClassicAdapter& self, const Result<uint64_t>& others) {
        if (!others) return done(Err(others.error()));
        if (*others == 0) return done(std::vector<RemoteSocket>());
        Pending* pending = self.Begin(self.options_.request_timeout);
        if (pending == nullptr) return done(Err("overloaded", "too many requests are under way"));
        pending->missing = *others;
        pending->on_sockets = done;
        ClassicRequest request;
        request.type = ClassicRequestType::kFetch;
        request.request_id = pending->id;
        request.filter = filter;
        self.SendRequest(std::move(request));
      });
}

void ClassicAdapter::ServerSideEmit(const std::string& arguments_json,
                                    std::function<void(ServerAnswers)> done) {
  ClassicRequest request;
  request.type = ClassicRequestType::kServerSideEmit;
  request.arguments_json = arguments_json;
  if (!done) return SendRequest(std::move(request));
  WithOthers([request = std::move(request), done = std::move(done)](
                 ClassicAdapter& self, const Result<uint64_t>& others) mutable {
    if (others && *others == 0) return done({});
    Pending* pending = others ? self.Begin(self.options_.request_timeout) : nullptr;
    if (pending == nullptr) return done({{}, true});
    pending->missing = *others;
    pending->on_answers = done;
    request.request_id = pending->id;
    self.SendRequest(std::move(request));
  });
}

void ClassicAdapter::ServerCount(std::function<void(Result<uint64_t>)> done) {
  WithOthers([done = std::move(done)](const ClassicAdapter&, Result<uint64_t> others) {
    done(others ? Result<uint64_t>(*others + 1) : std::move(others));
  });
}

/// Each server subscribes to the request channel, this one too.
void ClassicAdapter::WithOthers(std::function<void(ClassicAdapter&, Result<uint64_t>)> then) {
  bus_.CountSubscribers(Bus::Kind::kPlain, request_channel_,
                        [life = Life(life_), then = std::move(then)](Result<uint64_t> count) {
                          const auto self = life.lock();
                          if (self == nullptr) return;
                          if (count && *count > 0) *count -= 1;
                          then(**self, std::move(count));
                        });
}

ClassicAdapter::Pending* ClassicAdapter::Begin(std::chrono::milliseconds timeout) {
  if (pending_.size() >= options_.max_under_way) {
    ++counters_.dropped;
    return nullptr;
  }
  std::string id = NewId();
  while (pending_.count(id) > 0) id = NewId();
  auto& pending = pending_[id];
  pending = std::make_unique<Pending>(*this, id);
  pending->timer.Start(loop().timers(), timeout);
  return pending.get();
}

void ClassicAdapter::OnTimeout(const std::string& id) {
  // Broadcasts with acknowledgements always wait: nobody tells when all have come.
  if (pending_.at(id)->on_ack == nullptr) ++counters_.timeouts;
  Finish(id, true);
}

void ClassicAdapter::Finish(const std::string& id, bool timed_out) {
  const auto node = pending_.extract(id);
  Pending& pending = *node.mapped();
  if (pending.on_answers) {
    pending.answers.timed_out = timed_out;
    return pending.on_answers(std::move(pending.answers));
  }
  if (!pending.on_sockets) return;
  if (timed_out) return pending.on_sockets(Err("timeout", "a server did not answer in time"));
  pending.on_sockets(std::move(pending.sockets));
}

void ClassicAdapter::OnBroadcast(std::string_view channel, std::string_view message) {
  // A namespace's name may hold what a pattern takes for a wildcard.
  if (channel.substr(0, channel_.size()) != channel_) {
    ++counters_.ignored;
    return;
  }
  auto decoded = DecodeClassicBroadcast(message, options_.limits);
  if (!decoded) return Bad(channel, decoded.error());
  if (decoded->uid == uid_ || decoded->nsp != nsp_.name()) {
    ++counters_.ignored;
    return;
  }
  ++counters_.received;
  nsp_.local().Emit(decoded->broadcast);
}

void ClassicAdapter::OnRequest(std::string_view message) {
  const auto request = DecodeClassicRequest(message, options_.limits);
  if (!request) return Bad(request_channel_, request.error());
  if (request->uid == uid_ || pending_.count(request->request_id) > 0) {
    ++counters_.ignored;
    return;
  }
  ++counters_.received;
  Answer(*request);
}

void ClassicAdapter::OnResponse(std::string_view message) {
  auto response = DecodeClassicResponse(message, options_.limits);
  if (!response) return Bad(response_channel_, response.error());
  const auto found = pending_.find(response->request_id);
  if (found == pending_.end()) {
    ++counters_.ignored;
    return;
  }
  ++counters_.received;
  Take(*found->second, *response);
}

void ClassicAdapter::Take(Pending& pending, ClassicResponse& response) {
  using Kind = ClassicResponse::Kind;
  if (pending.on_ack) {
    if (response.kind == Kind::kClientCount) pending.on_expected(response.client_count);
    if (response.kind == Kind::kBroadcastAck) pending.on_ack(std::move(response.answer));
    return;
  }
  if (pending.on_answers) {
    if (response.kind != Kind::kServerSideEmit) return;
    pending.answers.answers.push_back(std::move(response.answer_json));
  } else {
    if (!response.sockets) return;
    std::move(response.sockets->begin(), response.sockets->end(),
              std::back_inserter(pending.sockets));
  }
  if (--pending.missing == 0) Finish(std::string(pending.id), false);
}

/// A neighbour that floods the channel must not flood the log.
void ClassicAdapter::Bad(std::string_view channel, ClassicError error) {
  const uint64_t count = ++counters_.bad;
  if ((count & (count - 1)) != 0) return;
  base::LogWarn("socketio", "a message of another server was dropped",
                {{"channel", channel.substr(0, 200)},
                 {"why", ToString(error)},
                 {"so_far", std::to_string(count)}});
}

}  // namespace trackwire::socketio
