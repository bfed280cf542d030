#pragma once

#include <string>
#include <string_view>

#include "api/endpoint.h"
#include "notify/session_admin.h"

namespace trackwire::api {

/// `GET /api/sessions?after=&limit=`: the connections of the whole deployment, for admins, as
/// `{"sessions": […], "next"}`, in the order of their ids; `next` (or null) is what to go on after.
class SessionsEndpoint final : public Endpoint {
 public:
  /// Both outlive it.
  SessionsEndpoint(const Access& access, notify::SessionAdmin& sessions);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  notify::SessionAdmin& sessions_;
};

/// `DELETE /api/sessions/{sid}`: ends one of them, for admins; with `?revoke=1` its token counts no
/// more either. 204, 404 when there is none.
class EndSessionEndpoint final : public Endpoint {
 public:
  static constexpr std::string_view kPath = "/api/sessions/";

  /// Both outlive it.
  EndSessionEndpoint(const Access& access, notify::SessionAdmin& sessions);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  notify::SessionAdmin& sessions_;
};

/// One row of the list.
std::string SessionInfoJson(const notify::SessionInfo& info);

}  // namespace trackwire::api
