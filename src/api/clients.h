#pragma once

#include <string>

#include "api/endpoint.h"
#include "api/tracker_reader.h"
#include "ingest/tracker_admin.h"

namespace trackwire::api {

/// `GET /api/clients`: `{"clients":[{"id","name"}]}`, those that the caller may see, by id.
/// `POST` there, for admins: `{"id","name"?}`, 201 with the client. Errors: 400 `invalid_request`,
/// `invalid`; 401, 403; 409 `exists`; 415; 503.
class ClientsEndpoint final : public Endpoint {
 public:
  /// Both outlive it, as below.
  ClientsEndpoint(const Access& access, TrackerReader& reader, ingest::TrackerAdmin& admin);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  void List(const net::http::Exchange& exchange, const net::http::Request& request);

  TrackerReader& reader_;
  ingest::TrackerAdmin& admin_;
};

/// `PATCH /api/clients/{id}`, for admins: `{"name"}`; `DELETE`: 204, 409 `in_use` while trackers are
/// its own. Errors also: 404 `not_found`.
class ClientEndpoint final : public Endpoint {
 public:
  ClientEndpoint(const Access& access, ingest::TrackerAdmin& admin);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  void Edit(const net::http::Exchange& exchange, const net::http::Request& request,
            std::string body);
  void Remove(const net::http::Exchange& exchange, const net::http::Request& request);

  ingest::TrackerAdmin& admin_;
};

}  // namespace trackwire::api
