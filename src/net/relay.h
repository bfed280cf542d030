#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include "base/unique_function.h"
#include "net/connection.h"

namespace trackwire::net {

class Shard;

/// Joins two connections of one shard: what either sends the other gets, unchanged and in order.
///
/// An end that is full stops the reading of the other, so that a pair holds one read of the shard a
/// direction at most. Ends and breaks are handed on, too: a half that closed its sending may still
/// receive for a while. The shard's thread only.
class Relay {
 public:
  struct Options {
    /// Without a byte in either direction both are closed.
    std::chrono::milliseconds idle_timeout = std::chrono::minutes(2);
    /// From the first end of either side to the end of both.
    std::chrono::milliseconds end_timeout = std::chrono::seconds(30);
  };

  /// Not joined yet; `ended` runs once after both are closed, not when the shard itself ends.
  Relay(Shard& shard, const Options& options, UniqueFunction<void()> ended);
  ~Relay();

  /// For the near connection, before Join().
  std::unique_ptr<Protocol> TakeNearEnd();
  /// Takes both connections. `to_near` and `to_far` are what came for each before. `near` has the
  /// end of TakeNearEnd(), the protocol of `far` is replaced.
  void Join(Connection& near, std::string_view to_near, Connection& far, std::string_view to_far);

 private:
  class Pipe;
  class End;
  std::shared_ptr<Pipe> pipe_;
};

}  // namespace trackwire::net
