#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/user_store.h"

namespace trackwire::store {

/// The lists of a user as they stand in a column: JSON arrays.
std::string TextsJson(const std::vector<std::string>& texts);
/// Of ids that are JSON already.
std::string IdsJson(const std::vector<std::string>& ids);
/// Reads them back into `user`. Errors: `corrupt`.
Result<void> ReadRights(std::string_view roles, std::string_view clients,
                        std::string_view permissions, User& user);

}  // namespace trackwire::store
