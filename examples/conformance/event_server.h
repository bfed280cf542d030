#pragma once

#include <trackwire/socketio/server.h>

namespace trackwire::conformance {

/// Teaches a Socket.IO server the events that the test suites use. The handlers live as long as
/// the server.
void AddHandlers(socketio::Server& server);

}  // namespace trackwire::conformance
