#include "socketio/memory_recovery.h"

#include <atomic>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "net/loop.h"
#include "net/shard.h"
#include "socketio/delivery_log.h"

namespace trackwire::socketio {
namespace {

struct ResumeRequest {
  std::string pid;
  LogPosition from;
  Namespace* nsp;
  SocketRef socket;
  std::function<void(std::optional<Resumption>)> done;
};

}  // namespace

/// Everything but `events` and `epoch` belongs to the loop's thread.
struct MemoryRecovery::State {
  struct Broadcasts {
    uint64_t last = 0;
    DeliveryLog log;
  };
  struct Client {
    RecoveryRecord record;
    bool saved = false;
    bool live = false;
    Steady::time_point away_since;
    DeliveryLog events;
  };

  explicit State(const Options& o)
      : options(o), epoch(base::Base64UrlEncode(base::RandomBytes(6))) {}

  DeliveryLog::Limits broadcast_limits() const {
    return {options.max_deliveries, options.max_bytes, options.max_disconnection};
  }
  DeliveryLog::Limits event_limits() const {
    return {options.max_events_per_client, options.max_event_bytes_per_client,
            options.max_disconnection};
  }
  void Save(RecoveryRecord record);
  void Release(const std::string& pid, SocketRef owner, bool recoverable);
  void ForgetOld();
  void Take(ResumeRequest request);
  void CloseOwner(ResumeRequest request, SocketRef owner);
  DeliveryBatch Missed(const Client& client, LogPosition from, const DeliveryLog& log) const;

