#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/unique_function.h"
#include "net/http/exchange.h"
#include "net/http/message.h"

namespace trackwire::engineio {

/// Carries requests to the servers that their sessions live on, for clients whom a balancer without
/// affinity led elsewhere.
///
/// Called on the shard of the exchange. Spec: Engine.IO v4 says nothing of several servers; what
/// the client sees is what it would see at the owner.
class Forwarder {
 public:
  enum class Failure : uint8_t {
    kUnknown,  ///< nobody answers for that owner; the client may begin a new session
    kBusy,     ///< too much is being forwarded; the client may try again
  };
  /// Runs at most once, while the exchange is alive, in place of an answer.
  using Failed = UniqueFunction<void(Failure)>;

  /// What follows the head. A body beyond what a server takes is announced and not sent, so that
  /// the owner refuses it by its own rules.
  struct Content {
    std::string bytes;
    size_t announced = 0;  ///< its length as the owner is told; 0: there is no body
  };

  virtual ~Forwarder() = default;
  /// Whether that server is known, so that a body is worth reading.
  virtual bool Knows(net::Shard& shard, uint32_t owner) const = 0;
  /// Asks the owner in the client's place and answers `exchange` in its words: polling requests
  /// whole, a WebSocket byte by byte until either end. A client that goes away is gone for the
  /// owner, too.
  virtual void Forward(const net::http::Exchange& exchange, const net::http::Request& request,
                       uint32_t owner, Content content, Failed failed) = 0;
};

}  // namespace trackwire::engineio
