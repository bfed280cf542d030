#include "socketio/server.h"

#include <utility>

#include "socketio/client.h"
#include "socketio/namespace_shard.h"

namespace trackwire::socketio {

struct Server::State {
  Options options;
  std::vector<net::Shard*> shards;
  NamespaceMap namespaces;
  std::vector<std::unique_ptr<ShardPart>> parts;
  std::unique_ptr<engineio::Server> engine;
};

Server::Server(std::vector<net::Shard*> shards, Options options)
    : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  state_->shards = std::move(shards);
  for (net::Shard* shard : state_->shards) {
    CHECK(shard->index() == state_->parts.size());
    state_->parts.push_back(std::make_unique<ShardPart>(
        ShardPart{*shard, state_->options, state_->namespaces, Counters{}}));
  }
  State& state = *state_;
  const auto accept = [&state](engineio::Session& session, const net::http::Request& request) {
    ShardPart& part = *state.parts[session.id().shard];
    return std::make_unique<Client>(part, session, request);
  };
  state.engine = std::make_unique<engineio::Server>(state.shards, state.options.engine, accept);
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
  return *nsp;
}

void Server::UseRecovery(Namespace& nsp, Recovery* recovery,
                         std::function<bool(const Socket&)> participates) {
  nsp.recovery_ = recovery;
  nsp.participates_ = std::move(participates);
}

net::http::Handler* Server::handler() { return state_->engine.get(); }

engineio::Server& Server::engine() { return *state_->engine; }

const Counters& Server::counters(net::Shard& shard) const {
  return state_->parts[shard.index()]->counters;
}

void Server::Drain(uint32_t per_second, std::function<void()> done) {
  state_->engine->Drain(per_second, std::move(done));
}

}  // namespace trackwire::socketio
