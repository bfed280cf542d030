#pragma once

#include <string>
#include <string_view>

#include "net/http/message.h"

namespace trackwire::net::http {

/// Appends `name: value` and the line end. Control characters, which could begin another field,
/// become spaces.
void AppendField(std::string& out, std::string_view name, std::string_view value);

/// The head of an answer with Date, Content-Length (where the status has one) and Connection.
std::string ResponseHead(const Response& response, bool keep_alive);

}  // namespace trackwire::net::http
