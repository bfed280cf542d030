#include "socketio/namespace.h"

#include <utility>

#include "socketio/adapter_seat.h"
#include "socketio/namespace_shard.h"
#include "socketio/recovery.h"

namespace trackwire::socketio {

std::string Recovery::NewPid(const std::string&) { return {}; }

bool Recovery::Publish(Namespace&, const Broadcast&) { return false; }

std::string Recovery::Record(const Socket&, std::string_view, const Args&) { return {}; }

bool Recovery::PublishesSingles() const { return false; }

Namespace::Namespace(std::string name, std::vector<net::Shard*> shards,
                     const std::vector<ShardPart*>& parts, uint32_t first_generation)
    : name_(std::move(name)), parser_(parts.front()->parser), shards_(std::move(shards)) {
  for (ShardPart* part : parts) {
    parts_.push_back(std::make_unique<NamespaceShard>(*this, *part, first_generation));
  }
}

Namespace::~Namespace() = default;

void Namespace::Seat(std::unique_ptr<Adapter> adapter, bool share_credentials) {
  net::Loop& loop = adapter->loop();
  const bool locally = adapter->broadcasts_locally();
  seat_ = std::make_shared<AdapterSeat>(
      AdapterSeat{loop, std::move(adapter), locally, share_credentials});
  seated_.store(seat_.get(), std::memory_order_release);
}

NamespaceShard& Namespace::Part(net::Shard& shard) const { return *parts_[shard.index()]; }

void Namespace::Deliver(DeliveryBatch batch) {
  if (batch.empty()) return;
  const auto shared = std::make_shared<const DeliveryBatch>(std::move(batch));
  for (const auto& part : parts_) {
    RunOn(part->part().shard, [&part = *part, shared, hold = Hold()] { part.Deliver(*shared); });
  }
}

Socket* Namespace::Find(net::Shard& shard, SocketRef ref) const {
  if (ref.shard != shard.index()) return nullptr;
  Socket* socket = Part(shard).Find(ref);
  return socket != nullptr && socket->state_ != Socket::State::kGone ? socket : nullptr;
}

void Namespace::WithSocket(SocketRef ref, std::function<void(Socket&)> task) {
  if (ref.shard >= shards_.size()) return;
  net::Shard& shard = *shards_[ref.shard];
  RunOn(shard, [this, &shard, ref, task = std::move(task), hold = Hold()] {
    if (Socket* socket = Find(shard, ref)) task(*socket);
  });
}

std::vector<SocketRef> Namespace::Sockets(net::Shard& shard) const {
  return Part(shard).Sockets();
}

size_t Namespace::socket_count(net::Shard& shard) const { return Part(shard).socket_count(); }

const std::string& Namespace::last_offset(net::Shard& shard) const {
  return Part(shard).last_offset();
}

}  // namespace trackwire::socketio
