#pragma once

#include <optional>
#include <string>
#include <vector>

namespace trackwire::gateway {

/// What is wrong with a name that somebody shall have, for people.
std::optional<std::string> RefuseUserName(const std::string& name);
/// What is wrong with a list of roles, clients or permissions, for people.
std::optional<std::string> RefuseRights(const std::vector<std::string>& items);

}  // namespace trackwire::gateway
