#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "net/frame.h"

struct iovec;

namespace trackwire::net {

/// What waits to be sent to one client, bounded: frames in order and how much of the first has
/// gone.
///
/// Used by WebSocket connections and by polling sessions between two GETs. Owned by a shard.
class OutQueue {
 public:
  struct Limits {
    size_t conflate_above_bytes = 65'536;
    size_t max_bytes = 4'000'000;
    size_t max_frames = 65'536;
    std::chrono::milliseconds max_age = std::chrono::seconds(60);
  };
  enum class Pushed : uint8_t { kQueued, kConflated, kOverLimit };

  OutQueue();
  ~OutQueue();
  OutQueue(OutQueue&&) noexcept;
  OutQueue& operator=(OutQueue&&) noexcept;

  /// Appends. Above `conflate_above_bytes` an older unsent frame with the same conflation key is
  /// removed (kConflated); the newer keeps its own place, so order and offsets rise. kOverLimit:
  /// nothing was queued and the client must be disconnected. `control` frames (heartbeats, pongs,
  /// close) are exempt from the limits. Constant time, amortised.
  Pushed Push(FrameRef frame, bool control, const Limits& limits, Steady::time_point now);

  bool empty() const;
  size_t bytes() const;
  size_t frames() const;
  Steady::time_point oldest() const;  ///< when the first waiting frame was queued

  /// Fills up to `max` vectors with the wire bytes to send next; returns how many.
  int Gather(iovec* vectors, int max) const;
  /// Drops `sent` bytes from the front; `done(const EncodedFrame&)` for each frame now gone whole.
  void Consume(size_t sent, void (*done)(void* context, const EncodedFrame&), void* context);
  /// Takes the first frame whole (long-polling). The queue must not be empty.
  FrameRef Pop();
  void Clear();

 private:
  struct State;
  State* state_ = nullptr;  // allocated while something waits; idle clients pay eight bytes
};

}  // namespace trackwire::net
