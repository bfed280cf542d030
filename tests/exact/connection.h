#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/address.h"
#include "wire/fd.h"

namespace trackwire::exact {

/// What a connection tells its owner, during OnReady().
class ConnectionEvents {
 public:
  virtual ~ConnectionEvents() = default;
  /// The WebSocket stands and the server sent its open packet: what CONNECT should carry, as JSON.
  virtual std::string AuthOf(size_t client) = 0;
  /// CONNECT was answered with this private id.
  virtual void OnConnect(size_t client, std::string_view pid) = 0;
  virtual void OnConnectError(size_t client, std::string_view packet) = 0;
  /// A packet of an event; valid during the call.
  virtual void OnEvent(size_t client, std::string_view packet) = 0;
  /// It is closed already. Once per Open().
  virtual void OnLost(size_t client, const std::string& reason) = 0;
};

/// Scratch space of OnReady(): a part of a frame and more behind it.
constexpr size_t kMaxFrameBytes = 256 * 1024;
constexpr size_t kReadBufferBytes = 4 * kMaxFrameBytes;

/// One Socket.IO client over a raw WebSocket that can be opened again and again. One thread.
/// Spec: RFC 6455; Engine.IO v4; Socket.IO v5.
class Connection {
 public:
  Connection(ConnectionEvents& events, size_t client);

  /// Begins to connect; only while closed. An error leaves it closed.
  Result<void> Open(int epoll, const bench::LoopbackAddress& server);
  void OnReady(uint32_t events, std::span<char> buffer);
  /// Breaks it from this side without a word; OnLost() is called.
  void Break(const std::string& reason);

  bool is_closed() const { return state_ == State::kClosed; }
  bool is_joined() const { return state_ == State::kJoined; }

 private:
  enum class State : uint8_t { kClosed, kConnecting, kUpgrading, kOpening, kJoining, kJoined };

  void SendUpgrade();
  void Read(std::span<char> buffer);
  size_t Consume(std::span<char> bytes);
  size_t TakeUpgradeAnswer(std::string_view bytes);
  void OnPacket(std::string_view packet);
  void OnConnectAnswer(std::string_view packet);
  void Send(std::string_view packet);
  void Flush();
  void Watch(bool writable);

  ConnectionEvents& events_;
  size_t client_;
  bench::UniqueFd fd_;
  int epoll_ = -1;
  uint16_t port_ = 0;
  State state_ = State::kClosed;
  bool watches_writable_ = false;
  uint32_t mask_;
  std::string unread_;  ///< the beginning of a frame that has not come whole
  std::string unsent_;
};

}  // namespace trackwire::exact
