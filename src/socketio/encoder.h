#pragma once

#include <string>
#include <string_view>

#include "socketio/socket.h"

namespace trackwire::socketio {

/// The payload of an event: `["event",args]`, with `offset` as one more argument unless it is
/// empty. `args_json` is the inside of an array, as in Args.
std::string EventPayload(std::string_view event, std::string_view args_json,
                         std::string_view offset);

}  // namespace trackwire::socketio
