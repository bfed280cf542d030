#include "tests/net/net_test_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace trackwire::net::testing {

bool Eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

Client::Client(uint16_t port, int receive_buffer) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  if (receive_buffer > 0) {
    ::setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
  }
  const int on = 1;
  ::setsockopt(fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  timeval patience{kPatience.count(), 0};
  ::setsockopt(fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(fd(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
}

void Client::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the server ended it; what it answered is still to be read
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

void Client::ShutdownWrite() { ::shutdown(fd(), SHUT_WR); }

void Client::Reset() {
  const linger now{1, 0};
  ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  Close();
}

bool Client::Fill() {
  char bytes[65536];
  const ssize_t got = ::recv(fd(), bytes, sizeof(bytes), 0);
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<size_t>(got));
  return true;
}

std::string Client::ReadUntil(std::string_view end) {
  size_t found = 0;
  while ((found = buffer_.find(end)) == std::string::npos) {
    if (!Fill()) return std::exchange(buffer_, {});
  }
  const size_t size = found + end.size();
  std::string taken = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return taken;
}

std::string Client::ReadExactly(size_t size) {
  while (buffer_.size() < size && Fill()) {
  }
  size = std::min(size, buffer_.size());
  std::string taken = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return taken;
}

std::string Client::ReadToEnd() {
  while (Fill()) {
  }
  return std::exchange(buffer_, {});
}

std::string Client::ReadResponse() {
  std::string response = ReadUntil("\r\n\r\n");
  const size_t field = response.find("Content-Length: ");
  if (field == std::string::npos) return response;
  return response + ReadExactly(std::stoul(response.substr(field + 16)));
}

std::string Client::OpenWebSocket(std::string_view target, std::string_view early) {
  std::string opening = "GET ";
  opening.append(target).append(
      " HTTP/1.1\r\nHost: here\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n");
  opening.append(early);
  Write(opening);
  return ReadUntil("\r\n\r\n");
}

std::string MaskedFrame(uint8_t first_byte, std::string_view payload) {
  std::string frame(1, static_cast<char>(first_byte));
  const uint64_t size = payload.size();
  int length_bytes = size < 126 ? 0 : size <= 0xFFFF ? 2 : 8;
  const uint64_t marker = length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127;
  frame.push_back(static_cast<char>(0x80 | marker));
  for (; length_bytes > 0; --length_bytes) {
    frame.push_back(static_cast<char>(size >> (8 * (length_bytes - 1))));
  }
  const char key[4] = {0x37, -6, 0x21, 0x3D};
  frame.append(key, 4);
  for (size_t i = 0; i < payload.size(); ++i) {
    frame.push_back(static_cast<char>(payload[i] ^ key[i & 3]));
  }
  return frame;
}

void Client::WriteFrame(uint8_t first_byte, std::string_view payload) {
  Write(MaskedFrame(first_byte, payload));
}

std::optional<Client::Frame> Client::ReadFrame() {
  const std::string head = ReadExactly(2);
  if (head.size() < 2) return std::nullopt;
  uint64_t size = static_cast<uint8_t>(head[1]) & 0x7F;
  if (size >= 126) {
    const std::string length = ReadExactly(size == 126 ? 2 : 8);
    size = 0;
    for (const char byte : length) size = size << 8 | static_cast<uint8_t>(byte);
  }
  Frame frame{static_cast<uint8_t>(head[0]), ReadExactly(size)};
  if (frame.payload.size() != size) return std::nullopt;
  return frame;
}

TestServer::TestServer(int shards, OutQueue::Limits limits, uint32_t max_connections)
    : TestServer(shards, [&] {
        Shard::Options options;
        options.max_connections = max_connections;
        options.out = limits;
        return options;
      }()) {}

TestServer::TestServer(int shards, Shard::Options options) {
  for (int i = 0; i < shards; ++i) {
    options.index = static_cast<uint16_t>(i);
    shards_.push_back(std::make_unique<Shard>(options));
    shards_.back()->Start();
  }
}

TestServer::~TestServer() {
  server_.reset();
  for (const auto& shard : shards_) shard->Stop();
}

uint16_t TestServer::Start(http::ServerOptions options) {
  std::vector<Shard*> all;
  for (const auto& shard : shards_) all.push_back(shard.get());
  server_ = std::make_unique<http::Server>(all, &router_, options);
  auto port = server_->Listen("127.0.0.1", 0);
  EXPECT_TRUE(port.has_value());
  port_ = *port;
  return port_;
}

ShardCounters TestServer::Counters() {
  ShardCounters sum;
  for (const auto& shard : shards_) {
    shard->Run([&sum, &shard] { sum.Add(shard->counters()); });
  }
  return sum;
}

}  // namespace trackwire::net::testing
