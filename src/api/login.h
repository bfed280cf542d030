#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/endpoint.h"
#include "auth/key_set.h"
#include "auth/password_login.h"
#include "base/unique_function.h"

namespace trackwire::api {

/// How often somebody may try a password. Any thread.
struct LoginGuard {
  /// `done` runs once, on any thread: nothing, or how long to wait before the next try.
  using Asked = UniqueFunction<void(std::optional<std::chrono::milliseconds> wait)>;
  /// Before a password is looked at, whether there is such a user or not: counts the try.
  std::function<void(const std::string& user, const std::string& address, Asked done)> ask;
  /// The try was no guess: it shall not count against the user.
  std::function<void(const std::string& user)> give_back;
};

/// Ends a token, by its id, that would count until `until` at the longest. `done` runs once, on any
/// thread, when that is stored, or could not be.
using EndToken = std::function<void(const std::string& token_id, WallTime until,
                                    std::function<void(Result<void>)> done)>;

/// What the routes of login work with. Constant while the server runs.
struct LoginDesk {
  bool on = false;  ///< off: the others are not used, and there may be nothing in them
  auth::PasswordLogin* login = nullptr;
  const auth::UserDirectory* users = nullptr;
  std::shared_ptr<const auth::SecretKey> key;  ///< signs the tokens
  auth::ClaimRules rules;
  std::chrono::seconds lifetime{0};  ///< of a token
  LoginGuard guard;                  ///< parts may be empty
  EndToken end_token;
};

/// `POST /api/login`: `{"user" or "email", "password", "cookie"?}` is answered `{"session"}` and a
/// cookie that scripts cannot read, or, when `cookie` is false, `{"session", "token"}`.
///
/// 401 `bad_credentials` for all who are not let in, 429 `rate_limited`, 503 `busy` or
/// `unavailable`, 404 when login is off.
class LoginEndpoint final : public Endpoint {
 public:
  /// Both outlive it.
  LoginEndpoint(const Access& access, const LoginDesk& desk);

 protected:
  std::optional<net::http::Response> Refuse(const net::http::Request& request) override;
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  struct Attempt;
  void Try(std::shared_ptr<Attempt> attempt) const;
  void Answer(const Attempt& attempt,
              Result<auth::PasswordLogin::Admission, auth::LoginError> outcome) const;
  net::http::Response Welcome(const Attempt& attempt,
                              const auth::PasswordLogin::Admission& admission) const;
  void Finish(const Attempt& attempt, const char* outcome, net::http::Response response) const;

  const LoginDesk& desk_;
};

/// `POST /api/logout`: ends the presented token and takes the cookie back; 204, also when there was
/// none. 503 when the end of the token could not be stored.
class LogoutEndpoint final : public Endpoint {
 public:
  LogoutEndpoint(const Access& access, const LoginDesk& desk);

 protected:
  std::optional<net::http::Response> Refuse(const net::http::Request& request) override;
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  const LoginDesk& desk_;
};

/// `GET /api/me`: `{"session", "login"}`, who the caller is and whether one can sign in here.
class MeEndpoint final : public Endpoint {
 public:
  MeEndpoint(const Access& access, const LoginDesk& desk);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  const LoginDesk& desk_;
};

/// Whether a cookie given to `request` may go over TLS alone: always, but for who talks to this
/// machine from itself without TLS, where browsers would drop such a cookie.
bool NeedsSecureCookie(const net::http::Request& request);

/// The value of Set-Cookie that hands `token` out for `lifetime`; an empty one takes it back.
/// Spec: RFC 6265 section 4.1.
std::string SetCookie(const std::string& name, const std::string& token,
                      std::chrono::seconds lifetime, bool secure);

}  // namespace trackwire::api
