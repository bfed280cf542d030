#include "api/login.h"

#include <utility>

#include "api/rate_check.h"
#include "auth/audit.h"
#include "auth/token_source.h"
#include "base/json_scanner.h"
#include "base/text.h"
#include "notify/user_session.h"

namespace trackwire::api {

using auth::LoginError;
using auth::PasswordLogin;
using net::http::Exchange;
using net::http::Headers;
using net::http::Request;
using net::http::Response;
using std::chrono::milliseconds;

namespace {

/// A password of the longest, every byte of it escaped, and a name.
constexpr size_t kMaxBodyBytes = 16'384;
constexpr size_t kMaxNameBytes = 256;
constexpr uint32_t kMaxBodyDepth = 4;
/// A job takes tens of milliseconds, so the queue is soon shorter.
constexpr milliseconds kWhenBusy{1'000};
constexpr std::chrono::hours kCentury{24 * 36'525};

struct Credentials {
  std::string user;
  std::string password;
  bool cookie = true;
};

std::optional<Credentials> ParseCredentials(const std::string& body) {
  const auto value = base::ScanJson(body, kMaxBodyDepth);
  if (!value || !value->is_object()) return std::nullopt;
  auto user = base::FindMember(*value, "user");
  if (!user) user = base::FindMember(*value, "email");
  const auto password = base::FindMember(*value, "password");
  if (!user || !user->is_string() || !password || !password->is_string()) return std::nullopt;
  Credentials out;
  out.user = base::DecodeJsonString(user->text);
  if (out.user.empty() || out.user.size() > kMaxNameBytes) return std::nullopt;
  if (const auto cookie = base::FindMember(*value, "cookie")) {
    out.cookie = cookie->type != base::JsonType::kFalse;
    if (out.cookie && cookie->type != base::JsonType::kTrue) return std::nullopt;
  }
  out.password = base::DecodeJsonString(password->text);
  if (out.password.size() > auth::kMaxPasswordBytes) {
    auth::Wipe(out.password);
    return std::nullopt;
  }
  return out;
}

bool IsLoopbackHost(std::string_view host) {
  const size_t colon = host.rfind(':');
  const size_t bracket = host.rfind(']');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  const std::string_view name = has_port ? host.substr(0, colon) : host;
  return base::EqualsIgnoreCase(name, "localhost") || name == "127.0.0.1" || name == "[::1]";
}

std::optional<Response> RefuseUnless(bool on) {
  if (on) return std::nullopt;
  return ErrorResponse(404, "not_found", "there is no login here; tokens come from elsewhere");
}

Response NoStore(Response response) {
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

Response FailureOf(LoginError error) {
  switch (error) {
    case LoginError::kBadCredentials:
      return ErrorResponse(401, "bad_credentials", "that name and password do not match");
    case LoginError::kBusy:
      return ErrorResponse(503, "busy", "too many are signing in at once", kWhenBusy);
    case LoginError::kUnavailable:
      break;
  }
  return ErrorResponse(503, "unavailable", "nobody can sign in just now", kWhenBusy);
}

const char* WordFor(LoginError error) {
  if (error == LoginError::kBadCredentials) return "bad_credentials";
  return error == LoginError::kBusy ? "busy" : "unavailable";
}

}  // namespace

bool NeedsSecureCookie(const Request& request) {
  // A proxy on the same machine may have been asked over TLS.
  const auto forwarded = request.headers.Find("X-Forwarded-Proto");
  return request.secure || (forwarded && !base::EqualsIgnoreCase(base::Trim(*forwarded), "http")) ||
         !IsLoopbackHost(request.headers.Find("Host").value_or(""));
}

std::string SetCookie(const std::string& name, const std::string& token,
                      std::chrono::seconds lifetime, bool secure) {
  const int64_t seconds = token.empty() ? 0 : static_cast<int64_t>(lifetime.count());
  return name + "=" + token + "; Path=/; Max-Age=" + std::to_string(seconds) +
         "; HttpOnly; SameSite=Lax" + (secure ? "; Secure" : "");
}

struct LoginEndpoint::Attempt {
  Exchange exchange;
  Headers headers;  ///< of the answer
  std::string address;
  bool secure_cookie = true;
  std::string user;
  std::string password;
  bool cookie = true;
};

LoginEndpoint::LoginEndpoint(const Access& access, const LoginDesk& desk)
    : Endpoint(access, "POST", kMaxBodyBytes), desk_(desk) {}

std::optional<Response> LoginEndpoint::Refuse(const Request&) { return RefuseUnless(desk_.on); }

void LoginEndpoint::Serve(const Exchange& exchange, const Request& request, std::string body) {
  auto credentials = ParseCredentials(body);
  auth::Wipe(body);
  if (!credentials) {
    Response response = ErrorResponse(
        400, "bad_request", "send {\"user\": text, \"password\": text, \"cookie\": true or false}");
    return exchange.Respond(WithHeaders(std::move(response), AnswerHeaders(request)));
  }
  auto attempt = std::make_shared<Attempt>();
  attempt->exchange = exchange;
  attempt->headers = AnswerHeaders(request);
  attempt->address = request.remote_address;
  attempt->secure_cookie = NeedsSecureCookie(request);
  attempt->user = std::move(credentials->user);
  attempt->password = std::move(credentials->password);
  attempt->cookie = credentials->cookie;
  if (!desk_.guard.ask) return Try(std::move(attempt));
  desk_.guard.ask(attempt->user, attempt->address,
                  [this, attempt](std::optional<milliseconds> wait) {
                    if (!wait) return Try(attempt);
                    auth::Wipe(attempt->password);
                    Finish(*attempt, "rate_limited",
                           TooManyRequests(*wait, "too many tries: wait a while"));
                  });
}

void LoginEndpoint::Try(std::shared_ptr<Attempt> attempt) const {
  std::string password = std::exchange(attempt->password, {});
  desk_.login->Try(attempt->user, std::move(password),
                   [this, attempt](Result<PasswordLogin::Admission, LoginError> outcome) {
                     Answer(*attempt, std::move(outcome));
                   });
}

void LoginEndpoint::Answer(const Attempt& attempt,
                           Result<PasswordLogin::Admission, LoginError> outcome) const {
  const bool guess = !outcome && outcome.error() == LoginError::kBadCredentials;
  if (!guess && desk_.guard.give_back) desk_.guard.give_back(attempt.user);
  if (outcome) return Finish(attempt, "done", Welcome(attempt, *outcome));
  const LoginError error = outcome.error();
  Finish(attempt, WordFor(error), FailureOf(error));
}

Response LoginEndpoint::Welcome(const Attempt& attempt,
                                const PasswordLogin::Admission& admission) const {
  auth::TokenRequest request;
  request.subject = admission.account.name;
  request.issued_at = admission.at;
  request.expires_at = std::chrono::floor<std::chrono::seconds>(admission.at + desk_.lifetime);
  request.login = true;
  const std::string token = auth::MakeToken(request, *desk_.key, desk_.rules);
  auth::Identity identity = auth::IdentityOf(admission.account);
  identity.expires_at = request.expires_at;
  std::string body = R"({"session":)" + notify::IdentityJson(identity);
  if (!attempt.cookie) {
    body += R"(,"token":)";
    base::AppendJsonString(body, token);
  }
  Response response = NoStore(Response::Json(200, body + "}"));
  if (attempt.cookie) {
    response.headers.Add("Set-Cookie", SetCookie(access().cookie, token, desk_.lifetime,
                                                 attempt.secure_cookie));
  }
  return response;
}

void LoginEndpoint::Finish(const Attempt& attempt, const char* outcome, Response response) const {
  // People write passwords into the wrong field: only names that there are go into the log.
  const auto account = desk_.users->Find(attempt.user);
  const std::string name = account == nullptr ? "(unknown)" : account->name;
  const bool in = response.status == 200;
  auth::Audit({in ? name : std::string(), attempt.address},
              {"login", name, outcome});
  attempt.exchange.PostRespond(WithHeaders(std::move(response), attempt.headers));
}

LogoutEndpoint::LogoutEndpoint(const Access& access, const LoginDesk& desk)
    : Endpoint(access, "POST", kMaxBodyBytes), desk_(desk) {}

std::optional<Response> LogoutEndpoint::Refuse(const Request&) { return RefuseUnless(desk_.on); }

void LogoutEndpoint::Serve(const Exchange& exchange, const Request& request, std::string) {
  Headers headers = AnswerHeaders(request);
  headers.Add("Cache-Control", "no-store");
  headers.Add("Set-Cookie", SetCookie(access().cookie, "", desk_.lifetime, NeedsSecureCookie(request)));
  const auto answer = [exchange, headers](Result<void> stored) {
    Response response;
    response.status = 204;
    if (!stored) {
      response = ErrorResponse(503, "unavailable", "the end of the token could not be stored",
                               kWhenBusy);
    }
    exchange.PostRespond(WithHeaders(std::move(response), headers));
  };
  WithCaller(access(), exchange, request,
             [this, answer, address = request.remote_address](auth::Identity caller) {
               if (!caller.authenticated) return answer(Ok());
               // One without an end must never come back; no clock of ours goes on for longer.
               const WallTime until = caller.expires_at.value_or(
                   access().verifier.clock().WallNow() + kCentury);
               desk_.end_token(caller.token_id, until,
                               [answer, address, caller](Result<void> stored) {
                                 const std::string outcome = stored ? "done" : stored.error().code;
                                 auth::Audit(auth::ActorOf(caller, address),
                                             {"logout", caller.user, outcome});
                                 answer(std::move(stored));
                               });
             });
}

MeEndpoint::MeEndpoint(const Access& access, const LoginDesk& desk)
    : Endpoint(access, "GET", 0), desk_(desk) {}

void MeEndpoint::Serve(const Exchange& exchange, const Request& request, std::string) {
  WithCaller(access(), exchange, request,
             [exchange, on = desk_.on, headers = AnswerHeaders(request)](auth::Identity caller) {
               std::string body = R"({"session":)" + notify::IdentityJson(caller) + R"(,"login":)";
               body += on ? "true}" : "false}";
               exchange.Respond(WithHeaders(NoStore(Response::Json(200, std::move(body))), headers));
             });
}

}  // namespace trackwire::api