  const Options options;
  const std::string epoch;
  // Numbers events to single clients on all shards: a client may go on on another shard, where
  // its events must have higher numbers.
  std::atomic<uint64_t> events{0};
  std::unordered_map<std::string, Broadcasts> broadcasts;  // by namespace
  std::unordered_map<std::string, Client> clients;         // by pid
  std::deque<std::pair<Steady::time_point, std::string>> away;
  net::Loop loop{"recovery"};  // the last member: its thread uses the others
};

void MemoryRecovery::State::Save(RecoveryRecord record) {
  Client& client = clients[record.pid];
  client.record = std::move(record);
  client.saved = true;
  client.live = true;
}

void MemoryRecovery::State::Release(const std::string& pid, SocketRef owner, bool recoverable) {
  const auto found = clients.find(pid);
  if (found == clients.end()) return;
  if (found->second.saved && !(found->second.record.owner == owner)) return;
  if (!recoverable || !found->second.saved) {
    clients.erase(found);
    return;
  }
  found->second.live = false;
  found->second.away_since = loop.now();
  away.emplace_back(loop.now(), pid);
  ForgetOld();
}

void MemoryRecovery::State::ForgetOld() {
  const auto now = loop.now();
  while (!away.empty() && (away.size() > options.max_records_away ||
                           away.front().first + options.max_disconnection < now)) {
    const auto found = clients.find(away.front().second);
    if (found != clients.end() && !found->second.live &&
        found->second.away_since == away.front().first) {
      clients.erase(found);
    }
    away.pop_front();
  }
}

/// A record has one owner: a former one that still lives is closed first, and whatever it still
/// had to tell us arrives before we go on.
void MemoryRecovery::State::CloseOwner(ResumeRequest request, SocketRef owner) {
  net::Shard& shard = *request.nsp->shards()[owner.shard];
  shard.Post([this, &shard, owner, request = std::move(request)]() mutable {
    if (Socket* former = request.nsp->Find(shard, owner)) former->CloseConnection();
    loop.Post([this, owner, request = std::move(request)]() mutable {
      const auto found = clients.find(request.pid);
      // Not a second time when its end has said so already: a record is forgotten by the moment
      // at which it was queued as away.
      if (found != clients.end() && found->second.record.owner == owner && found->second.live) {
        Release(request.pid, owner, true);
      }
      Take(std::move(request));
    });
  });
}

void MemoryRecovery::State::Take(ResumeRequest request) {
  ForgetOld();
  const auto found = clients.find(request.pid);
  if (found == clients.end() || found->second.record.nsp != request.nsp->name()) {
    return request.done(std::nullopt);
  }
  Client& client = found->second;
  if (client.live) return CloseOwner(std::move(request), client.record.owner);
  Broadcasts& sent = broadcasts[request.nsp->name()];
  sent.log.Trim(loop.now(), broadcast_limits());
  client.events.Trim(loop.now(), event_limits());
  if (request.from.broadcast > sent.last || !sent.log.Covers({request.from.broadcast, 0}) ||
      !client.events.Covers(request.from)) {
    return request.done(std::nullopt);
  }
  client.live = true;
  client.record.owner = request.socket;
  request.done(Resumption{client.record, Missed(client, request.from, sent.log)});
}

/// Broadcasts and the client's own events, merged in the order in which it would have got them.
DeliveryBatch MemoryRecovery::State::Missed(const Client& client, LogPosition from,
                                            const DeliveryLog& log) const {
  DeliveryBatch missed;
  auto event = client.events.After(from);
  const auto take_events_before = [&](std::optional<LogPosition> end) {
    for (; event != client.events.entries().end() && (!end || event->position < *end); ++event) {
      missed.push_back(event->delivery);
    }
  };
  for (auto it = log.After(from); it != log.entries().end(); ++it) {
    take_events_before(it->position);
    if (Addresses(*it->delivery, client.record)) missed.push_back(it->delivery);
  }
  take_events_before(std::nullopt);
  return missed;
}

MemoryRecovery::MemoryRecovery() : MemoryRecovery(Options()) {}

MemoryRecovery::MemoryRecovery(const Options& options) : state_(std::make_unique<State>(options)) {
  state_->loop.Start();
}

MemoryRecovery::~MemoryRecovery() { state_->loop.Stop(); }

void MemoryRecovery::Save(const RecoveryRecord& record) {
  state_->loop.Post([state = state_.get(), record] { state->Save(record); });
}

void MemoryRecovery::Release(const std::string& pid, SocketRef owner, bool recoverable) {
  state_->loop.Post(
      [state = state_.get(), pid, owner, recoverable] { state->Release(pid, owner, recoverable); });
}

void MemoryRecovery::Resume(const std::string& pid, const std::string& offset, const Socket& socket,
                            std::function<void(std::optional<Resumption>)> done) {
  const auto from = LogPosition::Parse(offset, state_->epoch);
  if (!from) return done(std::nullopt);
  ResumeRequest request{pid, *from, &socket.nsp(), socket.ref(), std::move(done)};
  state_->loop.Post([state = state_.get(), request = std::move(request)]() mutable {
    state->Take(std::move(request));
  });
}

bool MemoryRecovery::Publish(Namespace& nsp, const Broadcast& broadcast) {
  state_->loop.Post([state = state_.get(), &nsp, broadcast] {
    State::Broadcasts& sent = state->broadcasts[nsp.name()];
    const LogPosition position{++sent.last, 0};
    auto delivery = EncodeDelivery(nsp.name(), broadcast, position.ToOffset(state->epoch),
                                   nsp.parser());
    sent.log.Append(position, delivery, state->loop.now(), state->broadcast_limits());
    nsp.Deliver({std::move(delivery)});
  });
  return true;
}

std::string MemoryRecovery::Record(const Socket& socket, std::string_view event, const Args& args) {
  LogPosition position;
  if (const auto last =
          LogPosition::Parse(socket.nsp().last_offset(socket.shard()), state_->epoch)) {
    position.broadcast = last->broadcast;
  }
  position.event = state_->events.fetch_add(1, std::memory_order_relaxed) + 1;
  std::string offset = position.ToOffset(state_->epoch);
  auto delivery = EncodeDelivery(socket.nsp().name(), {std::string(event), args, {}, {}}, offset,
                                 socket.nsp().parser());
  state_->loop.Post([state = state_.get(), pid = socket.pid(), position,
                     delivery = std::move(delivery)]() mutable {
    state->clients[pid].events.Append(position, std::move(delivery), state->loop.now(),
                                      state->event_limits());
  });
  return offset;
}

}  // namespace trackwire::socketio
