#include "load/http_sink.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/check.h"
#include "wire/websocket.h"

namespace trackwire::bench {
namespace {

constexpr size_t kMaxAnswer = 4 * 1024 * 1024;
constexpr size_t kMaxQuoted = 300;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

Unexpected<Error> Failed(const char* what) {
  return Err("http", std::string(what) + ": " + std::strerror(errno));
}

Unexpected<Error> Refused(std::string_view what) {
  return Err("refused", "the server refused: " + std::string(what.substr(0, kMaxQuoted)));
}

// The body of a 202 is {"results": [{"offset": ...} or {"error": ...}, ...]}.
Result<void> CheckResults(std::string_view body) {
  boost::json::error_code broken;
  const boost::json::value answer = boost::json::parse({body.data(), body.size()}, broken);
  const boost::json::object* whole = broken ? nullptr : answer.if_object();
  const boost::json::value* results = whole == nullptr ? nullptr : whole->if_contains("results");
  if (results == nullptr || !results->is_array()) return Refused(body);
  for (const boost::json::value& result : results->get_array()) {
    const boost::json::object* entry = result.if_object();
    if (entry == nullptr || entry->contains("error")) return Refused(serialize(result));
  }
  return Ok();
}

}  // namespace

Result<void> HttpSink::Open(int epoll, uint64_t tag) {
  epoll_ = epoll;
  tag_ = tag;
  fd_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd_.is_open()) return Failed("socket");
  const sockaddr_in server = options_.address.ToSockaddr();
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) {
    return Failed("connect");
  }
  if (options_.tls != nullptr) {
    // The socket still waits, so the handshake does.
    tls_ = std::make_unique<TlsStream>(options_.tls, fd_.get(), TlsStream::Role::kClient);
    if (tls_->Handshake() != TlsStream::Handshaking::kDone) return Err("http", "no TLS handshake");
  }
  const int on = 1;
  setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (fcntl(fd_.get(), F_SETFL, O_NONBLOCK) != 0) return Failed("fcntl");
  epoll_event event{.events = EPOLLIN, .data = {.u64 = tag}};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd_.get(), &event) != 0) return Failed("epoll");
  return Ok();
}

ssize_t HttpSink::Receive(char* bytes, size_t size) {
  return tls_ ? tls_->Read(bytes, size) : ::recv(fd_.get(), bytes, size, 0);
}

ssize_t HttpSink::Send(const char* bytes, size_t size) {
  return tls_ ? tls_->Write(bytes, size) : ::send(fd_.get(), bytes, size, MSG_NOSIGNAL);
}

Result<void> HttpSink::Publish(std::span<const std::string> envelopes) {
  std::string body = "[";
  for (const std::string& envelope : envelopes) {
    if (body.size() > 1) body += ',';
    body += envelope;
  }
  body += ']';
  return Post(body);
}

Result<void> HttpSink::Post(std::string_view body) {
  CHECK(is_ready());
  if (!fd_.is_open()) {
    if (Result<void> opened = Open(epoll_, tag_); !opened) return opened;
  }
  awaits_answer_ = true;
  ++requests_;
  unsent_ = "POST /api/notifications HTTP/1.1\r\nHost: " + options_.address.ToString();
  unsent_ += "\r\nAuthorization: Bearer " + options_.token;
  unsent_ += "\r\nContent-Type: application/json\r\nContent-Length: ";
  unsent_ += std::to_string(body.size());
  unsent_ += kHeadEnd;
  unsent_ += body;
  return Flush();
}

Result<void> HttpSink::OnReady() {
  if (Result<void> flushed = Flush(); !flushed) return flushed;
  std::array<char, 16 * 1024> chunk;
  while (true) {
    const ssize_t n = Receive(chunk.data(), chunk.size());
    if (n == 0 && !awaits_answer_ && answer_.empty()) return CloseIdle();
    if (n == 0) return Err("closed", "the server closed the publishing connection");
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return Ok();
    if (n < 0) return Failed("recv");
    answer_.append(chunk.data(), static_cast<size_t>(n));
    if (answer_.size() > kMaxAnswer) return Refused("an endless answer");
    bool taken = false;
    if (Result<void> answered = TakeAnswer(taken); !answered || taken) return answered;
  }
}

// A server may end a connection on which nothing was asked for a while: the next request gets a
// new one.
Result<void> HttpSink::CloseIdle() {
  tls_.reset();
  fd_.Close();
  return Ok();
}

Result<void> HttpSink::TakeAnswer(bool& taken) {
  const size_t end = answer_.find(kHeadEnd);
  if (end == std::string::npos) return Ok();
  const std::string_view head = std::string_view(answer_).substr(0, end + 2);
  const std::string_view length = HeaderValue(head, "Content-Length");
  size_t size = 0;
  const auto read = std::from_chars(length.data(), length.data() + length.size(), size);
  if (length.empty() || read.ec != std::errc{} || size > kMaxAnswer) {
    return Refused("an answer without Content-Length");
  }
  const size_t start = end + kHeadEnd.size();
  if (answer_.size() < start + size) return Ok();
  if (!awaits_answer_) return Refused("an answer to no request");
  const std::string_view body = std::string_view(answer_).substr(start, size);
  const std::string_view status = head.substr(0, head.find("\r\n"));
  if (status.substr(0, 12) != "HTTP/1.1 202") {
    return Refused(std::string(status) + " " + std::string(body));
  }
  if (Result<void> accepted = CheckResults(body); !accepted) return accepted;
  answer_.erase(0, start + size);
  awaits_answer_ = false;
  taken = true;
  return Ok();
}

Result<void> HttpSink::Flush() {
  size_t sent = 0;
  while (sent < unsent_.size()) {
    const ssize_t n = Send(unsent_.data() + sent, unsent_.size() - sent);
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
