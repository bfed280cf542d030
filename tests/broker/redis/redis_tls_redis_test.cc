#include <gtest/gtest.h>

#include "tests/broker/redis/redis_client_fixture.h"
#include "tests/broker/redis/test_subscriber.h"

namespace trackwire::broker {
namespace {

using test::RedisServer;
using test::Until;

RedisLinkOptions TlsOptions(const RedisServer& server) {
  auto options = QuickOptions(server.tls_url());
  options.target.tls_ca_file = server.certificate_file();
  return options;
}

bool FailsWith(TestClient& client, const std::string& part) {
  return Until([&] { return client.LastError().find(part) != std::string::npos; });
}

TEST(RedisTlsTest, SpeaksTlsWithAServerItTrusts) {
  RedisServer server({.password = "one", .tls = true});
  TestClient client(TlsOptions(server));
  TestSubscriber subscriber(TlsOptions(server));
  ASSERT_TRUE(client.WaitUntil(true));
  const std::string large(3'000'000, 'x');
  EXPECT_EQ(client.Run({"SET", "key", large}), "OK");
  EXPECT_EQ(client.Run({"GET", "key"}), large);
  subscriber.Subscribe(ChannelKind::kPlain, "a");
  EXPECT_EQ(client.Run({"PUBLISH", "a", "1"}), "1");
  EXPECT_EQ(subscriber.Take(1).back(), "a a 1");
  server.Restart();
  ASSERT_TRUE(Until([&] { return client.changes() == 3; }));
  EXPECT_EQ(client.Run({"PING"}), "PONG");
}

TEST(RedisTlsTest, LeavesAServerItCannotTrust) {
  RedisServer server({.tls = true});
  RedisServer other({.tls = true});
  auto options = TlsOptions(server);
  options.target.tls_ca_file = other.certificate_file();
  TestClient client(options);
  EXPECT_TRUE(FailsWith(client, "certificate verify failed"));
  EXPECT_FALSE(client.up());

  options.target.tls_verify = false;
  TestClient trusting(options);
  EXPECT_TRUE(trusting.WaitUntil(true));
}

TEST(RedisTlsTest, ChecksTheNameInTheCertificate) {
  RedisServer server({.tls = true, .lines = {"bind 127.0.0.1 127.0.0.2"}});
  auto options = TlsOptions(server);
  options.target.addresses[0].host = "localhost";
  TestClient by_name(options);
  EXPECT_TRUE(by_name.WaitUntil(true));
  options.target.addresses[0].host = "127.0.0.2";
  TestClient by_another(options);
  EXPECT_TRUE(FailsWith(by_another, "certificate verify failed"));
}

TEST(RedisTlsTest, ShowsItsOwnCertificateWhenAsked) {
  RedisServer server({.tls = true, .tls_client_certificate = true});
  auto options = TlsOptions(server);
  TestClient without(options);
  EXPECT_TRUE(Until([&] { return !without.LastError().empty() &&
                                 without.LastError() != "not connected yet"; }));
  options.target.tls_cert_file = server.certificate_file();
  options.target.tls_key_file = server.key_file();
  TestClient with(options);
  EXPECT_TRUE(with.WaitUntil(true));
  EXPECT_FALSE(without.up());
}

TEST(RedisTlsTest, SaysWhichFileCannotBeUsed) {
  RedisServer server({.tls = true});
  auto options = TlsOptions(server);
  options.target.tls_ca_file = "/nowhere.pem";
  TestClient client(options);
  EXPECT_TRUE(FailsWith(client, "authorities"));
}

}  // namespace
}  // namespace trackwire::broker
