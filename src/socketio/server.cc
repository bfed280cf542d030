#include "socketio/server.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "socketio/broadcast_operator.h"
#include "socketio/client.h"
#include "socketio/client_files.h"
#include "socketio/namespace_registry.h"
#include "socketio/namespace_shard.h"
#include "socketio/parser.h"

namespace trackwire::socketio {

struct Server::State {
  Options options;
  std::vector<net::Shard*> shards;
  std::shared_ptr<NamespaceRegistry> registry;
  std::vector<std::unique_ptr<ShardPart>> parts;
  std::unique_ptr<engineio::Server> engine;
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
  state_->registry = std::make_shared<NamespaceRegistry>(state_->options, state_->shards);
  const Parser& parser =
      state_->options.parser == nullptr ? TextParser() : *state_->options.parser;
  std::vector<ShardPart*> parts;
  for (net::Shard* shard : state_->shards) {
    CHECK(shard->index() == state_->parts.size());
    state_->parts.push_back(std::make_unique<ShardPart>(
        ShardPart{*shard, state_->options, *state_->registry, parser, unfinished}));
    parts.push_back(state_->parts.back().get());
  }
  state_->registry->set_parts(std::move(parts));
  State& state = *state_;
  const auto accept = [&state](engineio::Session& session, const net::http::Request& request) {
    ShardPart& part = *state.parts[session.id().shard];
    return std::make_unique<Client>(part, session, request);
  };
  state.engine = std::make_unique<engineio::Server>(state.shards, state.options.engine, accept);
  state.client_files = ServeClient(state.options, *state.engine);
}

// Clients go before the sockets they know, and those before what shards have in common.
Server::~Server() {
  state_->engine.reset();
  state_->registry.reset();
}

Namespace& Server::Of(std::string name) { return state_->registry->Of(std::move(name)); }

std::shared_ptr<Namespace> Server::Find(std::string_view name) {
  return state_->registry->Find(name);
}

ParentNamespace& Server::OfMatching(NamespaceMatcher matcher) {
  return state_->registry->AddParent(std::move(matcher));
}

ParentNamespace& Server::OfRegex(std::string_view pattern) {
  auto read = NamePattern::Parse(pattern);
  if (!read) base::LogError("socketio", "OfRegex", {{"why", read.error().detail}});
  CHECK(read.has_value());
  return OfRegex(std::move(*read));
}

ParentNamespace& Server::OfRegex(NamePattern pattern) {
  return state_->registry->AddParent(std::move(pattern));
}

void Server::OnNewNamespace(std::function<void(Namespace&)> handler) {
  state_->registry->OnNew(std::move(handler));
}

Namespace& Server::main() { return Of("/"); }

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
  nsp.Seat(std::move(adapter), share_credentials);
}

void Server::StartAdapters(std::function<void()> done) {
  state_->registry->StartAdapters(std::move(done));
}

void Server::StopAdapters() { state_->registry->StopAdapters(); }

AdapterCounters Server::adapter_counters() const { return state_->registry->adapter_counters(); }

net::http::Handler* Server::handler() {
  state_->registry->Seal();
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
