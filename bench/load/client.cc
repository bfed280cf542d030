#include "load/client.h"

#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "load/places.h"
#include "wire/websocket.h"

namespace trackwire::bench {
namespace {

// One source address has 28,000 ports towards one server by default; keep below.
constexpr size_t kClientsPerSource = 25'000;
constexpr size_t kMaxQuoted = 300;
constexpr int kStalledBuffer = 4096;
constexpr int kSegment = 1400;
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

// The text of a member whose value has no escapes, as ids have none; empty when there is none.
std::string TextMember(std::string_view json, std::string_view name) {
  const std::string start = "\"" + std::string(name) + "\":\"";
  const size_t found = json.find(start);
  if (found == std::string_view::npos) return {};
  json.remove_prefix(found + start.size());
  return std::string(json.substr(0, json.find('"')));
}

// Whether an answer to `subscribe` lists something as refused.
bool RefusesSome(std::string_view answer) {
  constexpr std::string_view kNothing = R"("refused":{"trackers":[],"clients":[],"bbox":null})";
  return answer.find(kNothing) == std::string_view::npos;
}

std::string Why(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

}  // namespace

Client::Client(const Options& options, ClientEvents& events, size_t number)
    : options_(options),
      events_(events),
      number_(number),
      mask_(static_cast<uint32_t>(number * 2654435761U) | 1U) {}

const LoopbackAddress& Client::target() const {
  return options_.addresses[number_ % options_.addresses.size()];
}

bool Client::stalls() const { return number_ + options_.stalled >= options_.clients; }

ssize_t Client::Receive(char* bytes, size_t size) {
  return tls_ ? tls_->Read(bytes, size) : ::recv(fd_.get(), bytes, size, 0);
}

ssize_t Client::Send(const char* bytes, size_t size) {
  return tls_ ? tls_->Write(bytes, size) : ::send(fd_.get(), bytes, size, MSG_NOSIGNAL);
}

Result<void> Client::Start(int epoll, uint64_t tag) {
  CHECK(state_ == State::kIdle || state_ == State::kLost);
  epoll_ = epoll;
  tag_ = tag;
  had_joined_ = false;
  fd_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_.is_open()) return Err("socket", Why("socket"));
  const int on = 1;
  setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (Result<void> bound = BindSource(); !bound) return bound;
  if (stalls()) {
    // As over a network: the kernel must not read on for it, nor the server's keep the megabytes
    // that it allows over loopback with its long segments.
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &kStalledBuffer, sizeof kStalledBuffer);
    setsockopt(fd_.get(), IPPROTO_TCP, TCP_MAXSEG, &kSegment, sizeof kSegment);
  }
  const sockaddr_in server = target().ToSockaddr();
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
  if (state_ == State::kLost || state_ == State::kIdle) return;
  if (state_ == State::kConnecting) {
    OnConnecting(events);
  } else if (state_ == State::kSecuring) {
    Secure();
  } else if ((events & EPOLLOUT) != 0) {
    Flush();
  }
  if (state_ == State::kLost || state_ == State::kConnecting || state_ == State::kSecuring) return;
  if (!reads_) {
    if ((events & (EPOLLHUP | EPOLLERR)) != 0) Lose("the server dropped the connection");
    return;
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) Read(buffer);
}

void Client::OnConnecting(uint32_t events) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return Lose(std::string("connect: ") + std::strerror(error));
  if ((events & EPOLLOUT) == 0) return;
  if (options_.tls == nullptr) {
    state_ = State::kUpgrading;
    return SendUpgrade();
  }
  tls_ = std::make_unique<TlsStream>(options_.tls, fd_.get(), TlsStream::Role::kClient);
  state_ = State::kSecuring;
  Secure();
}

void Client::Secure() {
  switch (tls_->Handshake()) {
    case TlsStream::Handshaking::kWantsRead: return Watch(false);
    case TlsStream::Handshaking::kWantsWrite: return Watch(true);
    case TlsStream::Handshaking::kFailed: return Lose("the TLS handshake failed");
    case TlsStream::Handshaking::kDone: break;
  }
  state_ = State::kUpgrading;
  SendUpgrade();
}

void Client::Cut() {
  // A reset, as when a network goes away, and no port left waiting.
  const linger hard{.l_onoff = 1, .l_linger = 0};
  if (fd_.is_open()) setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  tls_.reset();
  fd_.Close();
  unread_ = {};
  unsent_ = {};
  state_ = State::kIdle;
}

void Client::StopReading() {
  if (state_ != State::kJoined) return;
  reads_ = false;
  Watch(watches_writable_);
}

void Client::SendUpgrade() {
  unsent_ = "GET " + options_.path + "?EIO=4&transport=websocket";
  if (!options_.recovery) unsent_ += "&recovery=0";
  unsent_ += " HTTP/1.1\r\nHost: " + target().ToString();
  unsent_ += "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13";
  unsent_ += "\r\nSec-WebSocket-Key: " + KeyOf(number_);
  const std::vector<std::string>& cookies = options_.cookies;
  if (!cookies.empty()) unsent_ += "\r\nCookie: " + cookies[number_ % cookies.size()];
  unsent_ += kHeadEnd;
  Flush();
}

