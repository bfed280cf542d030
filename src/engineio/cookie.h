#pragma once

#include <string>

#include "engineio/options.h"

namespace trackwire::engineio {

/// Whether its name and attributes can stand in a header.
bool IsValid(const SessionCookie& cookie);
/// The value of a Set-Cookie header. Spec: RFC 6265 section 4.1.
std::string SetCookie(const SessionCookie& cookie, const std::string& value);

}  // namespace trackwire::engineio
