#pragma once

#include <trackwire/socketio/server.h>

namespace trackwire::conformance {

/// Teaches a Socket.IO server namespaces that are made for their clients, and one whose sockets
/// have handlers of their own. Before its handler is mounted.
void AddFeatures(socketio::Server& server);

}  // namespace trackwire::conformance
