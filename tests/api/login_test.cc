#include "api/login.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "auth/password.h"
#include "tests/engineio/raw_client.h"
#include "tests/engineio/test_shards.h"
#include "tests/support/shared_clock.h"

namespace trackwire::api {
namespace {

using std::chrono::milliseconds;

const auth::PasswordCost kCheap{64, 1};

/// The three routes over real parts, but for the store, which takes everything.
class LoginTest : public ::testing::Test {
 protected:
  LoginTest() {
    verifier_.AddCheck([this](auth::Identity& identity) { return users_.Check(identity); });
    auth::Account ada;
    ada.name = "Ada";
    ada.password_hash = *auth::HashPassword("correct horse", kCheap);
    ada.roles = {"user"};
    ada.clients = {"7"};
    ada.tokens_valid_from = clock_.WallNow();
    users_.Replace({ada});
    desk_.on = true;
    desk_.login = &login_;
    desk_.users = &users_;
    desk_.key = key_;
    desk_.lifetime = std::chrono::hours(12);
  }
  ~LoginTest() override { shards_.Stop(); }

  void Listen() {
    router_.login = std::make_unique<LoginEndpoint>(access_, desk_);
    router_.logout = std::make_unique<LogoutEndpoint>(access_, desk_);
    router_.me = std::make_unique<MeEndpoint>(access_, desk_);
    shards_.Listen("/api/", &router_);
  }
  testing::Reply Do(const std::string& method, const std::string& path,
                    std::vector<std::string> headers = {}, const std::string& body = "") {
    headers.push_back("Content-Type: application/json");
    return testing::HttpClient(shards_.port()).Do(method, path, headers, body);
  }
  testing::Reply Login(const std::string& user, const std::string& password) {
    return Do("POST", "/api/login", {},
              R"({"user":")" + user + R"(","password":")" + password + R"(","cookie":false})");
  }
  static std::string TokenIn(const testing::Reply& reply) {
    const std::string mark = R"("token":")";
    const size_t start = reply.body.find(mark) + mark.size();
    return reply.body.substr(start, reply.body.find('"', start) - start);
  }

  /// Hands requests to the route of their path.
  struct Routes final : net::http::Handler {
    Endpoint& Of(const net::http::Request& request) {
      if (request.path == "/api/login") return *login;
      if (request.path == "/api/logout") return *logout;
      return *me;
    }
    net::http::Body OnRequest(const net::http::Exchange& exchange,
                              const net::http::Request& request) override {
      return Of(request).OnRequest(exchange, request);
    }
    void OnBody(const net::http::Exchange& exchange, const net::http::Request& request,
                std::string body) override {
      Of(request).OnBody(exchange, request, std::move(body));
    }
    std::unique_ptr<LoginEndpoint> login;
    std::unique_ptr<LogoutEndpoint> logout;
    std::unique_ptr<MeEndpoint> me;
  };

  test::SharedClock clock_;
  std::shared_ptr<const auth::SecretKey> key_ = std::make_shared<auth::SecretKey>(
      "a secret for the tests of login", std::vector<auth::Algorithm>{auth::Algorithm::kHs256});
  auth::TokenVerifier verifier_{std::make_shared<auth::SecretKeySet>(key_), clock_};
  Access access_{verifier_, {}, "access_token", false};
  auth::UserDirectory users_;
  auth::PasswordLogin login_{
      users_, kCheap,
      [this](auth::Account account, std::optional<std::string>, auth::PasswordLogin::Done done) {
        done(auth::PasswordLogin::Admission{std::move(account), clock_.WallNow()});
      }};
  LoginDesk desk_;
  Routes router_;
  testing::TestShards shards_{1};
};

TEST_F(LoginTest, GivesOutATokenThatIsTakenBackByItsName) {
  std::mutex mutex;  // guards what follows
  std::string ended;
  WallTime until{};
  desk_.end_token = [&](const std::string& token_id, WallTime at,
                        std::function<void(Result<void>)> done) {
    {
      const std::lock_guard lock(mutex);
      ended = token_id;
      until = at;
    }
    done(Ok());
  };
  Listen();
  const auto reply = Login("ada", "correct horse");
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("Set-Cookie"), std::nullopt);
  const std::string bearer = "Authorization: Bearer " + TokenIn(reply);
  const auto identity = verifier_.Verify(TokenIn(reply));
  ASSERT_TRUE(identity);
  EXPECT_TRUE(identity->from_login);
  EXPECT_EQ(identity->user, "Ada");
  const auto me = Do("GET", "/api/me", {bearer});
  EXPECT_EQ(me.body, R"({"session":{"user":"Ada","roles":["user"],"permissions":[],"clients":[7],)"
                     R"("expires_at":"2023-11-15T10:13:20.000Z"},"login":true})");

