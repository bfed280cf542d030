#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "socketio/msgpack.h"
#include "socketio/socket.h"

namespace trackwire::socketio {

/// Arguments as MessagePack values, one behind the other.
struct PackedArgs {
  size_t count = 0;
  std::string bytes;
};

/// Writes arguments as MessagePack. A placeholder of an attachment becomes binary; a number
/// becomes an integer when it is whole and JavaScript can hold it exactly, else a double; a lone
/// surrogate becomes U+FFFD. An attachment with several placeholders is written for each, but null
/// once such repetition exceeds 1 MB. Linear, without recursion. Any thread.
PackedArgs PackArgs(const Args& args);
/// The same for one JSON value without attachments.
void PackJson(std::string& out, std::string_view json);

/// The values as arguments, with what JSON lacks told as JSON.stringify() of a Node server tells
/// it: binary becomes an attachment, `undefined` null (a member that is undefined goes), a
/// time-stamp an RFC 3339 string, NaN and the infinities null, keys that are numbers their text.
/// Any other extension becomes `[type, binary]`, as notepack.io reads it. Integers keep all their
/// digits. Text that is not UTF-8 has U+FFFD in place of each bad byte.
///
/// Fails with kBadKey, kTooManyAttachments, or kBadPlaceholder when a map among the values claims
/// to be the placeholder of an attachment that does not exist. Any thread.
Result<Args, MsgpackError> UnpackArgs(std::span<const MsgpackValue> values,
                                      const MsgpackLimits& limits = {});
/// One value as JSON text, binary as Node's JSON.stringify() writes a Buffer.
Result<std::string, MsgpackError> UnpackJson(const MsgpackValue& value);

/// Text with U+FFFD in place of each byte that belongs to no character.
std::string ToUtf8(std::string_view bytes);

}  // namespace trackwire::socketio
