#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "socketio/msgpack.h"
#include "socketio/recovery.h"

namespace trackwire::socketio {

/// A recovery record as Node servers keep it: MessagePack {sid, pid, rooms, data} in base64.
/// `rooms` names the socket's own room too, on their side of the value only.
///
/// The record's data is an object there. Ours is written as it is when it is a JSON object, any
/// other text under the key `trackwire`; both come back as they were.
std::string EncodeSessionValue(const RecoveryRecord& record);
/// Nothing when it is no such value. Namespace and owner are not in it.
std::optional<RecoveryRecord> DecodeSessionValue(std::string_view value,
                                                 const MsgpackLimits& limits);

}  // namespace trackwire::socketio
