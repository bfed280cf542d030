#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "auth/audit.h"
#include "auth/identity.h"
#include "base/clock.h"
#include "base/result.h"

namespace trackwire::notify {

/// One connection as administrators see it; from whichever gateway.
struct SessionInfo {
  std::string sid;
  auth::Identity identity;
  std::string address;    ///< real address of the client
  std::string transport;  ///< `polling` or `websocket`, as last written down
  std::string gateway;    ///< name of the process that serves it
  WallTime connected_at{};
  bool away = false;      ///< disconnected, but may still come back
};

struct SessionList {
  std::vector<SessionInfo> sessions;  ///< by sid
  std::optional<std::string> next;    ///< what to go on after; nothing: that was all
};

/// Lists and ends the connections of the whole deployment.
class SessionAdmin {
 public:
  virtual ~SessionAdmin() = default;

  /// Any thread. At most `max` (1..1000) whose sid comes after `after`. Errors: `unavailable`. `done`
  /// on the broker's loop.
  virtual void List(std::string after, size_t max,
                    std::function<void(Result<SessionList>)> done) = 0;
  /// Any thread. The connection ends, on whichever gateway it is, and cannot be resumed; with
  /// `revoke` its token no longer counts anywhere. Tells the audit log. Errors: `not_found`,
  /// `unavailable`. `done` on the broker's loop.
  virtual void End(std::string sid, bool revoke, auth::Actor by,
                   std::function<void(Result<void>)> done) = 0;
};

}  // namespace trackwire::notify
