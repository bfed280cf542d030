#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/identity.h"
#include "base/clock.h"

namespace trackwire::notify {

/// The value of a session's record in the broker: for administrators who list it, and for the
/// gateway that takes the session over. Without a secret: who may take it over is another field.
struct SessionValue {
  auth::Identity identity;
  std::string address;    ///< real address of the client
  std::string transport;  ///< `polling` or `websocket`
  std::string gateway;    ///< name of the process that serves it
  WallTime connected_at{};
  /// What the client has chosen to hear of, as a JSON value of whoever understands it; empty: nothing.
  std::string selection_json;
};

/// A JSON object.
std::string EncodeSessionValue(const SessionValue& value);
/// Nothing when it is none of ours. Members that are missing or unknown do no harm: gateways of
/// several versions may share a broker.
std::optional<SessionValue> DecodeSessionValue(std::string_view json);

/// The parts of a private id: the public id of its client, which names the record, and what only
/// that client knows.
struct PidParts {
  std::string sid;
  std::string secret;
};
std::string MakePid(const std::string& sid);
PidParts SplitPid(std::string_view pid);

/// What must be shown to take a record over: the secret of its client, by the same user as before
/// (auth::Identity::Fingerprint()).
std::string ProofOf(const std::string& secret, const std::string& fingerprint);
/// A proof that nobody can show, since each shown one has a space: of a session that cannot be taken
/// over.
inline constexpr const char* kNoProof = "none";

}  // namespace trackwire::notify
