#include "load/options.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

namespace trackwire::bench {
namespace {

TEST(AddressTest, TakesLoopbackOnly) {
  const struct {
    const char* text;
    const char* result;
  } cases[] = {
      {"http://127.0.0.1:8080", "127.0.0.1:8080"},
      {"http://127.0.0.1:8080/", "127.0.0.1:8080"},
      {"127.1.2.3:1", "127.1.2.3:1"},
      {"localhost:0", "127.0.0.1:0"},
      {"http://10.0.0.1:8080", "not_loopback"},
      {"http://192.168.1.1:80", "not_loopback"},
      {"126.255.255.255:80", "not_loopback"},
      {"128.0.0.1:80", "not_loopback"},
      {"0.0.0.0:80", "not_loopback"},
      {"example.org:80", "not_loopback"},
      {"[::1]:80", "not_loopback"},
      {"127.0.0.1.example.org:80", "not_loopback"},
      {"https://127.0.0.1:80", "not_loopback"},
      {"127.0.0.1", "bad_address"},
      {"127.0.0.1:", "bad_address"},
      {"127.0.0.1:x", "bad_address"},
      {"127.0.0.1:80x", "bad_address"},
      {"127.0.0.1:65536", "bad_address"},
      {"", "bad_address"},
  };
  for (const auto& c : cases) {
    const Result<LoopbackAddress> address = ParseLoopback(c.text);
    EXPECT_EQ(address ? address->ToString() : address.error().code, c.result) << c.text;
  }
}

TEST(OptionsTest, TheDefaultsAreFine) {
  const Result<Options> checked = CheckOptions({});
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->address.ToString(), "127.0.0.1:8080");
}

TEST(OptionsTest, NamesTheFlagThatIsWrong) {
  const struct {
    const char* flag;
    std::function<void(Options&)> spoil;
  } cases[] = {
      {"--clients", [](Options& o) { o.clients = 0; }},
      {"--threads", [](Options& o) { o.threads = 65; }},
      {"--threads", [](Options& o) { o.threads = 3, o.clients = 2; }},
      {"--connecting", [](Options& o) { o.connecting = 0; }},
      {"--publishers", [](Options& o) { o.publishers = 0; }},
      {"--publishers",
       [](Options& o) { o.publishers = 3, o.clients = 2, o.publish = PublishWay::kEvent; }},
      {"--rate", [](Options& o) { o.rate = 0; }},
      {"--rate", [](Options& o) { o.rate = std::numeric_limits<double>::quiet_NaN(); }},
      {"--window", [](Options& o) { o.window = 0; }},
      {"--batch", [](Options& o) { o.batch = o.window + 1; }},
      {"--payload-bytes", [](Options& o) { o.payload_bytes = 10; }},
      {"--trackers", [](Options& o) { o.trackers = 0; }},
      {"--trackers", [](Options& o) { o.trackers = 10, o.mode = Mode::kSaturated; }},
      {"--duration", [](Options& o) { o.duration = 4000; }},
      {"--duration", [](Options& o) { o.duration = std::numeric_limits<double>::quiet_NaN(); }},
      {"--token", [](Options& o) { o.publish = PublishWay::kHttp; }},
      {"--token", [](Options& o) { o.token = "a\r\nX: b"; }},
      {"--cookie", [](Options& o) { o.cookie = "a\nb"; }},
      {"--client-token", [](Options& o) { o.client_token = "a\"b"; }},
      {"--path", [](Options& o) { o.path = "socket.io"; }},
      {"--path", [](Options& o) { o.path = "/a b"; }},
      {"--event", [](Options& o) { o.event = "a\"b"; }},
      {"--memory-at",
       [](Options& o) {
         o.memory_at = {5, 3}, o.server_pids = {1};
       }},
      {"--memory-at", [](Options& o) { o.memory_at = {500}, o.server_pids = {1}; }},
      {"--server-pid", [](Options& o) { o.memory_at = {50}; }},
      {"--target", [](Options& o) { o.target = "http://10.0.0.1:80"; }},
      {"--target", [](Options& o) { o.target = "http://127.0.0.1:80,"; }},
      {"--target", [](Options& o) { o.target = "http://127.0.0.1:80,https://127.0.0.1:81"; }},
      {"--stalled", [](Options& o) { o.stalled = o.clients; }},
      {"--redis", [](Options& o) { o.publish = PublishWay::kRedis; }},
      {"--redis", [](Options& o) { o.redis = "unix://"; }},
      {"--redis", [](Options& o) { o.redis = "10.0.0.1:6379"; }},
      {"--box-degrees", [](Options& o) { o.box_degrees = -1; }},
      {"--box-degrees",
       [](Options& o) {
         o.box_degrees = 5, o.mode = Mode::kSaturated, o.publish = PublishWay::kHttp, o.token = "t";
       }},
      {"--rooms", [](Options& o) { o.rooms = 5, o.trackers = 6; }},
      {"--rooms", [](Options& o) { o.rooms = 5, o.trackers = 5, o.box_degrees = 5; }},
      {"--missed", [](Options& o) { o.missed = 5; }},
      {"--returning", [](Options& o) { o.returning = 5; }},
      {"--missed",
       [](Options& o) { o.missed = 5, o.storm = true, o.publish = PublishWay::kEvent; }},
      {"--missed",
       [](Options& o) {
         o.missed = 5, o.storm = true, o.publish = PublishWay::kHttp, o.token = "t";
         o.recovery = false;
       }},
      {"--storm", [](Options& o) { o.storm = true, o.stalled = 1; }},
      {"--cookies", [](Options& o) { o.cookie_file = "/nonexistent/cookies"; }},
  };
  for (const auto& c : cases) {
    Options options;
    c.spoil(options);
    const Result<Options> checked = CheckOptions(options);
    ASSERT_FALSE(checked) << c.flag;
    EXPECT_NE(checked.error().detail.find(c.flag), std::string::npos) << checked.error().detail;
  }
}

TEST(OptionsTest, TakesSeveralTargets) {
  Options options;
  options.target = "http://127.0.0.1:81,127.0.0.2:82";
  const Result<Options> checked = CheckOptions(options);
  ASSERT_TRUE(checked);
  ASSERT_EQ(checked->addresses.size(), 2u);
  EXPECT_EQ(checked->addresses[1].ToString(), "127.0.0.2:82");
  EXPECT_EQ(checked->tls, nullptr);
}

TEST(OptionsTest, HttpsMeansTls) {
  Options options;
  options.target = "https://127.0.0.1:81";
  const Result<Options> checked = CheckOptions(options);
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->address.ToString(), "127.0.0.1:81");
  EXPECT_NE(checked->tls, nullptr);
}

TEST(OptionsTest, FindsRedisByPathOrAddress) {
  Options options;
  options.redis = "unix:///run/redis.sock";
  EXPECT_EQ(CheckOptions(options).value_or(Options{}).redis_path, "/run/redis.sock");
  options.redis = "127.0.0.1:6380";
  EXPECT_EQ(CheckOptions(options).value_or(Options{}).redis_address.port, 6380);
}

TEST(OptionsTest, CountsTheFilesARunNeeds) {
  Options options;
  options.clients = 1000;
  const size_t without = FilesNeeded(options);
  EXPECT_GT(without, 1000u);
  options.publish = PublishWay::kHttp;
  options.publishers = 4;
  EXPECT_EQ(FilesNeeded(options), without + 4);
}

}  // namespace
}  // namespace trackwire::bench