  EXPECT_EQ(Do("POST", "/api/logout").status, 204) << "nobody";
  EXPECT_EQ(ended, "");
  const auto out = Do("POST", "/api/logout", {bearer});
  EXPECT_EQ(out.status, 204);
  EXPECT_EQ(out.Header("Set-Cookie"),
            "access_token=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
  const std::lock_guard lock(mutex);
  EXPECT_EQ(ended, identity->token_id);
  EXPECT_EQ(until, *identity->expires_at);
}

TEST_F(LoginTest, SaysWhenTheEndOfATokenIsNotStored) {
  desk_.end_token = [](const std::string&, WallTime, std::function<void(Result<void>)> done) {
    done(Err("unavailable", "no"));
  };
  Listen();
  const auto out = Do("POST", "/api/logout",
                      {"Authorization: Bearer " + TokenIn(Login("ada", "correct horse"))});
  EXPECT_EQ(out.status, 503);
  EXPECT_EQ(out.Header("Retry-After"), "1");
  EXPECT_NE(out.body.find(R"("code":"unavailable")"), std::string::npos);
  EXPECT_TRUE(out.Header("Set-Cookie")) << "the browser forgets it all the same";
}

TEST_F(LoginTest, AsksTheGuardFirstAndCountsOnlyGuessesAgainstTheUser) {
  std::mutex mutex;  // guards what follows
  std::vector<std::string> asked;
  std::vector<std::string> given_back;
  desk_.guard.ask = [&](const std::string& user, const std::string& address, LoginGuard::Asked done) {
    const std::lock_guard lock(mutex);
    asked.push_back(user + "@" + address);
    if (user == "mallory") return done(milliseconds(2'500));
    done(std::nullopt);
  };
  desk_.guard.give_back = [&](const std::string& user) {
    const std::lock_guard lock(mutex);
    given_back.push_back(user);
  };
  Listen();
  EXPECT_EQ(Login("ada", "correct horse").status, 200);
  EXPECT_EQ(Login("ada", "wrong horse").status, 401);
  EXPECT_EQ(Login("eve", "correct horse").status, 401);
  const auto limited = Login("mallory", "correct horse");
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.Header("Retry-After"), "3");
  EXPECT_NE(limited.body.find(R"("code":"rate_limited")"), std::string::npos);
  EXPECT_NE(limited.body.find(R"("retry_after":3)"), std::string::npos);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(asked, (std::vector<std::string>{"ada@127.0.0.1", "ada@127.0.0.1", "eve@127.0.0.1",
                                             "mallory@127.0.0.1"}));
  EXPECT_EQ(given_back, std::vector<std::string>{"ada"});
}

TEST_F(LoginTest, IsNotThereWhenItIsOff) {
  desk_ = LoginDesk{};
  Listen();
  EXPECT_EQ(Login("ada", "correct horse").status, 404);
  EXPECT_EQ(Do("POST", "/api/logout").status, 404);
  EXPECT_EQ(Do("GET", "/api/me").body,
            R"({"session":{"user":null,"roles":[],"permissions":[],"clients":[],)"
            R"("expires_at":null},"login":false})");
}

TEST_F(LoginTest, OutlivesAClientThatLeaves) {
  std::atomic<int> asked{0};
  std::mutex mutex;  // guards `waiting`
  std::vector<LoginGuard::Asked> waiting;
  desk_.guard.ask = [&](const std::string&, const std::string&, LoginGuard::Asked done) {
    const std::lock_guard lock(mutex);
    waiting.push_back(std::move(done));
    ++asked;
  };
  Listen();
  {
    testing::HttpClient client(shards_.port());
    client.Start("POST", "/api/login", {"Content-Type: application/json"},
                 R"({"user":"ada","password":"correct horse"})");
    shards_.WaitUntil(0, [&] { return asked == 1; });
    client.connection().Reset();
  }
  shards_.WaitUntil(0, [this] { return shards_.shard(0).counters().connections_open == 0; });
  {
    const std::lock_guard lock(mutex);
    waiting.front()(std::nullopt);
    waiting.clear();
  }
  desk_.guard.ask = nullptr;
  EXPECT_EQ(Login("ada", "correct horse").status, 200);
}

TEST(SetCookieTest, GoesOverTlsAloneUnlessTheServerIsThisMachine) {
  const auto needs = [](const std::string& host, const std::string& proto, bool secure) {
    net::http::Request request;
    request.headers.Add("Host", host);
    if (!proto.empty()) request.headers.Add("X-Forwarded-Proto", proto);
    request.secure = secure;
    return NeedsSecureCookie(request);
  };
  for (const char* host : {"localhost", "LocalHost:80", "127.0.0.1", "127.0.0.1:8080", "[::1]",
                           "[::1]:8080"}) {
    EXPECT_FALSE(needs(host, "", false)) << host;
    EXPECT_FALSE(needs(host, "http", false)) << host;
    EXPECT_TRUE(needs(host, "", true)) << host;
    EXPECT_TRUE(needs(host, "https", false)) << host;
    EXPECT_TRUE(needs(host, "https, http", false)) << host;
  }
  for (const char* host : {"", "example.org", "localhost.example.org", "127.0.0.1.example.org",
                           "127.0.0.2", "::1", "[::1", "[::11]"}) {
    EXPECT_TRUE(needs(host, "", false)) << host;
  }
  EXPECT_EQ(SetCookie("t", "a.b.c", std::chrono::hours(1), true),
            "t=a.b.c; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure");
}

}  // namespace
}  // namespace trackwire::api
