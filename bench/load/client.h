#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "load/options.h"
#include "wire/fd.h"

namespace trackwire::bench {

class Client;

/// What a client tells the worker that owns it, on the worker's thread.
class ClientEvents {
 public:
  virtual ~ClientEvents() = default;
  /// Socket.IO answered the CONNECT.
  virtual void OnJoined(Client& client) = 0;
  /// An EVENT, with its Engine.IO and Socket.IO digits; `packet` is valid during the call.
  virtual void OnEvent(Client& client, std::string_view packet) = 0;
  /// The connection is of no further use; `reason` is for people. Once per client.
  virtual void OnLost(Client& client, const std::string& reason) = 0;
};

/// The largest frame a server may send us.
constexpr size_t kMaxFrameBytes = 256 * 1024;
/// A worker's one read buffer: holds a part of a frame and more behind it.
constexpr size_t kReadBufferBytes = 4 * kMaxFrameBytes;

/// One Socket.IO connection in the namespace `/` over a raw WebSocket: opening handshake, CONNECT,
/// pongs, events. Its owner polls the descriptor. Not thread-safe.
/// Spec: RFC 6455; Engine.IO v4; Socket.IO v5.
class Client {
 public:
  /// `number` counts the clients of a run. Both references must outlive the client.
  Client(const Options& options, ClientEvents& events, size_t number);

  /// Begins to connect and registers with the epoll set, with `tag` as event data. Again after
  /// Cut() and after a loss: it then asks for what it missed. Not from within OnReady().
  Result<void> Start(int epoll, uint64_t tag);
  /// Breaks the connection off, without a word; OnLost() is not called.
  void Cut();
  /// Reads nothing any more.
  void StopReading();

  /// Acts on the epoll events. `buffer` is kReadBufferBytes of scratch space.
  void OnReady(uint32_t events, std::span<char> buffer);

  /// Sends text packets, each framed; what the kernel doesn't take now follows when it does.
  void SendPackets(std::span<const std::string> packets);
  bool has_unsent() const { return !unsent_.empty(); }

  size_t number() const { return number_; }
  bool is_joined() const { return state_ == State::kJoined; }
  /// Whether the present or last connection got as far as that.
  bool had_joined() const { return had_joined_; }
  bool is_lost() const { return state_ == State::kLost; }
  /// Whether the server took it for the one it was before.
  bool was_recovered() const { return recovered_; }
  /// Whether it is one of those that stop reading.
  bool stalls() const;

 private:
  enum class State {
    kIdle,
    kConnecting,
    kSecuring,
    kUpgrading,
    kOpening,
    kJoining,
    kSubscribing,
    kJoined,
    kLost
  };

  Result<void> BindSource();
  const LoopbackAddress& target() const;
  ssize_t Receive(char* bytes, size_t size);
  ssize_t Send(const char* bytes, size_t size);
  void OnConnecting(uint32_t events);
  void Secure();
  void SendUpgrade();
  std::string ConnectPacket() const;
  std::string SubscribePacket() const;
  void OnConnected(std::string_view packet);
  void Join();
  void KeepOffset(std::string_view packet);
  bool ReadOnce(std::span<char> buffer);
  void Read(std::span<char> buffer);
  size_t Consume(std::span<char> bytes);
  size_t TakeUpgradeAnswer(std::string_view bytes);
  void OnPacket(std::string_view packet);
  void OnHandshakePacket(std::string_view packet);
  void OnJoinedPacket(std::string_view packet);
  void AppendPacket(std::string_view packet);
  void Flush();
  void Watch(bool writable);
  void Lose(const std::string& reason);

  const Options& options_;
  ClientEvents& events_;
  UniqueFd fd_;
  std::unique_ptr<TlsStream> tls_;
  int epoll_ = -1;
  uint64_t tag_ = 0;
  size_t number_;
  State state_ = State::kIdle;
  bool watches_writable_ = false;
  bool reads_ = true;
  bool recovered_ = false;
  bool had_joined_ = false;
  uint32_t mask_;
  std::string unread_;  ///< the beginning of a frame that has not come whole
  std::string unsent_;
  // For coming back, only kept with --storm.
  std::string sid_;
  std::string pid_;
  std::string offset_;
};

}  // namespace trackwire::bench
