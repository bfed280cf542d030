#include "load/redis_sink.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace trackwire::bench {
namespace {

constexpr size_t kMaxAnswers = 4 * 1024 * 1024;
constexpr size_t kMaxQuoted = 200;
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kPublish = "*3\r\n$7\r\nPUBLISH\r\n$20\r\nsocket:notifications\r\n";
constexpr std::string_view kAdd =
    "*5\r\n$4\r\nXADD\r\n$25\r\nsocket:notification:inbox\r\n$1\r\n*\r\n$8\r\nenvelope\r\n";

Unexpected<Error> Failed(const char* what) {
  return Err("redis", std::string(what) + ": " + std::strerror(errno));
}

Result<UniqueFd> ConnectUnix(const std::string& path) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  CHECK(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (!fd.is_open() || ::connect(fd.get(), generic, sizeof address) != 0) return Failed("connect");
  return fd;
}

Result<UniqueFd> ConnectTcp(const LoopbackAddress& to) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = to.ToSockaddr();
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (!fd.is_open() || ::connect(fd.get(), generic, sizeof address) != 0) return Failed("connect");
  return fd;
}

}  // namespace

Result<void> RedisSink::Open(int epoll, uint64_t tag) {
  epoll_ = epoll;
  tag_ = tag;
  const std::string& path = options_.redis_path;
  Result<UniqueFd> fd = path.empty() ? ConnectTcp(options_.redis_address) : ConnectUnix(path);
  if (!fd) return Err(fd.error());
  fd_ = std::move(*fd);
  if (fcntl(fd_.get(), F_SETFL, O_NONBLOCK) != 0) return Failed("fcntl");
  epoll_event event{.events = EPOLLIN, .data = {.u64 = tag}};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd_.get(), &event) != 0) return Failed("epoll");
  return Ok();
}

Result<void> RedisSink::Publish(std::span<const std::string> envelopes) {
  CHECK(is_ready());
  for (const std::string& envelope : envelopes) AppendCommand(envelope);
  return Flush();
}

void RedisSink::AppendCommand(std::string_view envelope) {
  unsent_ += options_.redis_way == RedisWay::kChannel ? kPublish : kAdd;
  unsent_ += '$' + std::to_string(envelope.size());
  unsent_ += kLineEnd;
  unsent_ += envelope;
  unsent_ += kLineEnd;
  ++owed_;
  ++requests_;
}

Result<void> RedisSink::OnReady() {
  if (Result<void> flushed = Flush(); !flushed) return flushed;
  std::array<char, 64 * 1024> chunk;
  while (true) {
    const ssize_t n = ::recv(fd_.get(), chunk.data(), chunk.size(), 0);
    if (n == 0) return Err("redis", "Redis closed the publishing connection");
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return Ok();
    if (n < 0) return Failed("recv");
    answers_.append(chunk.data(), static_cast<size_t>(n));
    if (Result<void> taken = TakeAnswers(); !taken) return taken;
  }
}

// PUBLISH is answered with a number, `:3`; XADD with an id, `$15` and a line of that length.
Result<void> RedisSink::TakeAnswers() {
  size_t at = 0;
  while (true) {
    size_t end = answers_.find(kLineEnd, at);
    if (end == std::string::npos) break;
    const std::string_view line = std::string_view(answers_).substr(at, end - at);
    if (line.empty() || (line[0] != ':' && line[0] != '$') || owed_ == 0) {
      return Err("redis", "Redis answered: " + std::string(line.substr(0, kMaxQuoted)));
    }
    if (line[0] == '$') end = answers_.find(kLineEnd, end + kLineEnd.size());
    if (end == std::string::npos) break;
    at = end + kLineEnd.size();
    --owed_;
  }
  answers_.erase(0, at);
  if (answers_.size() > kMaxAnswers) return Err("redis", "an endless answer");
  return Ok();
}

Result<void> RedisSink::Flush() {
  size_t sent = 0;
  while (sent < unsent_.size()) {
    const ssize_t n = ::send(fd_.get(), unsent_.data() + sent, unsent_.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) return Failed("send");
    sent += static_cast<size_t>(n);
  }
  if (sent == 0 && unsent_.empty()) return Ok();
  unsent_.erase(0, sent);
  epoll_event event{.events = EPOLLIN, .data = {.u64 = tag_}};
  if (!unsent_.empty()) event.events |= EPOLLOUT;
  CHECK(epoll_ctl(epoll_, EPOLL_CTL_MOD, fd_.get(), &event) == 0);
  return Ok();
}

}  // namespace trackwire::bench
