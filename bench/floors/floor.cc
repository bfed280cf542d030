#include "floors/floor.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "wire/websocket.h"

namespace trackwire::bench {
namespace {

constexpr uint32_t kListenerTag = UINT32_MAX;
constexpr size_t kBufferBytes = 256 * 1024;
constexpr size_t kMaxFrameBytes = 128 * 1024;
constexpr size_t kMaxHeadBytes = 16 * 1024;
constexpr size_t kMaxBacklogBytes = 16 * 1024 * 1024;
constexpr int kAcceptQueue = 4096;
constexpr size_t kEpollBatch = 512;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kBroadcast = "42[\"broadcast\",";
// No heartbeats, so an interval that no run lasts.
constexpr std::string_view kOpenPacket =
    R"(0{"sid":"floor","upgrades":[],"pingInterval":86400000,"pingTimeout":86400000,)"
    R"("maxPayload":100000})";

Unexpected<Error> Failed(const char* what) {
  return Err("listen", std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

Result<LoopbackAddress> Floor::Listen(const LoopbackAddress& address) {
  listener_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  epoll_ = UniqueFd(epoll_create1(EPOLL_CLOEXEC));
  if (!listener_.is_open() || !epoll_.is_open()) return Failed("socket");
  const int on = 1;
  setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in own = address.ToSockaddr();
  socklen_t size = sizeof own;
  auto* generic = reinterpret_cast<sockaddr*>(&own);
  if (::bind(listener_.get(), generic, size) != 0) return Failed("bind");
  if (::listen(listener_.get(), kAcceptQueue) != 0) return Failed("listen");
  if (getsockname(listener_.get(), generic, &size) != 0) return Failed("getsockname");
  epoll_event event{.events = EPOLLIN, .data = {.u64 = kListenerTag}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, listener_.get(), &event) != 0) return Failed("epoll");
  buffer_.resize(kBufferBytes);
  return LoopbackAddress{address.host, ntohs(own.sin_port)};
}

void Floor::Run() {
  std::array<epoll_event, kEpollBatch> ready;
  while (true) {
    const int n = epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), -1);
    CHECK(n >= 0 || errno == EINTR);
    for (int i = 0; i < n; ++i) {
      const uint64_t tag = ready[i].data.u64;
      if (tag == kListenerTag) {
        Accept();
      } else {
        OnReady(static_cast<uint32_t>(tag), ready[i].events);
      }
    }
    FanOut();
  }
}

void Floor::Accept() {
  while (true) {
    UniqueFd fd(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd.is_open()) return;
    const int on = 1;
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (free_slots_.empty()) {
      free_slots_.push_back(static_cast<uint32_t>(clients_.size()));
      clients_.emplace_back();
    }
    const uint32_t slot = free_slots_.back();
    free_slots_.pop_back();
    epoll_event event{.events = EPOLLIN, .data = {.u64 = slot}};
    CHECK(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) == 0);
    Client& client = clients_[slot];
    client.fd = std::move(fd);
    client.stage = tls_context_ == nullptr ? Stage::kHttp : Stage::kSecuring;
    if (tls_context_ == nullptr) continue;
    client.tls =
        std::make_unique<TlsStream>(tls_context_, client.fd.get(), TlsStream::Role::kServer);
  }
}

void Floor::OnReady(uint32_t slot, uint32_t events) {
  Client& client = clients_[slot];
  if (client.stage == Stage::kFree) return;
  if (client.stage == Stage::kSecuring) return Secure(slot);
  if ((events & EPOLLOUT) != 0) FlushBacklog(slot);
  if (client.stage == Stage::kFree || (events & ~uint32_t{EPOLLOUT}) == 0) return;
  // TLS may hold bytes that epoll knows nothing of.
  while (ReadOnce(slot) && client.stage != Stage::kFree && client.tls &&
         client.tls->has_pending()) {
  }
}

void Floor::Secure(uint32_t slot) {
  switch (clients_[slot].tls->Handshake()) {
    case TlsStream::Handshaking::kWantsRead: return Watch(slot, false);
    case TlsStream::Handshaking::kWantsWrite: return Watch(slot, true);
    case TlsStream::Handshaking::kFailed: return Drop(slot);
    case TlsStream::Handshaking::kDone: break;
  }
  clients_[slot].stage = Stage::kHttp;
  Watch(slot, false);
  ReadOnce(slot);
}

ssize_t Floor::Receive(const Client& client, char* bytes, size_t size) {
  return client.tls ? client.tls->Read(bytes, size) : ::recv(client.fd.get(), bytes, size, 0);
}

ssize_t Floor::Send(const Client& client, const char* bytes, size_t size) {
  return client.tls ? client.tls->Write(bytes, size)
                    : ::send(client.fd.get(), bytes, size, MSG_NOSIGNAL);
}

ssize_t Floor::SendAll(const Client& client, std::span<const iovec> parts) {
  if (parts.size() == 1) {
    return Send(client, static_cast<const char*>(parts[0].iov_base), parts[0].iov_len);
  }
  if (client.tls) {
    joined_.clear();
    for (const iovec& part : parts) {
      joined_.append(static_cast<const char*>(part.iov_base), part.iov_len);
    }
    return Send(client, joined_.data(), joined_.size());
  }
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());
  message.msg_iovlen = parts.size();
  return ::sendmsg(client.fd.get(), &message, MSG_NOSIGNAL);
}

