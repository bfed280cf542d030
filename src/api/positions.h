#pragma once

#include <memory>
#include <string>

#include "api/endpoint.h"
#include "api/positions_query.h"
#include "api/reader_call.h"
#include "net/loop.h"

namespace trackwire::api {

/// `GET /api/trackers/{id}/positions`: a page of a tracker's history, as PositionsQuery has it.
///
/// As JSON `{"positions","next"}`, where `next` (or null) is what to go on `after`; as GeoJSON, CSV or
/// GPX a file. What follows a page stands in a header `Link` too. Errors: 400 `invalid_request`,
/// 401, 404 `unknown_tracker`, 503 `unavailable`.
class PositionsEndpoint final : public Endpoint {
 public:
  static constexpr const char* kPart = "positions";

  /// Documents are put together on `packing`; all outlive it.
  PositionsEndpoint(const Access& access, TrackerReader& reader, net::Loop& packing);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  struct Job;
  void Read(const std::shared_ptr<Job>& job) const;

  TrackerReader& reader_;
  net::Loop& packing_;
};

}  // namespace trackwire::api
