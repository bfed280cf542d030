#pragma once

#include <string>

#include "socketio/socket.h"

namespace trackwire::socketio {

/// A handshake as servers tell it each other: the JSON object that the npm server calls by this
/// name, its time being now. Without `credentials` cookies, Authorization, the query and `auth`
/// are left out.
std::string DescribeHandshake(const Handshake& handshake, bool credentials);

}  // namespace trackwire::socketio
