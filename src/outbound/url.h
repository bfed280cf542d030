#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace trackwire::outbound {

/// Whether one can ask there: http or https (for a WebSocket also ws and wss), with a host and
/// without anything that does not belong into a URL. Errors: `bad_url`; the detail does not repeat
/// the URL.
Result<void> CheckUrl(const std::string& url, bool websocket = false);

/// What `reference` (a whole URL or a part of one) means where `base` stands.
/// Errors: `bad_url`. Spec: RFC 3986 section 5.
Result<std::string> ResolveUrl(const std::string& base, const std::string& reference);

/// Whether two URLs have scheme, host and port in common.
bool SameOrigin(const std::string& a, const std::string& b);

/// Everything but letters, digits and `-._~` as %XX: for one part of a path or a query.
std::string PercentEncode(std::string_view text);

/// `url` with `name=value` added to its query, or put in place of that parameter.
/// Errors: `bad_url`.
Result<std::string> WithParameter(const std::string& url, const std::string& name,
                                  const std::string& value);

}  // namespace trackwire::outbound
