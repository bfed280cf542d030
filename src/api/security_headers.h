#pragma once

#include "net/http/message.h"

namespace trackwire::api {

/// What every answer says: its type is what it is, where its visitors come from is nobody else's
/// business, other sites may not embed it. To a request over TLS also that this site is never asked
/// for without. Spec: WHATWG Fetch, HTML, RFC 6797.
void AddSecurityHeaders(const net::http::Request& request, net::http::Headers& headers);

/// The same for an answer that a browser may show as a page: scripts, styles, images and
/// connections of its own only; with `inline_styles`, also styles that the page makes. Spec:
/// Content Security Policy Level 3.
void AddPageHeaders(const net::http::Request& request, net::http::Headers& headers,
                    bool inline_styles = false);

}  // namespace trackwire::api
