#pragma once

#include <chrono>
#include <string_view>

#include "api/endpoint.h"
#include "auth/rate_limits.h"

namespace trackwire::api {

/// 429 with code `rate_limited`, and when to come back in body and Retry-After.
net::http::Response TooManyRequests(std::chrono::milliseconds retry_after,
                                    std::string_view message = "Too many requests");

/// Counts a request of `caller` against the limits of its kind. When it is one too many it is
/// answered, with the headers that every answer has, and `allowed` is dropped; else `allowed` runs
/// on the exchange's shard, at once or later. Whoever may publish is not limited by kApi. kGraphql
/// is answered in the form of GraphQL's errors.
void CheckRate(const Access& access, auth::LimitKind kind, const net::http::Exchange& exchange,
               const net::http::Request& request, const auth::Identity& caller,
               UniqueFunction<void()> allowed);

}  // namespace trackwire::api