// False when there was nothing to read, or nobody any more.
bool Floor::ReadOnce(uint32_t slot) {
  Client& client = clients_[slot];
  size_t kept = 0;
  if (client.unread) {
    kept = client.unread->size();
    std::memcpy(buffer_.data(), client.unread->data(), kept);
  }
  const ssize_t n = Receive(client, buffer_.data() + kept, buffer_.size() - kept);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (n <= 0) {
    Drop(slot);
    return false;
  }
  const std::span<char> bytes(buffer_.data(), kept + static_cast<size_t>(n));
  const size_t used = Consume(slot, bytes);
  if (client.stage == Stage::kFree) return false;
  client.unread.reset();
  if (used < bytes.size()) {
    client.unread = std::make_unique<std::string>(bytes.data() + used, bytes.size() - used);
  }
  return true;
}

size_t Floor::Consume(uint32_t slot, std::span<char> bytes) {
  const Client& client = clients_[slot];
  size_t used = 0;
  if (client.stage == Stage::kHttp) used = AnswerUpgrade(slot, {bytes.data(), bytes.size()});
  while (client.stage == Stage::kWebSocket || client.stage == Stage::kJoined) {
    const ParsedFrame frame = ParseFrame(bytes.subspan(used), kMaxFrameBytes);
    if (frame.state == FrameState::kNeedMore) break;
    if (frame.state == FrameState::kBroken || frame.opcode != Opcode::kText) {
      Drop(slot);
      break;
    }
    used += frame.size;
    OnPacket(slot, frame.payload);
  }
  return used;
}

size_t Floor::AnswerUpgrade(uint32_t slot, std::string_view bytes) {
  const size_t end = bytes.find(kHeadEnd);
  if (end == std::string_view::npos) {
    if (bytes.size() > kMaxHeadBytes) Drop(slot);
    return 0;
  }
  const std::string_view key = HeaderValue(bytes.substr(0, end + 2), "Sec-WebSocket-Key");
  if (key.empty()) {
    Drop(slot);
    return 0;
  }
  std::string answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n";
  answer += "Connection: Upgrade\r\nSec-WebSocket-Accept: " + AcceptKey(key);
  answer += kHeadEnd;
  AppendFrame(answer, Opcode::kText, kOpenPacket);
  clients_[slot].stage = Stage::kWebSocket;
  SendText(slot, answer);
  return end + kHeadEnd.size();
}

void Floor::OnPacket(uint32_t slot, std::string_view packet) {
  if (packet.substr(0, 2) == "40") {
    clients_[slot].stage = Stage::kJoined;
    std::string answer;
    AppendFrame(answer, Opcode::kText, R"(40{"sid":"floor"})");
    return SendText(slot, answer);
  }
  if (packet.substr(0, kBroadcast.size()) != kBroadcast) return;
  packet.remove_prefix(kBroadcast.size());
  AppendFrame(pending_.emplace_back(), Opcode::kText, "42[" + std::string(packet));
}

void Floor::FanOut() {
  if (pending_.empty()) return;
  std::vector<iovec> parts;
  for (std::string& frame : pending_) parts.push_back({frame.data(), frame.size()});
  const size_t per_call = sending_ == Sending::kSingle ? 1 : per_call_;
  for (size_t first = 0; first < parts.size(); first += per_call) {
    const auto group =
        std::span<const iovec>(parts).subspan(first, std::min(per_call, parts.size() - first));
    for (uint32_t slot = 0; slot < clients_.size(); ++slot) {
      if (clients_[slot].stage == Stage::kJoined) SendParts(slot, group);
    }
  }
  pending_.clear();
}

void Floor::SendParts(uint32_t slot, std::span<const iovec> parts) {
  Client& client = clients_[slot];
  size_t sent = 0;
  if (!client.backlog) {
    const ssize_t n = SendAll(client, parts);
    if (n < 0 && errno != EAGAIN && errno != EINTR) return Drop(slot);
    sent = n > 0 ? static_cast<size_t>(n) : 0;
  }
  std::string rest;
  for (const iovec& part : parts) {
    const size_t skipped = std::min(sent, part.iov_len);
    sent -= skipped;
    if (skipped == part.iov_len) continue;
    rest.append(static_cast<const char*>(part.iov_base) + skipped, part.iov_len - skipped);
  }
  if (rest.empty()) return;
  if (!client.backlog) {
    client.backlog = std::make_unique<std::string>();
    Watch(slot, true);
  }
  *client.backlog += rest;
  if (client.backlog->size() > kMaxBacklogBytes) Drop(slot);
}

void Floor::SendText(uint32_t slot, std::string_view bytes) {
  const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  SendParts(slot, {&part, 1});
}

void Floor::FlushBacklog(uint32_t slot) {
  Client& client = clients_[slot];
  if (!client.backlog) return;
  const ssize_t n = Send(client, client.backlog->data(), client.backlog->size());
  if (n < 0 && errno != EAGAIN && errno != EINTR) return Drop(slot);
  if (n > 0) client.backlog->erase(0, static_cast<size_t>(n));
  if (!client.backlog->empty()) return;
  client.backlog.reset();
  Watch(slot, false);
}

void Floor::Watch(uint32_t slot, bool writable) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = slot}};
  if (writable) event.events |= EPOLLOUT;
  CHECK(epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, clients_[slot].fd.get(), &event) == 0);
}

void Floor::Drop(uint32_t slot) {
  if (clients_[slot].stage == Stage::kFree) return;
  clients_[slot].tls.reset();
  clients_[slot] = Client{};
  free_slots_.push_back(slot);
}

}  // namespace trackwire::bench
