#pragma once

#include <string>

namespace trackwire::outbound {

/// Whether it may stand in a request: a name that is a token, a value without line ends.
bool IsSendableHeader(const std::string& name, const std::string& value);

}  // namespace trackwire::outbound
