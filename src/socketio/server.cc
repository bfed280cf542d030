#include "socketio/server.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "socketio/adapter_seat.h"
#include "socketio/broadcast_operator.h"
#include "socketio/client.h"
#include "socketio/client_files.h"
#include "socketio/namespace_shard.h"

namespace trackwire::socketio {

struct Server::State {
  Options options;
  std::vector<net::Shard*> shards;
  NamespaceMap namespaces;
  std::vector<std::unique_ptr<ShardPart>> parts;
  std::unique_ptr<engineio::Server> engine;
  Namespace* main = nullptr;
  std::unique_ptr<ClientFilesHandler> client_files;  // in front of it, if they are served
};

namespace {

std::unique_ptr<ClientFilesHandler> ServeClient(const Options& options,
                                                net::http::Handler& engine) {
  if (options.client_files.empty()) return nullptr;
  auto files = ClientFiles::Load(options.client_files);
  if (files) return std::make_unique<ClientFilesHandler>(std::move(*files), options.engine, engine);
  base::LogWarn("socketio", "the client for browsers is not served",
                {{"reason", files.error().detail}});
  return nullptr;
}

}  // namespace

Server::Server(std::vector<net::Shard*> shards, Options options)
    : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  state_->shards = std::move(shards);
  const auto count = static_cast<uint32_t>(state_->shards.size());
  const uint32_t unfinished = std::max(1U, (state_->options.max_unfinished + count - 1) / count);
  for (net::Shard* shard : state_->shards) {
    CHECK(shard->index() == state_->parts.size());
    state_->parts.push_back(std::make_unique<ShardPart>(
        ShardPart{*shard, state_->options, state_->namespaces, unfinished}));
  }
  State& state = *state_;
  const auto accept = [&state](engineio::Session& session, const net::http::Request& request) {
    ShardPart& part = *state.parts[session.id().shard];
    return std::make_unique<Client>(part, session, request);
  };
  state.engine = std::make_unique<engineio::Server>(state.shards, state.options.engine, accept);
  state.client_files = ServeClient(state.options, *state.engine);
}

// Clients go before the sockets they know.
Server::~Server() { state_->engine.reset(); }

Namespace& Server::Of(std::string name) {
  if (name.empty() || name[0] != '/') name.insert(name.begin(), '/');
  auto& nsp = state_->namespaces[name];
  if (nsp == nullptr) {
    std::vector<ShardPart*> parts;
    for (const auto& part : state_->parts) parts.push_back(part.get());
    nsp = std::unique_ptr<Namespace>(new Namespace(name, state_->shards, parts));
  }
  if (name == "/") state_->main = nsp.get();
  return *nsp;
}

Namespace& Server::main() { return state_->main != nullptr ? *state_->main : Of("/"); }

BroadcastOperator Server::To(const RoomNames& rooms) { return main().To(rooms); }

BroadcastOperator Server::In(const RoomNames& rooms) { return main().In(rooms); }

BroadcastOperator Server::Except(const RoomNames& rooms) { return main().Except(rooms); }

BroadcastOperator Server::Local() { return main().Local(); }

BroadcastOperator Server::Volatile() { return main().Volatile(); }

BroadcastOperator Server::Compress(bool compress) { return main().Compress(compress); }

BroadcastOperator Server::Timeout(std::chrono::milliseconds timeout) {
  return main().Timeout(timeout);
}

void Server::UseRecovery(Namespace& nsp, Recovery* recovery,
                         std::function<bool(const Socket&)> participates) {
  nsp.recovery_ = recovery;
  nsp.participates_ = std::move(participates);
}

void Server::UseAdapter(Namespace& nsp, std::unique_ptr<Adapter> adapter, bool share_credentials) {
  net::Loop& loop = adapter->loop();
  const bool locally = adapter->broadcasts_locally();
  nsp.seat_ = std::make_shared<AdapterSeat>(
      AdapterSeat{loop, std::move(adapter), locally, share_credentials});
}

void Server::StartAdapters(std::function<void()> done) {
  const auto all = std::make_shared<std::function<void()>>(std::move(done));
  // Runs with the last of those that hold it.
  const std::shared_ptr<void> ready(nullptr, [all](void*) {
    if (*all) (*all)();
  });
  for (const auto& [name, nsp] : state_->namespaces) {
    const auto seat = nsp->seat_;
    if (seat == nullptr) continue;
    seat->loop.Post([seat, ready] {
      if (seat->adapter != nullptr) seat->adapter->Start([ready] {});
    });
  }
}

void Server::StopAdapters() {
  for (const auto& [name, nsp] : state_->namespaces) {
    const auto seat = nsp->seat_;
    if (seat != nullptr) seat->loop.Run([seat] { seat->adapter.reset(); });
  }
}

AdapterCounters Server::adapter_counters() const {
  AdapterCounters sum;
  for (const auto& [name, nsp] : state_->namespaces) {
    const auto seat = nsp->seat_;
    if (seat == nullptr) continue;
    seat->loop.Run([&sum, &seat = *seat] {
      if (seat.adapter == nullptr) return;
      const AdapterCounters& one = seat.adapter->counters();
      sum.received += one.received;
      sum.sent += one.sent;
      sum.ignored += one.ignored;
      sum.bad += one.bad;
      sum.dropped += one.dropped;
      sum.timeouts += one.timeouts;
    });
  }
  return sum;
}

net::http::Handler* Server::handler() {
  if (state_->client_files != nullptr) return state_->client_files.get();
  return state_->engine.get();
}

engineio::Server& Server::engine() { return *state_->engine; }

const Counters& Server::counters(net::Shard& shard) const {
  return state_->parts[shard.index()]->counters;
}

void Server::Drain(uint32_t per_second, std::function<void()> done) {
  state_->engine->Drain(per_second, std::move(done));
}

}  // namespace trackwire::socketio
