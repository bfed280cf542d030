#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "net/input_charge.h"
#include "net/tls_engine.h"

namespace trackwire::net {

/// What a connection over TLS has beside its Connection; plain ones have none. Belongs to
/// Connections, moves with a hand-over.
struct TlsPart {
  explicit TlsPart(std::shared_ptr<const TlsContext> context) : engine(std::move(context)) {}

  TlsEngine engine;
  /// Encrypted, but not taken by the socket yet: the connection is blocked while there is any. What
  /// it says has left the queue of frames, for it cannot be encrypted a second time.
  std::string unsent;
  /// So many bytes given to Write() are in `unsent`, and are told as gone when it is.
  size_t untold = 0;
  size_t dropped = 0;    ///< that came after the failure
  bool end_due = false;  ///< ShutdownSend() waits for `unsent`
  InputCharge charge;    ///< for the record that is not whole
};

}  // namespace trackwire::net
