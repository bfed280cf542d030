#pragma once

#include <trackwire/socketio/socketio.h>

#include "lobby.h"

namespace chat {

/// What clients may do. From them, each answered with an acknowledgement `(error)`, null for none:
///
/// | event | arguments | acknowledged |
/// |---|---|---|
/// | `join` | name, room | error, then a View; leaves the room one was in |
/// | `message` | text | error |
/// | `private` | name, text | error |
/// | `typing` | whether | not at all |
///
/// To them: `message` (a Message), `private` (a Message, to whom), `people` (names), `typing` (who,
/// whether), and `joined`, `left` (who). The lobby must outlive the server.
void AddHandlers(trackwire::socketio::Namespace& nsp, Lobby& lobby);

}  // namespace chat
