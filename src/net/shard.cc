#include "net/shard.h"

#include <algorithm>

#include "net/connections.h"

namespace trackwire::net {
namespace {

/// Below this nobody is cut off for the sake of the total: one burst of a turn must fit.
constexpr size_t kLeastShare = 65'536;

}  // namespace

void ShardCounters::Add(const ShardCounters& other) {
  connections_accepted += other.connections_accepted;
  connections_open += other.connections_open;
  connections_refused += other.connections_refused;
  refused_address += other.refused_address;
  waiting_evicted += other.waiting_evicted;
  too_slow += other.too_slow;
  bodies_packed += other.bodies_packed;
  bodies_not_packed += other.bodies_not_packed;
  bytes_before_packing += other.bytes_before_packing;
  bytes_after_packing += other.bytes_after_packing;
  accept_pauses += other.accept_pauses;
  bytes_in += other.bytes_in;
  bytes_out += other.bytes_out;
  writes += other.writes;
  http_requests += other.http_requests;
  http_errors += other.http_errors;
  websocket_errors += other.websocket_errors;
  frames_conflated += other.frames_conflated;
  slow_disconnects += other.slow_disconnects;
  connections_waiting += other.connections_waiting;
  input_bytes += other.input_bytes;
  input_refused += other.input_refused;
  backlog_bytes += other.backlog_bytes;
  tls_connections += other.tls_connections;
  tls_handshakes += other.tls_handshakes;
  tls_resumed += other.tls_resumed;
  for (size_t i = 0; i < kTlsFailures; ++i) tls_failures[i] += other.tls_failures[i];
  delivery.Add(other.delivery);
}

struct Shard::Impl {
  Impl(Shard& shard, const Options& shard_options) : options(shard_options), connections(shard) {}

  Options options;
  ShardCounters counters;
  Connections connections;
};

Shard::Shard(const Options& options)
    : Loop("shard-" + std::to_string(options.index), *options.clock),
      impl_(std::make_unique<Impl>(*this, options)) {}

// The thread works on what is about to be destroyed.
Shard::~Shard() { Stop(); }

uint16_t Shard::index() const { return impl_->options.index; }
ShardCounters& Shard::counters() { return impl_->counters; }
const Shard::Options& Shard::options() const { return impl_->options; }
Connections& Shard::connections() { return impl_->connections; }

OutQueue::Limits Shard::out_limits() const {
  OutQueue::Limits limits = impl_->options.out;
  const ShardCounters& counters = impl_->counters;
  if (counters.backlog_bytes > impl_->options.max_backlog_bytes) {
    const uint64_t sharers = std::max<uint64_t>(1, counters.connections_open);
    const uint64_t share = impl_->options.max_backlog_bytes / sharers;
    limits.max_bytes = std::min(limits.max_bytes, std::max<size_t>(share, kLeastShare));
  }
  return limits;
}

void Shard::OnTurnEnd() { impl_->connections.EndTurn(); }

}  // namespace trackwire::net
