#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http/message.h"

namespace trackwire::auth {

/// A token as somebody presented it, and where it stood.
struct PresentedToken {
  std::string token;
  const char* source = "";  ///< `cookie`, `auth` or `header`
};

/// Finds the token in the places a client may put it, the first that is present:
/// the cookie `cookie_name` (with or without quotes and a `Bearer ` prefix, also percent-encoded),
/// the member `token` of a CONNECT's `auth_json`, the header `Authorization: Bearer`.
std::optional<PresentedToken> FindToken(const std::optional<std::string>& cookie,
                                        std::string_view auth_json,
                                        const net::http::Headers& headers);

/// Only the header; what a request that changes something must carry, so that no other site's page
/// can send it with the visitor's cookie.
std::optional<std::string> BearerToken(const net::http::Headers& headers);

}  // namespace trackwire::auth
