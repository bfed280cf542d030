#pragma once

#include <memory>
#include <string>

#include "api/endpoint.h"
#include "api/reader_call.h"
#include "api/snapshot_cache.h"
#include "api/tracker_query.h"

namespace trackwire::api {

/// `GET /api/trackers`: the trackers the caller may see with their latest positions, and the offset
/// these are true at: `{"offset", "server_time", "clients", "trackers"}`. Asked for some of them,
/// as ReadTrackerQuery() has it, it answers in pages, with `next` beside.
class TrackersEndpoint final : public Endpoint {
 public:
  /// `cache` lives on `loop`; all outlive it.
  TrackersEndpoint(const Access& access, net::Loop& loop, SnapshotCache& cache,
                   TrackerReader& reader, const notify::Views& views);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  /// On the exchange's shard.
  void AnswerAll(ReaderCall call, bool gzip) const;
  void AnswerSome(const ReaderCall& call, TrackerQuery query) const;

  net::Loop& loop_;
  SnapshotCache& cache_;
  TrackerReader& reader_;
  const notify::Views& views_;
};

}  // namespace trackwire::api
