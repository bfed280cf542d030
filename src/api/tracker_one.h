#pragma once

#include <string>

#include "api/endpoint.h"
#include "api/tracker_reader.h"
#include "notify/view.h"

namespace trackwire::api {

/// `GET /api/trackers/{id}`: one tracker as TrackerJson() has it. 404 `unknown_tracker` for one that
/// is not there or may not be seen.
class TrackerEndpoint final : public Endpoint {
 public:
  /// All outlive it.
  TrackerEndpoint(const Access& access, TrackerReader& reader, const notify::Views& views);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  TrackerReader& reader_;
  const notify::Views& views_;
};

}  // namespace trackwire::api
