#include "load/client.h"

#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "wire/websocket.h"

namespace trackwire::bench {
namespace {

// One source address has 28,000 ports towards one server by default; keep below.
constexpr size_t kClientsPerSource = 25'000;
constexpr size_t kMaxHead = 16 * 1024;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

// The nonce need not be random for us, only different: Sec-WebSocket-Key is base64 of 16 bytes.
std::string KeyOf(size_t number) {
  std::array<unsigned char, 16> nonce{};
  std::memcpy(nonce.data(), &number, sizeof number);
  std::array<unsigned char, 25> encoded{};
  EVP_EncodeBlock(encoded.data(), nonce.data(), nonce.size());
  return reinterpret_cast<const char*>(encoded.data());
}

std::string Why(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

}  // namespace

Client::Client(const Options& options, ClientEvents& events, size_t number)
    : options_(options),
      events_(events),
      number_(number),
      mask_(static_cast<uint32_t>(number * 2654435761U) | 1U) {}

Result<void> Client::Start(int epoll, uint64_t tag) {
  CHECK(state_ == State::kIdle);
  epoll_ = epoll;
  tag_ = tag;
  fd_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_.is_open()) return Err("socket", Why("socket"));
  const int on = 1;
  setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (Result<void> bound = BindSource(); !bound) return bound;
  const sockaddr_in server = options_.address.ToSockaddr();
  const int done = ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server);
  if (done != 0 && errno != EINPROGRESS) return Err("connect", Why("connect"));
  epoll_event event{.events = EPOLLIN | EPOLLOUT, .data = {.u64 = tag}};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd_.get(), &event) != 0) return Err("epoll", Why("epoll"));
  watches_writable_ = true;
  state_ = State::kConnecting;
  return Ok();
}

Result<void> Client::BindSource() {
  const size_t source = number_ / kClientsPerSource;
  if (source == 0) return Ok();
  // The port is chosen at connect, where only the pair of both ends must be unique.
  const int on = 1;
  setsockopt(fd_.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  const LoopbackAddress own{static_cast<uint32_t>(INADDR_LOOPBACK + source), 0};
  const sockaddr_in address = own.ToSockaddr();
  if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Err("bind", Why("bind"));
  }
  return Ok();
}

void Client::OnReady(uint32_t events, std::span<char> buffer) {
  if (state_ == State::kLost) return;
  if (state_ == State::kConnecting) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return Lose(std::string("connect: ") + std::strerror(error));
    if ((events & EPOLLOUT) == 0) return;
    state_ = State::kUpgrading;
    SendUpgrade();
  } else if ((events & EPOLLOUT) != 0) {
    Flush();
  }
  if (state_ != State::kLost && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) Read(buffer);
}

void Client::SendUpgrade() {
  unsent_ = "GET " + options_.path + "?EIO=4&transport=websocket";
  if (!options_.recovery) unsent_ += "&recovery=0";
  unsent_ += " HTTP/1.1\r\nHost: " + options_.address.ToString();
  unsent_ += "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13";
  unsent_ += "\r\nSec-WebSocket-Key: " + KeyOf(number_);
  if (!options_.cookie.empty()) unsent_ += "\r\nCookie: " + options_.cookie;
  unsent_ += kHeadEnd;
  Flush();
}

void Client::Read(std::span<char> buffer) {
  const size_t kept = unread_.size();
  std::memcpy(buffer.data(), unread_.data(), kept);
  const ssize_t n = ::recv(fd_.get(), buffer.data() + kept, buffer.size() - kept, 0);
  if (n == 0) return Lose("the server closed the connection");
  if (n < 0) {
    if (errno != EAGAIN && errno != EINTR) Lose(Why("recv"));
    return;
  }
  const std::span<char> bytes = buffer.first(kept + static_cast<size_t>(n));
  const size_t used = Consume(bytes);
  if (state_ == State::kLost) return;
  unread_.assign(bytes.data() + used, bytes.size() - used);
}

