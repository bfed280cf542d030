#include "gateway/forwarding.h"

#include <chrono>
#include <cstring>
#include <future>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "engineio/request_check.h"
#include "engineio/session_id.h"
#include "gateway/forward_wire.h"

namespace trackwire::gateway {
namespace {

using net::http::Body;
using net::http::Exchange;
using net::http::Request;

constexpr size_t kKeyBytes = 32;
/// What stands in place of a seal at the internal listener once it was looked at.
constexpr std::string_view kGenuine = "genuine";
constexpr std::string_view kForged = "forged";
/// Room in a head for what a gateway adds to the client's.
constexpr size_t kAddedHeadBytes = 1'024;
/// For a broker that was reached a moment ago; without the others' answers the first requests of
/// their sessions would begin anew.
constexpr std::chrono::seconds kPatience{5};

/// Drawn anew for each start: a gateway that comes back has none of its sessions.
uint32_t DrawNumber() {
  uint32_t number = 0;
  while (number == 0) {
    const std::string random = base::RandomBytes(sizeof(number));
    std::memcpy(&number, random.data(), sizeof(number));
  }
  return number;
}

}  // namespace

/// What one shard knows of the others.
struct Forwarding::Part {
  Part(net::Shard& on, const net::http::Upstreams::Options& options) : upstreams(on, options) {}

  struct Other {
    net::http::UpstreamAddress address;
    ForwardSeal seal;
  };
  std::map<uint32_t, Other> others;
  net::http::Upstreams upstreams;
};

/// Before the sessions' own handler: outside nobody may claim to be a gateway, inside everybody has
/// to prove it and to mean this one.
class Forwarding::Door final : public net::http::Handler {
 public:
  Door(Forwarding& owner, net::http::Handler* inner, bool inside)
      : owner_(owner), inner_(inner), inside_(inside) {}

  Body OnRequest(const Exchange& exchange, const Request& request) override {
    const auto seal = request.headers.Find(kForwardedHeader);
    if (inside_ ? seal != kGenuine : seal.has_value()) {
      ++owner_.forged_;
      auto refusal = net::http::Response::Text(403, "not a gateway\n");
      refusal.close = true;
      exchange.Respond(std::move(refusal));
      return Body::None();
    }
    if (inside_ && !IsOurs(request)) {
      // Never on to a third one: two that disagree would send it round and round.
      exchange.Respond(engineio::ErrorResponse(engineio::RequestError::kUnknownSid,
                                               engineio::WantsWebSocket(request)));
      return Body::None();
    }
    return inner_->OnRequest(exchange, request);
  }
  void OnBody(const Exchange& exchange, const Request& request, std::string body) override {
    inner_->OnBody(exchange, request, std::move(body));
  }
  void OnBodyTooLarge(const Exchange& exchange, const Request& request) override {
    inner_->OnBodyTooLarge(exchange, request);
  }

 private:
  bool IsOurs(const Request& request) const {
    const auto sid = request.query.Find("sid");
    const auto id = sid ? engineio::SessionId::Parse(*sid) : std::nullopt;
    return id && id->owner == owner_.number_;
  }

