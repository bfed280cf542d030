#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/address.h"
#include "wire/fd.h"
#include "wire/tls.h"

struct iovec;

namespace trackwire::bench {

/// How a floor hands messages to the kernel.
enum class Sending {
  kSingle,     ///< one send() for each message and client
  kCoalesced,  ///< one sendmsg() with up to so many messages for each client
};

/// The least a Socket.IO server must do to deliver messages: a bare epoll loop on one thread that
/// answers the two handshakes, takes `broadcast` events and sends the rest of each to every client.
/// No sessions, rooms, heartbeats, limits or checks: what a real server may hope to come near to.
/// Not for use beyond loopback.
class Floor {
 public:
  /// `per_call` counts only for kCoalesced.
  Floor(Sending sending, size_t per_call) : sending_(sending), per_call_(per_call) {}

  /// Speaks TLS from then on. Before Run().
  void UseTls(TlsContext context) { tls_context_ = std::move(context); }

  /// Opens the listening socket; port 0 takes a free one. Returns the address taken.
  Result<LoopbackAddress> Listen(const LoopbackAddress& address);

  /// Serves until the process is ended.
  void Run();

 private:
  enum class Stage : uint8_t { kFree, kSecuring, kHttp, kWebSocket, kJoined };

  /// Kept small: its size shows in the memory per client.
  struct Client {
    UniqueFd fd;
    Stage stage = Stage::kFree;
    std::unique_ptr<TlsStream> tls;
    std::unique_ptr<std::string> unread;   ///< an incomplete head or frame
    std::unique_ptr<std::string> backlog;  ///< what the kernel did not take
  };

  void Accept();
  void OnReady(uint32_t slot, uint32_t events);
  void Secure(uint32_t slot);
  bool ReadOnce(uint32_t slot);
  ssize_t Receive(const Client& client, char* bytes, size_t size);
  ssize_t Send(const Client& client, const char* bytes, size_t size);
  ssize_t SendAll(const Client& client, std::span<const iovec> parts);
  size_t Consume(uint32_t slot, std::span<char> bytes);
  size_t AnswerUpgrade(uint32_t slot, std::string_view bytes);
  void OnPacket(uint32_t slot, std::string_view packet);
  void FanOut();
  void SendParts(uint32_t slot, std::span<const iovec> parts);
  void SendText(uint32_t slot, std::string_view bytes);
  void FlushBacklog(uint32_t slot);
  void Watch(uint32_t slot, bool writable);
  void Drop(uint32_t slot);

  Sending sending_;
  size_t per_call_;
  TlsContext tls_context_;
  std::string joined_;  ///< parts of one call put together for TLS, which takes one piece
  UniqueFd epoll_;
  UniqueFd listener_;
  std::vector<char> buffer_;
  std::vector<Client> clients_;
  std::vector<uint32_t> free_slots_;
  std::vector<std::string> pending_;  ///< frames to fan out at the end of the turn
};

}  // namespace trackwire::bench
