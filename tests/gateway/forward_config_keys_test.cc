#include "gateway/forward_config_keys.h"

#include <gtest/gtest.h>

namespace trackwire::gateway {
namespace {

Config Shared(const std::string& listen, const std::string& internal = "",
              const std::string& url = "") {
  Config config;
  config.redis_url = "redis://127.0.0.1:1";
  config.listen = listen;
  config.gateway_internal_listen = internal;
  config.gateway_internal_url = url;
  return config;
}

/// `<listens> <told>`, `none` or the complaint.
std::string PlaceOf(const Config& config) {
  const auto place = FindInternalPlace(config);
  if (!place) return place.error().code;
  if (!*place) return "none";
  return (*place)->listen_host + ":" + std::to_string((*place)->listen_port) + " " +
         (*place)->told_host + ":" + std::to_string((*place)->told_port);
}

TEST(ForwardConfigTest, FindsWhereOthersReachIt) {
  EXPECT_EQ(PlaceOf(Shared("10.0.0.1:8080")), "10.0.0.1:0 10.0.0.1:0");
  EXPECT_EQ(PlaceOf(Shared("[::1]:8080")), "::1:0 ::1:0");
  EXPECT_EQ(PlaceOf(Shared("0.0.0.0:8080", "10.0.0.1:9000")), "10.0.0.1:9000 10.0.0.1:0");
  EXPECT_EQ(PlaceOf(Shared("0.0.0.0:8080", "", "http://10.0.0.1:9000")),
            "0.0.0.0:9000 10.0.0.1:9000");
  EXPECT_EQ(PlaceOf(Shared("0.0.0.0:8080", "0.0.0.0:9000", "http://[2001:db8::1]:80/")),
            "0.0.0.0:9000 2001:db8::1:80");
}

TEST(ForwardConfigTest, IsOffWhereItCannotBe) {
  EXPECT_EQ(PlaceOf(Config()), "none") << "alone on its broker";
  EXPECT_EQ(PlaceOf(Shared("10.0.0.1:8080", "off")), "none");
  EXPECT_EQ(PlaceOf(Shared("0.0.0.0:8080")), "none");
  EXPECT_EQ(PlaceOf(Shared("[::]:8080")), "none");
  EXPECT_EQ(PlaceOf(Shared("10.0.0.1:8080", "0.0.0.0:9000")), "none");
  EXPECT_EQ(PlaceOf(Shared("10.0.0.1:8080", "", "http://no.such.name.invalid:80")), "bad_config");
}

TEST(ForwardConfigTest, ChecksItsKeys) {
  const auto complaint = [](std::string_view name, const std::string& value) {
    Config config;
    return FindConfigKey(name)->set(config, {value, false}).value_or("");
  };
  for (const char* good : {"", "off", "10.0.0.1:9000", "[::1]:0", "host:9000"}) {
    EXPECT_EQ(complaint("gateway.internal_listen", good), "") << good;
  }
  for (const char* bad : {"on", "10.0.0.1", "host:99999", "http://host:80"}) {
    EXPECT_NE(complaint("gateway.internal_listen", bad), "") << bad;
  }
  for (const char* good : {"", "http://host:80", "http://10.0.0.1:9000/", "http://[::1]:80"}) {
    EXPECT_EQ(complaint("gateway.internal_url", good), "") << good;
  }
  for (const char* bad : {"host:80", "https://host:80", "http://host", "http://host:0",
                          "http://host:80/path"}) {
    EXPECT_NE(complaint("gateway.internal_url", bad), "") << bad;
  }
}

}  // namespace
}  // namespace trackwire::gateway
