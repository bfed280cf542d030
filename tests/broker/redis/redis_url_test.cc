#include "broker/redis/redis_url.h"

#include <gtest/gtest.h>

namespace trackwire::broker {
namespace {

/// All fields of a target, to compare and to read.
std::string Show(const RedisTarget& target) {
  std::string text = target.tls ? "tls " : "";
  for (const RedisAddress& address : target.addresses) {
    text += (address.is_unix ? "unix:" : "") + address.ToString() + " ";
  }
  if (!target.sentinel_master.empty()) text += "master=" + target.sentinel_master + " ";
  if (!target.user.empty()) text += "user=" + target.user + " ";
  if (!target.password.empty()) text += "password=" + target.password + " ";
  if (!target.sentinel_user.empty()) text += "suser=" + target.sentinel_user + " ";
  if (!target.sentinel_password.empty()) text += "spassword=" + target.sentinel_password + " ";
  return text + "db=" + std::to_string(target.database);
}

TEST(RedisUrlTest, ReadsWhereRedisIs) {
  const struct {
    const char* url;
    const char* target;
  } cases[] = {
      {"redis://localhost", "localhost:6379 db=0"},
      {"redis://localhost/", "localhost:6379 db=0"},
      {"redis://10.0.0.1:7000/3", "10.0.0.1:7000 db=3"},
      {"redis://:word@h", "h:6379 password=word db=0"},
      {"redis://ann:p%40ss%3A%2F@h:1", "h:1 user=ann password=p@ss:/ db=0"},
      {"redis://ann:a:b@h", "h:6379 user=ann password=a:b db=0"},
      {"redis://ann:a@b@h", "h:6379 user=ann password=a@b db=0"},
      {"redis://a:7000,b,[::1]:7002", "a:7000 b:6379 [::1]:7002 db=0"},
      {"redis://[fe80::1]", "[fe80::1]:6379 db=0"},
      {"rediss://h:65535", "tls h:65535 db=0"},
      {"unix:///run/redis.sock", "unix:/run/redis.sock db=0"},
      {"unix:///run/a%20b?db=2", "unix:/run/a b db=2"},
      {"unix://ann:word@/run/s", "unix:/run/s user=ann password=word db=0"},
      {"redis+sentinel://a,b:26380/main", "a:26379 b:26380 master=main db=0"},
      {"redis+sentinel://:w@a/main/4", "a:26379 master=main password=w db=4"},
      {"rediss+sentinel://a/m?sentinel_user=u&sentinel_password=p%26",
       "tls a:26379 master=m suser=u spassword=p& db=0"},
  };
  for (const auto& c : cases) {
    const auto target = ParseRedisUrl(c.url);
    ASSERT_TRUE(target) << c.url << ": " << target.error().detail;
    EXPECT_EQ(Show(*target), c.target) << c.url;
  }
}

TEST(RedisUrlTest, RefusesTheRestWithoutRepeatingIt) {
  const char* const urls[] = {
      "", "redis", "redis:/h", "http://h", "redis://", "redis:///1", "redis://:6379",
      "redis://hunter2@h", "redis://ann:@h", "redis://h:0", "redis://h:65536", "redis://h:hunter2",
      "redis://h:", "redis://h/hunter2", "redis://h/-1", "redis://h/1/2", "redis://h/65536",
      "redis://a,,b", "redis://a,", "redis://h?db=1", "redis://h#hunter2", "redis://[::1",
      "redis://[::1]x", "redis://[hunter2]", "redis://u:%zzhunter2@h", "redis://u:hunter2%0@h",
      "redis://h%00", "redis://a%20b", "unix://run/s", "unix://", "unix:///", "unix:///s?x=hunter2",
      "unix:///s?db=x", "redis+sentinel://h", "redis+sentinel://h/", "redis+sentinel://h/m/x",
      "redis+sentinel://h/m?hunter2", "redis+sentinel://h/m?sentinel_user=u", "redis://h?hunter2=1",
      "redis://u:hunter2/1@h",
  };
  for (const char* url : urls) {
    const auto target = ParseRedisUrl(url);
    ASSERT_FALSE(target) << url;
    EXPECT_EQ(target.error().code, "bad_url");
    EXPECT_EQ(target.error().detail.find("hunter2"), std::string::npos) << target.error().detail;
  }
  EXPECT_FALSE(ParseRedisUrl("unix:///" + std::string(107, 'x')));
}

TEST(RedisUrlTest, ShowsNoPassword) {
  const auto target = ParseRedisUrl(
      "rediss+sentinel://ann:hunter2@a,[::1]/m/2?sentinel_user=u&sentinel_password=hunter2");
  EXPECT_EQ(target->ToString(), "rediss+sentinel://ann@a:26379,[::1]:26379/m/2");
  EXPECT_EQ(ParseRedisUrl("unix:///s?db=1")->ToString(), "unix:///s?db=1");
}

}  // namespace
}  // namespace trackwire::broker
