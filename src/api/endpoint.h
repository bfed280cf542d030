#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/identity.h"
#include "auth/origin.h"
#include "auth/rate_limits.h"
#include "auth/token.h"
#include "base/unique_function.h"
#include "net/http/server.h"

namespace trackwire::api {

/// What all routes share. Constant while the server runs; any thread.
struct Access {
  const auth::TokenVerifier& verifier;
  auth::OriginList origins;
  std::string cookie = "access_token";
  bool require_auth = false;
  auth::RateLimits* limits = nullptr;  ///< none: nothing is limited
};

/// `{"error":{"code","message"}}`.
net::http::Response ErrorResponse(int status, std::string_view code, std::string_view message);
/// The same with `retry_after` in whole seconds, at least one, and the header of that name.
net::http::Response ErrorResponse(int status, std::string_view code, std::string_view message,
                                  std::chrono::milliseconds retry_after);

/// A route: one method or a few, answers as JSON, CORS by the list of origins.
///
/// Serves preflight requests by itself and refuses other methods; requests of other sites' pages
/// that carry our visitor's cookie (403 `cross_site`); and, on what changes something, bodies that
/// are not called JSON, which any page's form could send (415 `unsupported_media_type`). Who
/// presents a Bearer token, which no browser sends by itself, is no page's victim and may call
/// bodies what they like.
class Endpoint : public net::http::Handler {
 public:
  /// `access` outlives it. `methods`: `GET`, or several as `GET, POST`; of these GET, HEAD and
  /// DELETE have no body that counts.
  Endpoint(const Access& access, std::string methods, size_t max_body_bytes);

  net::http::Body OnRequest(const net::http::Exchange& exchange,
                            const net::http::Request& request) final;
  void OnBody(const net::http::Exchange& exchange, const net::http::Request& request,
              std::string body) final;
  void OnBodyTooLarge(const net::http::Exchange& exchange, const net::http::Request& request) final;

  /// Those it serves, as given.
  std::vector<std::string> Methods() const;

 protected:
  /// Looks at the head: an answer refuses the request before its body is read. Shard threads.
  virtual std::optional<net::http::Response> Refuse(const net::http::Request& request);
  /// Answers `exchange`, now or later. Shard threads.
  virtual void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
                     std::string body) = 0;

  /// How the route says that it refuses: ErrorResponse(), unless it has a form of its own.
  virtual net::http::Response Refusal(int status, std::string_view code,
                                      std::string_view message) const;

  /// The headers that every answer to `request` needs; take them along when answering later.
  net::http::Headers AnswerHeaders(const net::http::Request& request) const;
  const Access& access() const { return access_; }

 private:
  /// Refuses what another site's page may have made a visitor's browser send.
  std::optional<net::http::Response> RefuseForeign(const net::http::Request& request) const;
  std::optional<net::http::Response> RefuseMediaType(const net::http::Request& request) const;
  net::http::Response Preflight(const net::http::Request& request) const;
  net::http::Response With(net::http::Response response, const net::http::Request& request) const;

  const Access& access_;
  bool Serves(std::string_view method) const;

  const std::string methods_;
  const size_t max_body_bytes_;
};

/// Whether the cookies that came with `headers` count: not when a page of another site sent them,
/// by OriginList::AllowsCookies() or by what the browser says of its relation to ours.
/// Spec: Fetch Metadata Request Headers, Sec-Fetch-Site.
bool TrustsCookies(const Access& access, const net::http::Headers& headers);

/// The headers that every answer to `request` of a route of `/api/` needs.
net::http::Headers AnswerHeaders(const Access& access, const net::http::Request& request);

/// Adds `headers` to an answer.
net::http::Response WithHeaders(net::http::Response response, const net::http::Headers& headers);

/// Finds out who sends a request, by cookie or header: anonymous when there is no valid token. The
/// cookie counts only where OriginList::AllowsCookies() says so. On the exchange's shard, now or,
/// when a key has to be fetched or the broker to be asked first, later. The request counts against
/// the limits of `kind`; when it is one too many it is answered here, and `done` is dropped.
void WithCaller(const Access& access, const net::http::Exchange& exchange,
                const net::http::Request& request, UniqueFunction<void(auth::Identity)> done,
                auth::LimitKind kind = auth::LimitKind::kApi);

/// Logs that a token was refused, where it stood and who sent it.
void LogBadToken(auth::TokenError error, const char* source, std::string_view address);

}  // namespace trackwire::api
