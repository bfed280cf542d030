#pragma once

#include <string_view>

namespace trackwire::api {

/// What stands for `{id}` in `/api/trackers/{id}/positions`, of which `collection` is
/// `/api/trackers` and `part` is `positions`; an empty `part` is the thing itself. Empty when
/// `path` is none of these.
///
/// Names may hold slashes: whichever part a path ends with is taken off, no more. The name of a
/// thing that ends like a part is written as JSON, in quotes.
std::string_view NameInPath(std::string_view path, std::string_view collection,
                            std::string_view part = "");

}  // namespace trackwire::api