  Forwarding& owner_;
  net::http::Handler* inner_;
  const bool inside_;
};

Forwarding::Forwarding(InternalPlace place, std::vector<net::Shard*> shards,
                       const net::http::Upstreams::Options& options)
    : place_(std::move(place)),
      shards_(std::move(shards)),
      number_(DrawNumber()),
      key_(base::RandomBytes(kKeyBytes)),
      seal_(key_) {
  for (net::Shard* shard : shards_) parts_.push_back(std::make_unique<Part>(*shard, options));
}

Forwarding::~Forwarding() = default;

net::http::Handler* Forwarding::MakeOutsideDoor(net::http::Handler* inner) {
  outside_ = std::make_unique<Door>(*this, inner, false);
  return outside_.get();
}

Result<void> Forwarding::Start(const std::string& path, net::http::Handler* inner,
                               net::http::ServerOptions options, net::Loop& loop,
                               broker::PubSub& pub_sub) {
  inside_ = std::make_unique<Door>(*this, inner, true);
  router_.Mount(path, inside_.get());
  options.max_head_bytes += kAddedHeadBytes;
  options.max_connections_per_address = 0;
  options.evict_idle = false;
  options.exempt = nullptr;
  options.resolve_client = [this](Request& request) { Unseal(request); };
  http_ = std::make_unique<net::http::Server>(shards_, &router_, std::move(options));
  const auto bound = http_->Listen(place_.listen_host, place_.listen_port);
  if (!bound) {
    return Err(bound.error().code, "for other gateways: " + bound.error().detail);
  }
  Peer self;
  self.number = number_;
  self.host = place_.told_host;
  self.port = place_.told_port == 0 ? *bound : place_.told_port;
  self.key = key_;
  self.machine = LoopbackDomain();
  told_ = (self.host.find(':') == std::string::npos ? self.host : '[' + self.host + ']') + ':' +
          std::to_string(self.port);
  loop_ = &loop;
  const auto heard = std::make_shared<std::promise<void>>();
  auto future = heard->get_future();
  loop.Run([&] {
    auto tell = [this](const PeerTable& table) { Tell(table); };
    peers_ = std::make_unique<Peers>(loop, pub_sub, std::move(tell));
    peers_->Join(std::move(self), [heard] { heard->set_value(); });
  });
  if (future.wait_for(kPatience) != std::future_status::ready) {
    base::LogWarn("gateway", "other gateways are not heard yet");
  }
  return Ok();
}

/// Once a request, before the doors, which a hand-over to another shard passes twice.
void Forwarding::Unseal(Request& request) const {
  auto client = seal_.Open(request);
  request.headers.Set(kForwardedHeader, std::string(client ? kGenuine : kForged));
  if (!client) return;
  request.remote_address = std::move(client->address);
  request.secure = client->secure;
}

void Forwarding::Stop() {
  if (loop_ != nullptr) {
    std::exchange(loop_, nullptr)->Run([this] {
      peers_->Leave();
      peers_.reset();
    });
  }
  http_.reset();
}

void Forwarding::Tell(const PeerTable& table) {
  const auto copy = std::make_shared<const PeerTable>(table);
  for (net::Shard* shard : shards_) {
    shard->Post([part = parts_[shard->index()].get(), copy] {
      std::erase_if(part->others, [&](const auto& other) {
        if (copy->count(other.first) > 0) return false;
        part->upstreams.Forget(other.first);
        return true;
      });
      for (const auto& [number, peer] : *copy) {
        const auto address = net::http::UpstreamAddress::Parse(peer.host, peer.port);
        if (!address) continue;
        part->others.insert_or_assign(number, Part::Other{*address, ForwardSeal(peer.key)});
      }
    });
  }
}

bool Forwarding::Knows(net::Shard& shard, uint32_t owner) const {
  return parts_[shard.index()]->others.count(owner) > 0;
}

void Forwarding::Forward(const Exchange& exchange, const Request& request, uint32_t owner,
                         Content content, Failed failed) {
  Part& part = *parts_[exchange.shard().index()];
  const auto found = part.others.find(owner);
  if (found == part.others.end()) return failed(Failure::kUnknown);
  net::http::Upstreams::Ask ask;
  ask.server = owner;
  ask.address = found->second.address;
  ask.websocket = engineio::WantsWebSocket(request);
  ask.wire = ForwardedWire(request, found->second.seal.Make(request), content);
  auto refuse = [failed = std::move(failed)](net::http::Upstreams::Failure failure) {
    failed(failure == net::http::Upstreams::Failure::kBusy ? Failure::kBusy : Failure::kUnknown);
  };
  part.upstreams.Send(std::move(ask), exchange, std::move(refuse));
}

const net::http::UpstreamCounters& Forwarding::counters(net::Shard& shard) const {
  return parts_[shard.index()]->upstreams.counters();
}

}  // namespace trackwire::gateway
