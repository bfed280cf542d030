#pragma once

#include <string>

#include "api/endpoint.h"
#include "api/tracker_reader.h"
#include "ingest/update_desk.h"

namespace trackwire::api {

/// `POST /api/trackers/{id}/update`, for admins: `{"socket_id"?: text}`. Asks for an immediate
/// position; 202 with UpdateJson() once the request is left, also one that has failed at once. Tells
/// the audit log. Errors: 400 `invalid_request`, 401, 403, 404 `unknown_tracker`, 503 `unavailable`.
class RequestUpdateEndpoint final : public Endpoint {
 public:
  static constexpr const char* kPart = "update";

  /// All outlive it.
  RequestUpdateEndpoint(const Access& access, TrackerReader& reader, ingest::UpdateDesk& desk);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  TrackerReader& reader_;
  ingest::UpdateDesk& desk_;
};

/// `GET /api/updates/{request_id}`, for admins: what became of a request, for an hour. 404
/// `not_found`.
class UpdateEndpoint final : public Endpoint {
 public:
  static constexpr const char* kPath = "/api/updates/";

  /// Both outlive it.
  UpdateEndpoint(const Access& access, ingest::UpdateDesk& desk);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  ingest::UpdateDesk& desk_;
};

/// `{"request_id","tracker_id","status","reason"?,"requested_at","since","deadline"}`.
std::string UpdateJson(const ingest::UpdateState& state);

}  // namespace trackwire::api
