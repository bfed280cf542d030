#pragma once

#include <boost/json/value.hpp>

#include "base/json_scanner.h"

namespace trackwire::api {

/// A scanned value as a tree: of members of one name the last. Numbers that no double holds become
/// null. Recurses as deep as the value, which was scanned with a limit.
boost::json::value TreeOf(base::JsonValue value);

}  // namespace trackwire::api
