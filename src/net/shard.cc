#include "net/shard.h"

#include "net/connections.h"

namespace trackwire::net {

void ShardCounters::Add(const ShardCounters& other) {
  connections_accepted += other.connections_accepted;
  connections_open += other.connections_open;
  connections_refused += other.connections_refused;
  accept_pauses += other.accept_pauses;
  bytes_in += other.bytes_in;
  bytes_out += other.bytes_out;
  writes += other.writes;
  http_requests += other.http_requests;
  http_errors += other.http_errors;
  websocket_errors += other.websocket_errors;
  frames_conflated += other.frames_conflated;
  slow_disconnects += other.slow_disconnects;
  delivery.Add(other.delivery);
}

struct Shard::Impl {
  Impl(Shard& shard, const Options& shard_options) : options(shard_options), connections(shard) {}

  Options options;
  ShardCounters counters;
  Connections connections;
};

Shard::Shard(const Options& options)
    : Loop("shard-" + std::to_string(options.index)),
      impl_(std::make_unique<Impl>(*this, options)) {}

// The thread works on what is about to be destroyed.
Shard::~Shard() { Stop(); }

uint16_t Shard::index() const { return impl_->options.index; }
ShardCounters& Shard::counters() { return impl_->counters; }
const Shard::Options& Shard::options() const { return impl_->options; }
Connections& Shard::connections() { return impl_->connections; }

void Shard::OnTurnEnd() { impl_->connections.EndTurn(); }

}  // namespace trackwire::net
