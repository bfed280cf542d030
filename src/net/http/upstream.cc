#include "net/http/upstream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "net/connections.h"
#include "net/http/upstream_line.h"
#include "net/shard.h"

namespace trackwire::net::http {
namespace {

/// Starts to connect; nothing when the system refuses outright.
UniqueFd BeginConnect(const UpstreamAddress& to) {
  UniqueFd fd(::socket(to.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return {};
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const auto* address = reinterpret_cast<const sockaddr*>(&to.address);
  if (::connect(fd.get(), address, to.size) != 0 && errno != EINPROGRESS) return {};
  return fd;
}

}  // namespace

std::optional<UpstreamAddress> UpstreamAddress::Parse(const std::string& host, uint16_t port) {
  UpstreamAddress parsed;
  auto& v4 = reinterpret_cast<sockaddr_in&>(parsed.address);
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    parsed.size = sizeof(v4);
    return parsed;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(parsed.address);
  if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1) return std::nullopt;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  parsed.size = sizeof(v6);
  return parsed;
}

void UpstreamCounters::Add(const UpstreamCounters& other) {
  asked += other.asked;
  websockets += other.websockets;
  failed += other.failed;
  refused += other.refused;
  aborted += other.aborted;
  open += other.open;
  connections += other.connections;
}

Upstreams::Upstreams(Shard& shard, const Options& options) : shard_(shard), options_(options) {}

Upstreams::~Upstreams() = default;

void Upstreams::Send(Ask ask, const Exchange& exchange, UniqueFunction<void(Failure)> failed) {
  Server& server = servers_[ask.server];
  ++counters_.asked;
  if (server.open >= options_.max_open) {
    ++counters_.refused;
    return failed(Failure::kBusy);
  }
  Line* line = TakeIdle(server);
  if (line == nullptr) {
    auto socket = BeginConnect(ask.address);
    if (!socket) {
      ++counters_.failed;
      return failed(Failure::kUnreachable);
    }
    line = Adopt(std::move(socket), ask.server);
    if (line == nullptr) {
      ++counters_.refused;
      return failed(Failure::kBusy);
    }
  }
  ++server.open;
  ++counters_.open;
  line->Begin(std::move(ask), exchange, std::move(failed));
}

Upstreams::Line* Upstreams::Adopt(UniqueFd socket, uint64_t server) {
  auto made = std::make_unique<Line>(*this, server);
  Line* line = made.get();
  Connection* connection = shard_.connections().Adopt(
      std::move(socket), Connection::Kind::kUpstream, std::move(made), AddressLimit::Seat());
  if (connection == nullptr) return nullptr;
  ++counters_.connections;
  line->Attach(*connection);
  return line;
}

Upstreams::Line* Upstreams::Find(const Place& place) {
  Connection* connection = shard_.connections().Find(place.slot, place.generation);
  if (connection == nullptr || connection->kind() != Connection::Kind::kUpstream) return nullptr;
  return static_cast<Line*>(connection->protocol());
}

Upstreams::Line* Upstreams::TakeIdle(Server& server) {
  while (!server.idle.empty()) {
    Line* line = Find(server.idle.back());
    server.idle.pop_back();
    // One that is about to end with this turn closes itself.
    if (line != nullptr && line->usable()) return line;
  }
  return nullptr;
}

void Upstreams::Keep(Line& line) {
  Server& server = servers_[line.server()];
  if (server.idle.size() >= options_.max_idle) return line.Close();
  server.idle.push_back(line.place());
}

void Upstreams::Drop(const Line& idle) {
  const auto found = servers_.find(idle.server());
  if (found == servers_.end()) return;
  std::erase_if(found->second.idle, [&idle](const Place& other) {
    return other.slot == idle.place().slot && other.generation == idle.place().generation;
  });
  if (found->second.open == 0 && found->second.idle.empty()) servers_.erase(found);
}

void Upstreams::Done(uint64_t server) {
  --counters_.open;
  const auto found = servers_.find(server);
  // One that is asked no more needs no place once the last has its answer.
  if (--found->second.open == 0 && found->second.idle.empty()) servers_.erase(found);
}

void Upstreams::Forget(uint64_t server) {
  const auto found = servers_.find(server);
  if (found == servers_.end()) return;
  for (const Place& place : std::exchange(found->second.idle, {})) {
    if (Line* line = Find(place)) line->Close();
  }
  const auto left = servers_.find(server);
  if (left != servers_.end() && left->second.open == 0) servers_.erase(left);
}

}  // namespace trackwire::net::http
