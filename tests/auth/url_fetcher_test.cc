#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "auth/jwk_set.h"
#include "auth/key_fetcher.h"
#include "auth/refreshed_key_set.h"
#include "auth/token.h"
#include "tests/auth/key_server.h"
#include "tests/auth/signer.h"
#include "tests/support/await.h"
#include "tests/support/temp_dir.h"

namespace trackwire::auth {
namespace {

using net::http::Exchange;
using net::http::Response;
using testing::KeyServer;
using testing::KeySetOf;
using testing::RawServer;
using testing::Signer;
using namespace std::chrono_literals;

std::string Loopback(uint16_t port, const std::string& scheme = "http") {
  return scheme + "://localhost:" + std::to_string(port) + "/keys";
}

std::unique_ptr<KeyFetcher> Made(const std::string& url, const UrlFetcherOptions& options = {}) {
  auto fetcher = MakeUrlFetcher(url, options);
  EXPECT_TRUE(fetcher) << fetcher.error().detail;
  return fetcher ? std::move(*fetcher) : nullptr;
}

/// What one fetch gives: the text or the code of the error.
std::string Fetched(const std::string& url, const UrlFetcherOptions& options = {}) {
  auto text = Made(url, options)->Fetch();
  return text ? *text : text.error().code;
}

TEST(UrlFetcherTest, ReadsWhatIsServed) {
  KeyServer server;
  server.On("/keys", 200, "the keys");
  const auto fetcher = Made(server.Url("/keys"));
  EXPECT_EQ(fetcher->Fetch().value_or(""), "the keys");
  server.On("/keys", 200, "other keys");
  EXPECT_EQ(fetcher->Fetch().value_or(""), "other keys");
  EXPECT_EQ(server.hits("/keys"), 2);
}

TEST(UrlFetcherTest, TakesKeysFromSafePlacesOnly) {
  for (const char* good : {"https://issuer.example/keys", "https://issuer.example:8443/a?b=c",
                           "HTTPS://Issuer.Example", "http://127.0.0.1:8080/keys",
                           "http://127.1.2.3/", "http://[::1]:8080/", "http://localhost/"}) {
    EXPECT_TRUE(CheckKeyUrl(good)) << good;
  }
  for (const char* bad :
       {"", "keys.json", "/etc/keys.json", "issuer.example/keys", "http://issuer.example/keys",
        "http://10.0.0.1/keys", "http://localhost.example/", "http://127.0.0.1.example/",
        "http://128.0.0.1/", "http://[::2]/", "ftp://127.0.0.1/keys", "file:///etc/passwd",
        "gopher://127.0.0.1/", "https://user:password@issuer.example/keys",
        "https://user@issuer.example/keys", "https://", "https://a b/",
        "https://issuer.example/\nX: y"}) {
    const auto checked = CheckKeyUrl(bad);
    ASSERT_FALSE(checked) << bad;
    EXPECT_EQ(checked.error().code, "bad_url");
    EXPECT_FALSE(MakeUrlFetcher(bad, {}));
  }
  EXPECT_FALSE(CheckKeyUrl("https://issuer.example/" + std::string(3'000, 'x')));
}

TEST(UrlFetcherTest, FollowsNobodyElsewhere) {
  KeyServer server;
  server.On("/elsewhere", 200, "somebody else's keys");
  for (const int status : {301, 302, 303, 307, 308}) {
    server.On("/keys", [&, status](const Exchange& exchange) {
      Response response = Response::Text(status, "over there");
      response.headers.Add("Location", server.Url("/elsewhere"));
      exchange.Respond(std::move(response));
    });
    EXPECT_EQ(Fetched(server.Url("/keys")), "bad_status") << status;
  }
  EXPECT_EQ(server.hits("/elsewhere"), 0);
}

TEST(UrlFetcherTest, RefusesOtherAnswers) {
  KeyServer server;
  for (const int status : {201, 204, 400, 401, 404, 500, 503}) {
    server.On("/keys", status, status == 204 ? "" : KeySetOf({}));
    EXPECT_EQ(Fetched(server.Url("/keys")), "bad_status") << status;
  }
}

TEST(UrlFetcherTest, StopsReadingWhatIsTooLong) {
  KeyServer server;
  UrlFetcherOptions options;
  options.max_bytes = 1'000;
  server.On("/keys", 200, std::string(1'000, 'x'));
  EXPECT_EQ(Fetched(server.Url("/keys"), options).size(), 1'000u);
  server.On("/keys", 200, std::string(1'001, 'x'));
  EXPECT_EQ(Fetched(server.Url("/keys"), options), "too_large");
  const RawServer endless("HTTP/1.1 200 OK\r\n\r\n" + std::string(10'000'000, 'x'));
  EXPECT_EQ(Fetched(Loopback(endless.port()), options), "too_large");
  std::string head = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 5'000; ++i) head += "X-Field: with a value of some length\r\n";
  const RawServer talker(head + "\r\n{}");
  EXPECT_EQ(Fetched(Loopback(talker.port()), options), "too_large");
}

TEST(UrlFetcherTest, UnpacksNothing) {
  KeyServer server;
  server.On("/keys", [](const Exchange& exchange) {
    Response response = Response::Text(200, "\x1f\x8b not unpacked");
    response.headers.Add("Content-Encoding", "gzip");
    exchange.Respond(std::move(response));
  });
  EXPECT_EQ(Fetched(server.Url("/keys")), "\x1f\x8b not unpacked");
}

TEST(UrlFetcherTest, GivesUpOnWhoeverDoesNotAnswer) {
  KeyServer server;
  server.On("/keys", [](const Exchange&) {});
  UrlFetcherOptions options;
  options.timeout = 50ms;
  EXPECT_EQ(Fetched(server.Url("/keys"), options), "unreachable");
}

TEST(UrlFetcherTest, RefusesAnswersThatEndTooSoon) {
  const RawServer cut("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"keys\":[");
  EXPECT_EQ(Fetched(Loopback(cut.port())), "unreachable");
  const RawServer chunk("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"ke");
  EXPECT_EQ(Fetched(Loopback(chunk.port())), "unreachable");
  const RawServer silent("");
  EXPECT_EQ(Fetched(Loopback(silent.port())), "unreachable");
  const RawServer noise("220 mail.example ESMTP\r\n");
  EXPECT_EQ(Fetched(Loopback(noise.port())), "unreachable");
  uint16_t nobody = 0;
  {
    const RawServer gone("");
    nobody = gone.port();
  }
  EXPECT_EQ(Fetched(Loopback(nobody)), "unreachable");
}

TEST(UrlFetcherTest, EndsWhenItIsCancelled) {
  KeyServer server;
  server.On("/keys", [](const Exchange&) {});
  const auto fetcher = Made(server.Url("/keys"));
  std::string code;
  std::thread fetching([&] {
    auto text = fetcher->Fetch();
    code = text ? "fetched" : text.error().code;
  });
  EXPECT_TRUE(test::Until([&] { return server.hits("/keys") == 1; }));
  fetcher->Cancel();
  fetching.join();
  EXPECT_EQ(code, "cancelled");
  EXPECT_EQ(fetcher->Fetch().error().code, "cancelled");
}

TEST(UrlFetcherTest, ChecksWhoServesOverTls) {
  const Signer& signer = Signer::Of(KeyKind::kP256);
  const std::string certificate = signer.CertificatePem();
  const RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", certificate,
                         signer.PrivatePem());
  EXPECT_EQ(Fetched(Loopback(server.port(), "https")), "unreachable") << "nobody vouches for it";
  const test::TempDir directory;
  UrlFetcherOptions options;
  options.ca_file = directory.File("ca.pem");
  std::ofstream(options.ca_file) << certificate;
  EXPECT_EQ(Fetched(Loopback(server.port(), "https"), options), "{}");
  const std::string other_name = "https://127.0.0.1:" + std::to_string(server.port()) + "/keys";
  EXPECT_EQ(Fetched(other_name, options), "unreachable") << "the certificate is for localhost";
}

TEST(UrlFetcherTest, ServesAKeySetThroughRotation) {
  const Signer& before = Signer::Of(KeyKind::kP256);
  const Signer after = Signer::Curve("P-256");
  KeyServer server;
  server.On("/keys", 200, KeySetOf({before.Jwk("2026-10")}));
  RefreshOptions options;
  options.min_interval = 0ms;
  options.absent_for = 0ms;
  const auto keys = std::make_shared<RefreshedKeySet>(
      server.Url("/keys"), Made(server.Url("/keys")), JwkOptions(), options, Clock::System());
  keys->Start();
  const TokenVerifier verifier(keys, Clock::System());
  net::Loop loop("verifying");
  loop.Start();
  const auto outcome = [&](const Signer& signer, const std::string& key_id) {
    return test::Await<std::string>([&](std::function<void(std::string)> done) {
      loop.Post([&, done] {
        verifier.VerifySoon(signer.Token(Algorithm::kEs256, "{}", key_id), loop,
                            [done](Result<Identity, TokenError> identity) {
                              done(identity ? "accepted" : ToString(identity.error()));
                            });
      });
    });
  };
  EXPECT_EQ(outcome(before, "2026-10"), "accepted");
  EXPECT_EQ(outcome(after, "2026-11"), "no_key");
  server.On("/keys", 500, "broken");
  EXPECT_EQ(outcome(after, "2026-11"), "no_key");
  EXPECT_EQ(outcome(before, "2026-10"), "accepted") << "older keys stay";
  server.On("/keys", 200, KeySetOf({before.Jwk("2026-10"), after.Jwk("2026-11")}));
  EXPECT_EQ(outcome(after, "2026-11"), "accepted");
  EXPECT_EQ(outcome(before, "2026-10"), "accepted");
  EXPECT_EQ(outcome(before, "2026-11"), "bad_signature");
  loop.Stop();
}

TEST(FileFetcherTest, ReadsTheFileAnew) {
  const test::TempDir directory;
  const std::string path = directory.File("keys.json");
  const auto fetcher = MakeFileFetcher(path, 100);
  EXPECT_EQ(fetcher->Fetch().error().code, "key_unreadable");
  std::ofstream(path) << "one";
  EXPECT_EQ(fetcher->Fetch().value_or(""), "one");
  std::ofstream(path) << "another";
  EXPECT_EQ(fetcher->Fetch().value_or(""), "another");
  std::ofstream(path) << std::string(101, 'x');
  EXPECT_EQ(fetcher->Fetch().error().code, "too_large");
  EXPECT_EQ(MakeFileFetcher(directory.File("."), 100)->Fetch().error().code, "key_unreadable");
}

}  // namespace
}  // namespace trackwire::auth