size_t Client::Consume(std::span<char> bytes) {
  size_t used = 0;
  if (state_ == State::kUpgrading) used = TakeUpgradeAnswer({bytes.data(), bytes.size()});
  if (state_ == State::kUpgrading) return 0;
  while (state_ != State::kLost) {
    const ParsedFrame frame = ParseFrame(bytes.subspan(used), kMaxFrameBytes);
    if (frame.state == FrameState::kNeedMore) break;
    if (frame.state == FrameState::kBroken) {
      Lose("a broken, fragmented or oversized frame");
      break;
    }
    used += frame.size;
    if (frame.opcode == Opcode::kText) {
      OnPacket(frame.payload);
    } else if (frame.opcode == Opcode::kClose) {
      Lose("the server sent a close frame");
    } else if (frame.opcode == Opcode::kPing) {
      AppendMaskedFrame(unsent_, Opcode::kPong, frame.payload, ++mask_);
      Flush();
    }
  }
  return used;
}

size_t Client::TakeUpgradeAnswer(std::string_view bytes) {
  const size_t end = bytes.find(kHeadEnd);
  if (end == std::string_view::npos) {
    if (bytes.size() > kMaxHead) Lose("no end of the HTTP answer");
    return 0;
  }
  const std::string_view head = bytes.substr(0, end + 2);
  if (head.substr(0, 12) != "HTTP/1.1 101") {
    Lose("upgrade refused: " + std::string(bytes.substr(0, bytes.find("\r\n"))));
  } else if (HeaderValue(head, "Sec-WebSocket-Accept") != AcceptKey(KeyOf(number_))) {
    Lose("a wrong Sec-WebSocket-Accept");
  } else {
    state_ = State::kOpening;
  }
  return end + kHeadEnd.size();
}

void Client::OnPacket(std::string_view packet) {
  if (packet.empty()) return Lose("an empty packet");
  if (packet == "2") {
    AppendPacket("3");
    return Flush();
  }
  if (state_ == State::kJoined) return OnJoinedPacket(packet);
  OnHandshakePacket(packet);
}

void Client::OnHandshakePacket(std::string_view packet) {
  if (state_ == State::kOpening) {
    if (packet[0] != '0') return Lose("expected the open packet");
    state_ = State::kJoining;
    const std::string& token = options_.client_token;
    AppendPacket(token.empty() ? "40" : "40{\"token\":\"" + token + "\"}");
    return Flush();
  }
  if (packet.substr(0, 2) == "44") return Lose("CONNECT refused: " + std::string(packet.substr(2)));
  if (packet.substr(0, 3) != "40{") return Lose("expected the answer to CONNECT");
  state_ = State::kJoined;
  events_.OnJoined(*this);
}

void Client::OnJoinedPacket(std::string_view packet) {
  const std::string_view type = packet.substr(0, 2);
  if (type == "42") return events_.OnEvent(*this, packet);
  if (type == "41" || packet[0] == '1') Lose("the server disconnected the socket");
}

void Client::SendPackets(std::span<const std::string> packets) {
  for (const std::string& packet : packets) AppendPacket(packet);
  Flush();
}

void Client::AppendPacket(std::string_view packet) {
  AppendMaskedFrame(unsent_, Opcode::kText, packet, mask_ += 0x9E3779B9U);
}

void Client::Flush() {
  if (state_ == State::kLost) return;
  size_t sent = 0;
  while (sent < unsent_.size()) {
    const ssize_t n = ::send(fd_.get(), unsent_.data() + sent, unsent_.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) return Lose(Why("send"));
    sent += static_cast<size_t>(n);
  }
  unsent_.erase(0, sent);
  Watch(!unsent_.empty());
}

void Client::Watch(bool writable) {
  if (writable == watches_writable_) return;
  watches_writable_ = writable;
  epoll_event event{.events = EPOLLIN, .data = {.u64 = tag_}};
  if (writable) event.events |= EPOLLOUT;
  CHECK(epoll_ctl(epoll_, EPOLL_CTL_MOD, fd_.get(), &event) == 0);
}

void Client::Lose(const std::string& reason) {
  if (state_ == State::kLost) return;
  state_ = State::kLost;
  fd_.Close();
  unread_ = {};
  unsent_ = {};
  events_.OnLost(*this, reason);
}

}  // namespace trackwire::bench