void Client::Read(std::span<char> buffer) {
  // TLS may hold bytes that epoll knows nothing of.
  while (ReadOnce(buffer) && state_ != State::kLost && tls_ && tls_->has_pending()) continue;
}

// False when there was nothing.
bool Client::ReadOnce(std::span<char> buffer) {
  const size_t kept = unread_.size();
  std::memcpy(buffer.data(), unread_.data(), kept);
  const ssize_t n = Receive(buffer.data() + kept, buffer.size() - kept);
  if (n == 0) Lose("the server closed the connection");
  if (n < 0 && errno != EAGAIN && errno != EINTR) Lose(Why("recv"));
  if (n <= 0) return false;
  const std::span<char> bytes = buffer.first(kept + static_cast<size_t>(n));
  const size_t used = Consume(bytes);
  if (state_ != State::kLost) unread_.assign(bytes.data() + used, bytes.size() - used);
  return true;
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
    AppendPacket(ConnectPacket());
    return Flush();
  }
  if (state_ == State::kSubscribing) {
    // What comes before the answer was sent before the subscription.
    if (packet.substr(0, 3) != "431") return;
    // `[{"granted":...,"refused":{...},...}]`, where nothing of what we ask for may be refused.
    if (packet.find("\"granted\"") == std::string_view::npos || RefusesSome(packet)) {
      return Lose("subscribe refused: " + std::string(packet.substr(0, kMaxQuoted)));
    }
    return Join();
  }
  if (packet.substr(0, 2) == "44") return Lose("CONNECT refused: " + std::string(packet.substr(2)));
  if (packet.substr(0, 3) != "40{") return Lose("expected the answer to CONNECT");
  OnConnected(packet);
}

void Client::OnConnected(std::string_view packet) {
  if (options_.storm) {
    const std::string sid = TextMember(packet, "sid");
    recovered_ = !sid.empty() && sid == sid_;
    sid_ = sid;
    pid_ = TextMember(packet, "pid");
  }
  if (!options_.subscribes()) {
    return Join();
  }
  state_ = State::kSubscribing;
  AppendPacket(SubscribePacket());
  Flush();
}

void Client::Join() {
  state_ = State::kJoined;
  had_joined_ = true;
  events_.OnJoined(*this);
}

std::string Client::ConnectPacket() const {
  std::string members;
  const auto add = [&](const char* name, const std::string& value) {
    if (value.empty()) return;
    members += members.empty() ? "\"" : ",\"";
    members += name;
    members += "\":\"" + value + "\"";
  };
  add("token", options_.client_token);
  if (options_.recovery && !offset_.empty()) {
    add("pid", pid_);
    add("offset", offset_);
  }
  return members.empty() ? "40" : "40{" + members + "}";
}

std::string Client::SubscribePacket() const {
  std::string choice;
  if (options_.rooms > 0) {
    for (size_t i = 0; i < options_.rooms; ++i) {
      choice += (i > 0 ? ",\"load-" : "\"load-") + std::to_string(i) + '"';
    }
    return "421[\"subscribe\",{\"trackers\":[" + choice + "]}]";
  }
  const Box box = BoxOfClient(number_, options_.box_degrees);
  for (const int32_t edge : {box.west, box.south, box.east, box.north}) {
    choice += (choice.empty() ? "" : ",") +
              std::to_string(static_cast<double>(edge) / kUnitsPerDegree);
  }
  return "421[\"subscribe\",{\"bbox\":[" + choice + "]}]";
}

void Client::OnJoinedPacket(std::string_view packet) {
  const std::string_view type = packet.substr(0, 2);
  if (type == "42") {
    if (options_.storm) KeepOffset(packet);
    return events_.OnEvent(*this, packet);
  }
  if (type == "41" || packet[0] == '1') Lose("the server disconnected the socket");
}

// A text behind the other arguments is the offset: `...,"offset"]`.
void Client::KeepOffset(std::string_view packet) {
  if (packet.substr(packet.size() - 2) != "\"]") return;
  const std::string_view rest = packet.substr(0, packet.size() - 2);
  const size_t quote = rest.rfind('"');
  if (quote == std::string_view::npos || quote == 0 || rest[quote - 1] != ',') return;
  offset_ = rest.substr(quote + 1);
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
    const ssize_t n = Send(unsent_.data() + sent, unsent_.size() - sent);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) return Lose(Why("send"));
    sent += static_cast<size_t>(n);
  }
  unsent_.erase(0, sent);
  Watch(!unsent_.empty());
}

void Client::Watch(bool writable) {
  if (writable == watches_writable_ && reads_) return;
  watches_writable_ = writable;
  epoll_event event{.events = reads_ ? EPOLLIN : 0U, .data = {.u64 = tag_}};
  if (writable) event.events |= EPOLLOUT;
  CHECK(epoll_ctl(epoll_, EPOLL_CTL_MOD, fd_.get(), &event) == 0);
}

void Client::Lose(const std::string& reason) {
  if (state_ == State::kLost) return;
  state_ = State::kLost;
  tls_.reset();
  fd_.Close();
  unread_ = {};
  unsent_ = {};
  events_.OnLost(*this, reason);
}

}  // namespace trackwire::bench
