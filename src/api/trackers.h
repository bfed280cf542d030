#pragma once

#include <string>

#include "api/endpoint.h"
#include "api/snapshot_cache.h"

namespace trackwire::api {

/// `GET /api/trackers`: the trackers the caller may see with their latest positions, and the offset
/// these are true at: `{"offset", "server_time", "clients", "trackers"}`.
class TrackersEndpoint final : public Endpoint {
 public:
  /// `cache` lives on `loop`; both outlive it.
  TrackersEndpoint(const Access& access, net::Loop& loop, SnapshotCache& cache);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  /// On the exchange's shard.
  void Answer(const net::http::Exchange& exchange, auth::Identity caller, bool gzip,
              net::http::Headers headers);

  net::Loop& loop_;
  SnapshotCache& cache_;
};

/// Whether Accept-Encoding allows gzip. Spec: RFC 9110 section 12.5.3.
bool AcceptsGzip(const net::http::Headers& headers);

}  // namespace trackwire::api
