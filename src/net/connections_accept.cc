// The accepting half of Connections.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "base/log.h"
#include "net/connections_internal.h"
#include "net/shard.h"

namespace trackwire::net {
namespace {

constexpr int kAcceptsPerTurn = 64;
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

uint32_t Connections::AddListener(UniqueFd socket, AcceptHandler* handler) {
  auto listening = std::make_unique<Listening>();
  listening->id = next_listener_++;
  listening->socket = std::move(socket);
  listening->handler = handler;
  epoll_event event{.events = EPOLLIN,
                    .data = {.u64 = uint64_t{listening->id} << 32 | kListenerSlot}};
  CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, listening->socket.get(), &event) == 0);
  listening_.push_back(std::move(listening));
  return listening_.back()->id;
}

void Connections::RemoveListener(uint32_t id) {
  std::erase_if(listening_, [id](const auto& listening) { return listening->id == id; });
}

void Connections::Accept(Listening& listening) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    sockaddr_storage peer{};
    socklen_t peer_size = sizeof(peer);
    UniqueFd socket(::accept4(listening.socket.get(), reinterpret_cast<sockaddr*>(&peer),
                              &peer_size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        PauseAccepting(listening, errno);
      }
      // Anything else is one client's bad luck, or there is none left to accept.
      if (errno == ECONNABORTED || errno == EINTR || errno == EPROTO) continue;
      return;
    }
    accept_trouble_logged_ = false;
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ++shard_.counters().connections_accepted;
    listening.handler->OnAccepted(shard_, std::move(socket), peer);
  }
}

void Connections::PauseAccepting(Listening& listening, int error) {
  const int saved = error;
  ++shard_.counters().accept_pauses;
  if (!accept_trouble_logged_) {
    accept_trouble_logged_ = true;
    base::LogError("net", "cannot accept connections for now",
                   {{"error", std::strerror(saved)}, {"shard", int{shard_.index()}}});
  }
  epoll_event event{.events = 0, .data = {.u64 = uint64_t{listening.id} << 32 | kListenerSlot}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, listening.socket.get(), &event);
  listening.paused = true;
  // Whoever comes next needs a descriptor, which those that only wait may give.
  for (int i = 0; i < kAcceptsPerTurn && EvictWaiting(); ++i) {
  }
  resume_accepting_.Start(shard_.timers(), kAcceptPause);
  errno = saved;
}

void Connections::ResumeAccepting() {
  for (const auto& listening : listening_) {
    if (!listening->paused) continue;
    listening->paused = false;
    epoll_event event{.events = EPOLLIN,
                      .data = {.u64 = uint64_t{listening->id} << 32 | kListenerSlot}};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, listening->socket.get(), &event);
  }
}

}  // namespace trackwire::net
