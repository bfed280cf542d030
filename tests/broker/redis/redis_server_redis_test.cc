#include <gtest/gtest.h>

#include "tests/support/redis_server.h"

namespace trackwire::test {
namespace {

TEST(RedisServerTest, KeepsItsDataWhenKilledAndRestarted) {
  RedisServer server;
  EXPECT_EQ(server.Command({"SET", "key", "it's"}), "OK");
  server.Kill();
  EXPECT_FALSE(server.running());
  server.Restart();
  EXPECT_EQ(server.Command({"GET", "key"}), "it's");
  server.Pause();
  server.Resume();
  server.Stop();
  server.Restart();
  EXPECT_EQ(server.Command({"GET", "key"}), "it's");
}

TEST(RedisServerTest, AsksForThePassword) {
  RedisServer server({.password = "secret", .user = "ann", .user_password = "word"});
  EXPECT_EQ(server.Command({"ACL", "WHOAMI"}), "ann");
  EXPECT_EQ(server.url(), "redis://ann:word@127.0.0.1:" + std::to_string(server.port()));
}

}  // namespace
}  // namespace trackwire::test
