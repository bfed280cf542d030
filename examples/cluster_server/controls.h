#pragma once

#include <string>

#include "socketio/namespace.h"

namespace trackwire::cluster_example {

/// Lets clients of a namespace ask for everything that reaches over a cluster, by events that
/// tests/interop/neighbours/peer.mjs understands in the same way. `server` is this server's name.
void AddControls(socketio::Namespace& nsp, const std::string& server);

}  // namespace trackwire::cluster_example
