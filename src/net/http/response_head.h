#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "net/http/message.h"

namespace trackwire::net::http {

/// Appends `name: value` and the line end. Control characters, which could begin another field,
/// become spaces.
void AppendField(std::string& out, std::string_view name, std::string_view value);

/// The head of an answer with Date, Content-Length (where the status has one), Connection and, of a
/// connection that is kept, how long it may be idle: clients that know do not send on one that is
/// about to be closed.
std::string ResponseHead(const Response& response, bool keep_alive,
                         std::chrono::milliseconds idle_timeout);

}  // namespace trackwire::net::http
