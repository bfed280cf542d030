#include "connection.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "base/json_scanner.h"
#include "wire/websocket.h"

namespace trackwire::exact {
namespace {

constexpr size_t kMaxHead = 16 * 1024;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
// The value only has to be 16 bytes in base64; nothing here depends on its being random.
constexpr std::string_view kKey = "ZXhhY3QgZGVsaXZlcnkhIQ==";

std::string Why(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

std::string PidOf(std::string_view json) {
  const auto answer = base::ScanJson(json);
  if (!answer || !answer->is_object()) return {};
  const auto pid = base::FindMember(*answer, "pid");
  return pid && pid->is_string() ? base::DecodeJsonString(pid->text) : std::string();
}

}  // namespace

Connection::Connection(ConnectionEvents& events, size_t client)
    : events_(events), client_(client), mask_(static_cast<uint32_t>(client * 2654435761U) | 1U) {}

Result<void> Connection::Open(int epoll, const bench::LoopbackAddress& server) {
  CHECK(state_ == State::kClosed);
  bench::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return Err("socket", Why("socket"));
  const int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const sockaddr_in to = server.ToSockaddr();
  const int done = ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
  if (done != 0 && errno != EINPROGRESS) return Err("connect", Why("connect"));
  epoll_event event{.events = EPOLLIN | EPOLLOUT, .data = {.u64 = client_}};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd.get(), &event) != 0) return Err("epoll", Why("epoll"));
  fd_ = std::move(fd);
  epoll_ = epoll;
  port_ = server.port;
  watches_writable_ = true;
  state_ = State::kConnecting;
  return Ok();
}

void Connection::OnReady(uint32_t events, std::span<char> buffer) {
  if (state_ == State::kClosed) return;
  if (state_ == State::kConnecting) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return Break(std::string("connect: ") + std::strerror(error));
    if ((events & EPOLLOUT) == 0) return;
    state_ = State::kUpgrading;
    SendUpgrade();
  } else if ((events & EPOLLOUT) != 0) {
    Flush();
  }
  if (state_ != State::kClosed && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) Read(buffer);
}

void Connection::SendUpgrade() {
  unsent_ = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:";
  unsent_ += std::to_string(port_);
  unsent_ += "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13";
  unsent_.append("\r\nSec-WebSocket-Key: ").append(kKey).append(kHeadEnd);
  Flush();
}

void Connection::Read(std::span<char> buffer) {
  const size_t kept = unread_.size();
  std::memcpy(buffer.data(), unread_.data(), kept);
  const ssize_t n = ::recv(fd_.get(), buffer.data() + kept, buffer.size() - kept, 0);
  if (n == 0) return Break("the server closed the connection");
  if (n < 0) {
    if (errno != EAGAIN && errno != EINTR) Break(Why("recv"));
    return;
  }
  const std::span<char> bytes = buffer.first(kept + static_cast<size_t>(n));
  const size_t used = Consume(bytes);
  if (state_ == State::kClosed) return;
  unread_.assign(bytes.data() + used, bytes.size() - used);
}

size_t Connection::Consume(std::span<char> bytes) {
  size_t used = 0;
  if (state_ == State::kUpgrading) used = TakeUpgradeAnswer({bytes.data(), bytes.size()});
  if (state_ == State::kUpgrading) return 0;
  while (state_ != State::kClosed) {
    const bench::ParsedFrame frame = bench::ParseFrame(bytes.subspan(used), kMaxFrameBytes);
    if (frame.state == bench::FrameState::kNeedMore) break;
    if (frame.state == bench::FrameState::kBroken) {
      Break("a broken, fragmented or oversized frame");
      break;
    }
    used += frame.size;
    if (frame.opcode == bench::Opcode::kText) {
      OnPacket(frame.payload);
    } else if (frame.opcode == bench::Opcode::kClose) {
      Break("the server sent a close frame");
    } else if (frame.opcode == bench::Opcode::kPing) {
      bench::AppendMaskedFrame(unsent_, bench::Opcode::kPong, frame.payload, ++mask_);
      Flush();
    }
  }
  return used;
}

size_t Connection::TakeUpgradeAnswer(std::string_view bytes) {
  const size_t end = bytes.find(kHeadEnd);
  if (end == std::string_view::npos) {
    if (bytes.size() > kMaxHead) Break("no end of the HTTP answer");
    return 0;
  }
  const std::string_view head = bytes.substr(0, end + 2);
  if (head.substr(0, 12) != "HTTP/1.1 101") {
    Break("upgrade refused: " + std::string(bytes.substr(0, bytes.find("\r\n"))));
  } else if (bench::HeaderValue(head, "Sec-WebSocket-Accept") !=
             bench::AcceptKey(std::string(kKey))) {
    Break("a wrong Sec-WebSocket-Accept");
  } else {
    state_ = State::kOpening;
  }
  return end + kHeadEnd.size();
}

void Connection::OnPacket(std::string_view packet) {
  if (packet == "2") return Send("3");
  if (state_ == State::kJoined) {
    if (packet.substr(0, 2) == "42") return events_.OnEvent(client_, packet);
    if (packet.substr(0, 2) == "41") return Break("the server disconnected the socket");
    if (packet.substr(0, 1) == "1") return Break("the server closed the session");
    return;
  }
  if (state_ == State::kJoining) return OnConnectAnswer(packet);
  if (packet.substr(0, 1) != "0") return Break("expected the open packet");
  state_ = State::kJoining;
  Send("40" + events_.AuthOf(client_));
}

void Connection::OnConnectAnswer(std::string_view packet) {
  if (packet.substr(0, 2) == "44") {
    events_.OnConnectError(client_, packet);
    return Break("CONNECT was refused");
  }
  const std::string pid = packet.substr(0, 2) == "40" ? PidOf(packet.substr(2)) : std::string();
  if (pid.empty()) return Break("expected an answer to CONNECT with a private id");
  state_ = State::kJoined;
  events_.OnConnect(client_, pid);
}

void Connection::Send(std::string_view packet) {
  bench::AppendMaskedFrame(unsent_, bench::Opcode::kText, packet, mask_ += 0x9E3779B9U);
  Flush();
}

void Connection::Flush() {
  if (state_ == State::kClosed) return;
  size_t sent = 0;
  while (sent < unsent_.size()) {
    const ssize_t n = ::send(fd_.get(), unsent_.data() + sent, unsent_.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) return Break(Why("send"));
    sent += static_cast<size_t>(n);
  }
  unsent_.erase(0, sent);
  Watch(!unsent_.empty());
}

void Connection::Watch(bool writable) {
  if (writable == watches_writable_) return;
  watches_writable_ = writable;
  epoll_event event{.events = EPOLLIN, .data = {.u64 = client_}};
  if (writable) event.events |= EPOLLOUT;
  CHECK(epoll_ctl(epoll_, EPOLL_CTL_MOD, fd_.get(), &event) == 0);
}

void Connection::Break(const std::string& reason) {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  fd_.Close();
  unread_ = {};
  unsent_ = {};
  events_.OnLost(client_, reason);
}

}  // namespace trackwire::exact
