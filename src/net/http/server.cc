#include "net/http/server.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "net/connections.h"
#include "net/http/server_connection.h"

namespace trackwire::net::http {
namespace {

std::string AddressText(const sockaddr_storage& peer) {
  char text[INET6_ADDRSTRLEN] = "";
  if (peer.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(peer);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
  } else if (peer.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(peer);
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
  }
  // An IPv4 client at a socket for both kinds.
  const std::string_view view(text);
  return std::string(view.starts_with("::ffff:") && view.find('.') != std::string_view::npos
                         ? view.substr(7)
                         : view);
}

Unexpected<Error> SystemError(const std::string& what) {
  return Err("listen_failed", what + ": " + std::strerror(errno));
}

Result<sockaddr_storage> Resolve(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.empty() ? nullptr : host.c_str(),
                                  std::to_string(port).c_str(), &hints, &found);
  if (error != 0) return Err("bad_address", host + ": " + ::gai_strerror(error));
  sockaddr_storage address{};
  std::memcpy(&address, found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  return address;
}

void SetPort(sockaddr_storage& address, uint16_t port) {
  if (address.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(address).sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in&>(address).sin_port = htons(port);
  }
}

Result<uint16_t> BoundPort(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return SystemError("getsockname");
  }
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<sockaddr_in&>(bound).sin_port);
}

/// The `first` socket of a server binds without SO_REUSEPORT, so that a port in use elsewhere is
/// refused, and allows sharing only then, for the other shards.
Result<UniqueFd> BindAndListen(const sockaddr_storage& address, bool first,
                               const std::string& name) {
  UniqueFd fd(::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return SystemError("socket");
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (!first) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  const socklen_t size = address.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    return SystemError("cannot listen on " + name);
  }
  if (first) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  if (::listen(fd.get(), SOMAXCONN) != 0) return SystemError("cannot listen on " + name);
  return fd;
}

}  // namespace

struct Server::State final : AcceptHandler {
  explicit State(const ServerOptions& options)
      : addresses(options.max_connections_per_address, options.exempt) {}

  void OnAccepted(Shard& shard, UniqueFd socket, const sockaddr_storage& peer) override {
    std::string address = AddressText(peer);
    auto admission = addresses.Admit(peer, address);
    if (!admission.admitted) {
      ++shard.counters().refused_address;
      return;
    }
    std::unique_ptr<TlsPart> tls;
    if (context->options.tls != nullptr) tls = std::make_unique<TlsPart>(context->options.tls);
    ServerConnection::Start(shard, std::move(socket), std::move(admission.seat), std::move(tls),
                            context, std::move(address));
  }

  /// Runs `act` on the connections of this server, shard by shard, and waits for it.
  template <typename Act>
  void ForEachConnection(Act act) {
    for (Shard* shard : shards) {
      shard->Run([this, shard, act] {
        shard->connections().ForEach([this, act](Connection& connection) {
          if (connection.kind() != Connection::Kind::kHttp) return;
          auto& http = static_cast<ServerConnection&>(*connection.protocol());
          if (&http.context() == context.get()) act(http);
        });
      });
    }
  }

  AddressLimit addresses;
  std::vector<Shard*> shards;
  std::shared_ptr<const ServerContext> context;
  std::vector<std::pair<Shard*, uint32_t>> listeners;
};

Server::Server(std::vector<Shard*> shards, const Router* router, ServerOptions options)
    : state_(std::make_unique<State>(options)) {
  state_->shards = std::move(shards);
  state_->context =
      std::make_shared<const ServerContext>(ServerContext{router, std::move(options)});
}

Server::~Server() {
  StopListening();
  // Their handlers may be gone next.
  state_->ForEachConnection([](ServerConnection& connection) { connection.Abort(); });
}

Result<uint16_t> Server::Listen(const std::string& host, uint16_t port) {
  auto address = Resolve(host, port);
  if (!address) return Err(std::move(address.error()));
  const std::string name = host + ":" + std::to_string(port);
  std::vector<UniqueFd> sockets;
  uint16_t bound = port;
  for (size_t i = 0; i < state_->shards.size(); ++i) {
    auto socket = BindAndListen(*address, i == 0, name);
    if (!socket) return Err(std::move(socket.error()));
    if (i == 0) {
      const auto chosen = BoundPort(socket->get());
      if (!chosen) return chosen;
      bound = *chosen;
      SetPort(*address, bound);
    }
    sockets.push_back(std::move(*socket));
  }
  for (size_t i = 0; i < sockets.size(); ++i) {
    Shard* shard = state_->shards[i];
    shard->Run([this, shard, &sockets, i] {
      state_->listeners.emplace_back(
          shard, shard->connections().AddListener(std::move(sockets[i]), state_.get()));
    });
  }
  return bound;
}

void Server::StopListening() {
  for (const auto& [shard, id] : state_->listeners) {
    shard->Run([on = shard, which = id] { on->connections().RemoveListener(which); });
  }
  state_->listeners.clear();
}

void Server::CloseIdle() {
  state_->ForEachConnection([](ServerConnection& connection) { connection.CloseWhenIdle(); });
}

}  // namespace trackwire::net::http
