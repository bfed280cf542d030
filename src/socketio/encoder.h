#pragma once

#include <string>
#include <string_view>

#include "socketio/socket.h"

namespace trackwire::socketio {

/// Writes an EVENT (a BINARY_EVENT when it has attachments), with `offset` as one more argument
/// unless it is empty. `id` are the digits of an ack id, or empty.
std::string EncodeEventPacket(std::string_view nsp, std::string_view id, std::string_view event,
                              const Args& args, std::string_view offset);

}  // namespace trackwire::socketio
