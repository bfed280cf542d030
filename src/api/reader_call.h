#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/endpoint.h"
#include "api/tracker_reader.h"

namespace trackwire::api {

/// One call that reads what the caller may see. A value; may be answered later and from any thread.
struct ReaderCall {
  net::http::Exchange exchange;
  net::http::Headers headers;  ///< of every answer: Endpoint::AnswerHeaders()
  auth::Identity caller;

  /// Adds that nobody but the caller may keep the answer.
  void Answer(net::http::Response response) const;
  /// By its code: `unknown_tracker` and `not_found` 404, `unavailable` 503, others 400.
  void Fail(const Error& error) const;
};

/// Finds out who asks and runs `read`, unless anonymous visitors may not read here: 401. On the
/// exchange's shard. Counts against the limits of `kind`.
void WithReader(const Access& access, const net::http::Exchange& exchange,
                const net::http::Request& request, net::http::Headers headers,
                UniqueFunction<void(ReaderCall)> read,
                auth::LimitKind kind = auth::LimitKind::kApi);

/// The first of `ids` of which the caller may see the tracker. Error: `unknown_tracker`, also when
/// there are no ids, `unavailable`. `done` on any thread.
void FindTracker(TrackerReader& reader, const auth::Identity& caller, std::vector<tracking::Id> ids,
                 std::function<void(Result<TrackerView>)> done);

}  // namespace trackwire::api
