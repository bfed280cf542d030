#pragma once

/// \file
/// All that a program needs to serve Socket.IO: include this one header.

#include "socketio/ack.h"                 // IWYU pragma: export
#include "socketio/app.h"                 // IWYU pragma: export
#include "socketio/broadcast_operator.h"  // IWYU pragma: export
#include "socketio/codec.h"               // IWYU pragma: export
#include "socketio/memory_recovery.h"     // IWYU pragma: export
#include "socketio/namespace.h"           // IWYU pragma: export
#include "socketio/parent_namespace.h"    // IWYU pragma: export
#include "socketio/parent_operator.h"     // IWYU pragma: export
#include "socketio/reply.h"               // IWYU pragma: export
#include "socketio/server.h"              // IWYU pragma: export
#include "socketio/socket.h"              // IWYU pragma: export
#include "socketio/socket_operator.h"     // IWYU pragma: export
#include "socketio/typed_handler.h"       // IWYU pragma: export
