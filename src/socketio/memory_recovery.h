#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "socketio/recovery.h"

namespace trackwire::socketio {

/// Connection state recovery inside one process: what was broadcast and what single clients were
/// sent is kept for a while in memory.
///
/// For programs without a log of their own. Broadcasts go through one thread, which gives them
/// their order; an event to a single client gets its place between them on the client's shard.
/// Destroy it after the shards have stopped and before the server.
class MemoryRecovery final : public Recovery {
 public:
  struct Options {
    /// How long a client may be away.
    std::chrono::milliseconds max_disconnection = std::chrono::minutes(2);
    /// What is kept of broadcasts; the oldest goes first.
    size_t max_deliveries = 100'000;
    size_t max_bytes = 64'000'000;
    /// What is kept of a single client's events.
    size_t max_events_per_client = 1'000;
    size_t max_event_bytes_per_client = 256'000;
    /// Records of clients that are away; the one away longest goes first.
    size_t max_records_away = 100'000;
  };

  MemoryRecovery();
  explicit MemoryRecovery(const Options& options);
  ~MemoryRecovery() override;

  void Save(const RecoveryRecord& record) override;
  void Release(const std::string& pid, SocketRef owner, bool recoverable) override;
  void Resume(const std::string& pid, const std::string& offset, const Socket& socket,
              std::function<void(std::optional<Resumption>)> done) override;
  bool Publish(Namespace& nsp, const Broadcast& broadcast) override;
  std::string Record(const Socket& socket, std::string_view event, const Args& args) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trackwire::socketio
