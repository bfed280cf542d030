#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http/server.h"
#include "net/shard.h"
#include "net/unique_fd.h"

namespace trackwire::net::testing {

/// Far longer than anything takes; only a broken test waits so long.
inline constexpr std::chrono::seconds kPatience{30};

/// Asks until `condition` holds; false when patience ends.
bool Eventually(const std::function<bool()>& condition);

/// A blocking client on loopback that speaks bytes.
class Client {
 public:
  explicit Client(uint16_t port, int receive_buffer = 0);
  virtual ~Client() = default;
  Client(Client&&) = default;
  Client& operator=(Client&&) = default;

  virtual void Write(std::string_view bytes);
  /// Ends our sending.
  virtual void ShutdownWrite();
  /// Closes with a reset instead of a proper end.
  void Reset();
  void Close() { socket_ = UniqueFd(); }
  /// Everything up to and with `end`; what came when the server closed first.
  std::string ReadUntil(std::string_view end);
  std::string ReadExactly(size_t size);
  /// Everything until the server closes.
  std::string ReadToEnd();
  /// One answer: head and as much body as Content-Length says.
  std::string ReadResponse();
  int fd() const { return socket_.get(); }

  // WebSocket.
  /// Sends the opening and returns the head of the answer.
  std::string OpenWebSocket(std::string_view target = "/ws", std::string_view early = {});
  void WriteFrame(uint8_t first_byte, std::string_view payload);
  struct Frame {
    uint8_t first_byte = 0;
    std::string payload;
  };
  /// The next frame; nothing when the connection ends first.
  std::optional<Frame> ReadFrame();

 protected:
  /// Reads some more; false at the end.
  virtual bool Fill();

  UniqueFd socket_;
  std::string buffer_;
};

/// A client's frame, masked.
std::string MaskedFrame(uint8_t first_byte, std::string_view payload);

/// Shards with a server; a test fills the router before Start().
class TestServer {
 public:
  explicit TestServer(int shards, OutQueue::Limits limits = {}, uint32_t max_connections = 1000);
  TestServer(int shards, Shard::Options options);
  ~TestServer();

  uint16_t Start(http::ServerOptions options = {});
  Shard& shard(size_t index = 0) { return *shards_[index]; }
  size_t shard_count() const { return shards_.size(); }
  http::Server& server() { return *server_; }
  http::Router& router() { return router_; }
  uint16_t port() const { return port_; }
  ShardCounters Counters();

 private:
  std::vector<std::unique_ptr<Shard>> shards_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
  uint16_t port_ = 0;
};

}  // namespace trackwire::net::testing
