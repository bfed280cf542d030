#pragma once

#include <string_view>
#include <vector>

#include "api/endpoint.h"
#include "ingest/tracker_admin.h"

namespace trackwire::api {

/// `PATCH /api/trackers/{id}`, for admins: what is absent from the body stays, members as
/// TrackerBody has them. Answers the tracker once the new rule decides on this gateway, and tells
/// the audit log.
///
/// Errors: 400 `invalid_request`, `unknown_client`; 401, 403; 404 `unknown_tracker`; 415 unless the
/// body is application/json; 503 `unavailable`.
class TrackerEditEndpoint final : public Endpoint {
 public:
  static constexpr const char* kPath = "/api/trackers/";

  /// `admin` outlives it, as all below.
  TrackerEditEndpoint(const Access& access, ingest::TrackerAdmin& admin);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  ingest::TrackerAdmin& admin_;
};

/// `POST /api/trackers`, for admins: makes a tracker; the body must have `id`. 201 with the tracker.
/// Errors also: 409 `exists`.
class TrackerCreateEndpoint final : public Endpoint {
 public:
  TrackerCreateEndpoint(const Access& access, ingest::TrackerAdmin& admin);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  ingest::TrackerAdmin& admin_;
};

/// `DELETE /api/trackers/{id}`, for admins: with history and tokens. 204.
class TrackerRemoveEndpoint final : public Endpoint {
 public:
  TrackerRemoveEndpoint(const Access& access, ingest::TrackerAdmin& admin);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  ingest::TrackerAdmin& admin_;
};

/// `POST /api/trackers/{id}/tokens`, for admins: 201 `{"token"}`, shown this once; `DELETE` there
/// removes all: 200 `{"revoked": number}`.
class TrackerTokensEndpoint final : public Endpoint {
 public:
  TrackerTokensEndpoint(const Access& access, ingest::TrackerAdmin& admin);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  ingest::TrackerAdmin& admin_;
};

/// The trackers or clients that a path segment may mean, in the order in which they are looked for:
/// `7` is the number 7 or, where there is none, the text "7"; `"7"` in quotes is the text alone.
std::vector<tracking::Id> IdsOfSegment(std::string_view segment);

}  // namespace trackwire::api
