#pragma once

#include <string>

#include "api/endpoint.h"
#include "auth/audit.h"
#include "base/result.h"

namespace trackwire::api {

/// One call that needs the role admin. A value; may be answered later and from any thread.
struct AdminCall {
  net::http::Exchange exchange;
  net::http::Headers headers;  ///< of every answer: Endpoint::AnswerHeaders()
  std::string act;             ///< for the audit log: `session.end`
  std::string target;          ///< what it is done to
  auth::Identity caller{};     ///< known once admitted

  void Answer(net::http::Response response) const;
  /// By its code: `not_found` 404, `unavailable` 503, `too_many` 503, others 400.
  void Fail(const Error& error) const;
};

/// Runs `admitted` when `request` comes from an admin; answers 401 or 403 otherwise, and tells the
/// audit log of it. On the exchange's shard.
void WithAdmin(const Access& access, AdminCall call, const net::http::Request& request,
               UniqueFunction<void(AdminCall call, auth::Actor by)> admitted);

/// A page's bounds, from the query: `after` as it is, `limit` from 1 to `max`, else `fallback`.
struct PageRequest {
  std::string after;
  size_t limit = 0;
};
Result<PageRequest> ReadPage(const net::http::Request& request, size_t fallback, size_t max);

}  // namespace trackwire::api
