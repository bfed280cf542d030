#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/config.h"

namespace trackwire::gateway {

struct StartOptions {
  bool demo = false;  ///< replay the shipped recording, public
};

/// One gateway: shards, control loop, broker, store, pipeline, API and Socket.IO server, wired
/// together.
///
/// Start() brings it up in the order in which its parts need each other; nothing is accepted before
/// all of them stand. Stop() takes it down in reverse: readiness off, after a notice no new
/// connections, what was accepted stored and sent, transports closed at a pace (never a DISCONNECT
/// packet, so clients come back elsewhere), then the threads. With a broker on Redis it is one of
/// many; positions are fetched by others. Used from one thread, which is none of its own.
class Gateway {
 public:
  /// Errors: `bad_config` for what the configuration asks that cannot be; others mean that this
  /// machine would not let it: `cannot_listen`, `cannot_open`, `in_use` and so on.
  static Result<std::unique_ptr<Gateway>> Start(const Config& config, const StartOptions& options,
                                                const Clock& clock);
  /// Stops.
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  uint16_t port() const;
  /// A few lines on what runs and what is switched off; the first time with the password of the
  /// admin that a demonstration made, which is told nowhere else.
  std::vector<std::string> Banner();
  /// Reads the certificate anew, if there is one; tells the log. Not while it stops.
  void Reload();
  /// Ends in order; may be called twice.
  void Stop();

 private:
  struct Parts;
  explicit Gateway(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace trackwire::gateway
