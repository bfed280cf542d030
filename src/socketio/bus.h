#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace trackwire::net {
class Loop;
}

namespace trackwire::socketio {

/// Carries messages between the servers of one cluster: what adapters speak over. Whoever embeds
/// the library plugs one in, over Redis for example; this keeps databases out of it.
///
/// At most once, in order per sender and channel. All on the thread of `loop()`, handlers too.
class Bus {
 public:
  enum class Kind : uint8_t {
    kPlain,
    kPattern,  ///< subscribe only: `*`, `?`, `[…]` as Redis has them
    kSharded,
  };
  /// Borrowed during the call; `channel` is the one published to.
  using Handler = std::function<void(std::string_view channel, std::string_view message)>;

  virtual ~Bus() = default;
  virtual net::Loop& loop() = 0;
  virtual void Publish(Kind kind, const std::string& channel, std::string message) = 0;
  /// One handler for a kind and channel. `done` (may be empty) when the subscription stands.
  virtual void Subscribe(Kind kind, const std::string& channel, Handler handler,
                         std::function<void()> done) = 0;
  virtual void Unsubscribe(Kind kind, const std::string& channel) = 0;
  /// How many servers hear a channel (kPlain or kSharded), this one too.
  virtual void CountSubscribers(Kind kind, const std::string& channel,
                                std::function<void(Result<uint64_t>)> done) = 0;
};

/// A log that servers append to and read, and values that one of them takes: what the streams
/// adapter needs beside a Bus. All on the bus's loop.
class StreamLog {
 public:
  struct Entry {
    std::string id;  ///< `<ms>-<seq>`
    std::vector<std::pair<std::string, std::string>> fields;
  };
  using Entries = std::vector<Entry>;

  virtual ~StreamLog() = default;
  /// Appends, keeping about `max_length` entries; gives the id.
  virtual void Append(const std::string& stream,
                      std::vector<std::pair<std::string, std::string>> fields, size_t max_length,
                      std::function<void(Result<std::string>)> done) = 0;
  /// From now on, every new entry in order, also those appended here; after a lost link it goes on
  /// where it was.
  virtual void Follow(const std::string& stream, std::function<void(const Entries&)> handler) = 0;
  /// From `first` to `last`, both included (`-` and `+` for the ends; `(` before an id leaves it
  /// out), at most `max`.
  virtual void Range(const std::string& stream, const std::string& first, const std::string& last,
                     size_t max, std::function<void(Result<Entries>)> done) = 0;
  /// Keeps a value for `ttl`.
  virtual void Put(const std::string& key, std::string value, std::chrono::milliseconds ttl,
                   std::function<void(Result<void>)> done) = 0;
  /// Reads and removes a value in one step: only one asker gets it.
  virtual void Take(const std::string& key,
                    std::function<void(Result<std::optional<std::string>>)> done) = 0;
};

}  // namespace trackwire::socketio
