#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trackwire::testing {

/// A blocking connection to 127.0.0.1 that gives up reading after ten seconds.
class RawConnection {
 public:
  explicit RawConnection(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval limit{10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    const int one = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) Close();
  }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;
  RawConnection(RawConnection&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), read_(std::move(other.read_)) {}
  ~RawConnection() { Close(); }

  void Close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  /// Closes with a reset, which the server sees at once: no half of it is left open.
  void Reset() {
    const linger now{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    Close();
  }
  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  /// Up to and with `end`; nothing at the end of the input.
  std::optional<std::string> ReadUntil(std::string_view end) {
    size_t at;
    while ((at = read_.find(end)) == std::string::npos) {
      if (!Fill()) return std::nullopt;
    }
    return Take(at + end.size());
  }
  std::optional<std::string> Read(size_t count) {
    while (read_.size() < count) {
      if (!Fill()) return std::nullopt;
    }
    return Take(count);
  }

 private:
  bool Fill() {
    char buffer[16'384];
    const ssize_t got = fd_ < 0 ? -1 : ::recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    read_.append(buffer, static_cast<size_t>(got));
    return true;
  }
  std::string Take(size_t count) {
    std::string taken = read_.substr(0, count);
    read_.erase(0, count);
    return taken;
  }

  int fd_;
  std::string read_;
};

struct Reply {
  int status = 0;  ///< 0: the connection ended without an answer
  std::string head;
  std::string body;

  std::optional<std::string> Header(const std::string& name) const {
    const size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return std::nullopt;
    const size_t start = at + name.size() + 4;
    return head.substr(start, head.find("\r\n", start) - start);
  }
};

/// One HTTP connection with one request at a time, which may be left waiting.
class HttpClient {
 public:
  explicit HttpClient(uint16_t port) : connection_(port) {}

  void Start(const std::string& method, const std::string& target,
             const std::vector<std::string>& headers = {},
             const std::optional<std::string>& body = std::nullopt) {
    std::string request = method + " " + target + " HTTP/1.1\r\nHost: server.test\r\n";
    for (const std::string& header : headers) request += header + "\r\n";
    if (body) request += "Content-Length: " + std::to_string(body->size()) + "\r\n";
    answer_has_body_ = method != "HEAD";
    connection_.Send(request + "\r\n" + body.value_or(""));
  }
  Reply Finish() {
    Reply reply;
    const auto head = connection_.ReadUntil("\r\n\r\n");
    if (!head) return reply;
    reply.head = *head;
    reply.status = std::atoi(head->c_str() + 9);
    const auto length = reply.Header("Content-Length");
    if (length && answer_has_body_) reply.body = connection_.Read(std::stoul(*length)).value_or("");
    return reply;
  }
  Reply Do(const std::string& method, const std::string& target,
           const std::vector<std::string>& headers = {},
           const std::optional<std::string>& body = std::nullopt) {
    Start(method, target, headers, body);
    return Finish();
  }
  Reply Get(const std::string& target) { return Do("GET", target); }
  Reply Post(const std::string& target, const std::string& body) {
    return Do("POST", target, {"Content-Type: text/plain;charset=UTF-8"}, body);
  }
  RawConnection& connection() { return connection_; }

 private:
  RawConnection connection_;
  bool answer_has_body_ = true;
};

struct WsFrame {
  char opcode = 0;  ///< 1 text, 2 binary, 8 close
  std::string payload;
};

/// A WebSocket without comfort.
class WsClient {
 public:
  WsClient(uint16_t port, const std::string& target, const std::vector<std::string>& headers = {})
      : connection_(port) {
    std::string request = "GET " + target +
                          " HTTP/1.1\r\nHost: server.test\r\n"
                          "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                          "Sec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (const std::string& header : headers) request += header + "\r\n";
    connection_.Send(request + "\r\n");
    opening_.head = connection_.ReadUntil("\r\n\r\n").value_or("");
    opening_.status = opening_.head.size() > 9 ? std::atoi(opening_.head.c_str() + 9) : 0;
    if (const auto length = opening_.Header("Content-Length"); length && !open()) {
      opening_.body = connection_.Read(std::stoul(*length)).value_or("");
    }
  }

  bool open() const { return opening_.status == 101; }
  const Reply& opening() const { return opening_; }

  void Send(std::string_view payload, char opcode = 1) {
    std::string frame(1, static_cast<char>(0x80 | opcode));
    if (payload.size() < 126) {
      frame += static_cast<char>(0x80 | payload.size());
    } else {
      const bool big = payload.size() > 65'535;
      frame += static_cast<char>(0x80 | (big ? 127 : 126));
      for (int shift = big ? 56 : 8; shift >= 0; shift -= 8) {
        frame += static_cast<char>(payload.size() >> shift);
      }
    }
    frame += std::string(4, '\0');  // masked with nothing
    connection_.Send(frame + std::string(payload));
  }
  void SendBinary(std::string_view payload) { Send(payload, 2); }

  /// The next frame; nothing when the connection ended.
  std::optional<WsFrame> Read() {
    const auto head = connection_.Read(2);
    if (!head) return std::nullopt;
    size_t size = static_cast<unsigned char>((*head)[1]) & 0x7f;
    if (size >= 126) {
      const auto more = connection_.Read(size == 126 ? 2 : 8);
      if (!more) return std::nullopt;
      size = 0;
      for (const char c : *more) size = size << 8 | static_cast<unsigned char>(c);
    }
    auto payload = connection_.Read(size);
    if (!payload) return std::nullopt;
    return WsFrame{static_cast<char>((*head)[0] & 0x0f), std::move(*payload)};
  }
  /// The next message that is not a ping of the heartbeat, which is answered; `<closed>` after
  /// the last.
  std::string ReadText() {
    while (const auto frame = Read()) {
      if (frame->opcode == 8) return "<closed>";
      if (frame->opcode == 1 && frame->payload == "2") {
        Send("3");
        continue;
      }
      return frame->opcode == 2 ? "binary:" + frame->payload : frame->payload;
    }
    return "<closed>";
  }
  /// Drops the connection without a word.
  void Cut() { connection_.Close(); }

 private:
  RawConnection connection_;
  Reply opening_;
};

}  // namespace trackwire::testing
