#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"

namespace trackwire::bench {

/// Where a publisher that is not a client of the server hands its envelopes to, over a connection
/// of its own. Its owner polls the descriptor. Not thread-safe.
class Sink {
 public:
  virtual ~Sink() = default;

  /// Connects (waiting for it: this machine answers at once) and registers with the epoll set.
  virtual Result<void> Open(int epoll, uint64_t tag) = 0;
  /// Whether envelopes may be handed over now; if not, a later OnReady() will make it so.
  virtual bool is_ready() const = 0;
  /// Hands envelopes over, in this order. Only when is_ready().
  virtual Result<void> Publish(std::span<const std::string> envelopes) = 0;
  /// Acts on readiness. Fails when the other side refuses something or the connection ends; the
  /// detail quotes it.
  virtual Result<void> OnReady() = 0;
  /// How often something was asked of the other side.
  virtual uint64_t requests() const = 0;
};

}  // namespace trackwire::bench
