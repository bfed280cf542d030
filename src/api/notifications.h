#pragma once

#include <string>

#include "api/endpoint.h"
#include "notify/intake.h"

namespace trackwire::api {

/// `POST /api/notifications`: an envelope or an array of them, answered 202 once they are stored,
/// `{"results": [{"offset"} or {"error"}]}` in their order.
///
/// Needs `Authorization: Bearer` with the role admin or the permission notifications:publish; a
/// cookie does not count, so that no other site's page can publish. A single envelope that is
/// refused is answered 400.
class NotificationsEndpoint final : public Endpoint {
 public:
  /// `intake` outlives it.
  NotificationsEndpoint(const Access& access, notify::Intake& intake, size_t max_body_bytes);

 protected:
  std::optional<net::http::Response> Refuse(const net::http::Request& request) override;
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  notify::Intake& intake_;
};

/// The answer for what became of a body.
net::http::Response NotificationsResponse(const Result<notify::IntakeAnswer>& answer);

}  // namespace trackwire::api
