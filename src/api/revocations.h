#pragma once

#include <string>

#include "api/endpoint.h"
#include "auth/revocations.h"

namespace trackwire::api {

/// `GET /api/revocations?after=&limit=`: the tokens and users whose tokens count no more, for
/// admins, as `{"revocations": […], "next"}`.
///
/// `POST` with `{"jti"}` (and `"expires_at"`, when it is known how long the token would last) or
/// `{"user"}` revokes: 201 once it is durable; it is in force everywhere then or a moment later.
class RevocationsEndpoint final : public Endpoint {
 public:
  /// Both outlive it.
  RevocationsEndpoint(const Access& access, auth::Revocations& revocations);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  void List(const net::http::Exchange& exchange, const net::http::Request& request);
  void Revoke(const net::http::Exchange& exchange, const net::http::Request& request,
              const std::string& body);

  auth::Revocations& revocations_;
};

}  // namespace trackwire::api
