#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"

namespace trackwire::net {

enum class FrameKind : uint8_t { kText, kBinary };

/// One message, encoded once for any number of receivers: a WebSocket frame (header and payload in
/// one piece), of which long-polling uses the payload.
///
/// Never changes after Make(), so it may cross threads in its shared_ptr; each shard then counts
/// its own references without atomics (FrameRef).
/// Spec: RFC 6455 section 5.2, an unmasked final frame from the server.
class EncodedFrame {
 public:
  struct Options {
    /// Frames with the same key replace each other in a backlog (the newest is kept); 0: never.
    uint64_t conflation_key = 0;
    /// When the notification in it was accepted; its latency is recorded when it is written.
    Steady::time_point accepted_at{};
    /// False: a polling body that holds it is not packed, because it holds a secret or would not
    /// get smaller.
    bool compress = true;
  };

  static std::shared_ptr<const EncodedFrame> Make(FrameKind kind, std::string_view payload,
                                                  const Options& options);
  static std::shared_ptr<const EncodedFrame> Make(FrameKind kind, std::string_view payload);
  /// Bytes that go out as they are: control frames and HTTP heads. All of it counts as payload.
  static std::shared_ptr<const EncodedFrame> Raw(std::string bytes);

  FrameKind kind() const { return kind_; }
  std::string_view wire() const { return bytes_; }
  std::string_view payload() const { return std::string_view(bytes_).substr(header_size_); }
  uint64_t conflation_key() const { return options_.conflation_key; }
  Steady::time_point accepted_at() const { return options_.accepted_at; }
  bool compress() const { return options_.compress; }

 private:
  EncodedFrame() = default;
  static std::shared_ptr<EncodedFrame> New();

  std::string bytes_;
  Options options_;
  uint8_t header_size_ = 0;
  FrameKind kind_ = FrameKind::kText;
};

/// A reference to a frame held by one shard, counted without atomics.
///
/// Made by Hold(); copies and drops stay on the thread that made it.
class FrameRef {
 public:
  FrameRef() = default;
  FrameRef(const FrameRef& other) : held_(other.held_) {
    if (held_ != nullptr) ++held_->count;
  }
  FrameRef(FrameRef&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
  FrameRef& operator=(FrameRef other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  ~FrameRef() {
    if (held_ != nullptr && --held_->count == 0) delete held_;
  }

  /// Takes one reference on a frame for the calling thread.
  static FrameRef Hold(std::shared_ptr<const EncodedFrame> frame) {
    return FrameRef(new Held{std::move(frame), 1});
  }

  explicit operator bool() const { return held_ != nullptr; }
  const EncodedFrame& operator*() const { return *held_->frame; }
  const EncodedFrame* operator->() const { return held_->frame.get(); }

 private:
  struct Held {
    std::shared_ptr<const EncodedFrame> frame;
    uint32_t count;
  };
  explicit FrameRef(Held* held) : held_(held) {}

  Held* held_ = nullptr;
};

}  // namespace trackwire::net
