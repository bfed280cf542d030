#include "broker/redis/redis_client.h"

#include <gtest/gtest.h>

#include "tests/broker/redis/redis_client_fixture.h"

namespace trackwire::broker {
namespace {

using test::RedisServer;
using test::Until;

TEST(RedisClientTest, RunsCommandsOverTcpAndUnixSockets) {
  RedisServer server;
  for (const std::string& url : {server.url(), server.unix_url()}) {
    TestClient client(QuickOptions(url));
    ASSERT_TRUE(client.WaitUntil(true));
    EXPECT_EQ(client.Mode(), RedisMode::kStandalone);
    EXPECT_EQ(client.Run({"SET", "key", std::string("a\0\r\n", 4)}), "OK");
    EXPECT_EQ(client.Run({"GET", "key"}), std::string("a\0\r\n", 4));
    EXPECT_EQ(client.Run({"GET", "none"}), "nil");
    EXPECT_EQ(client.Run({"NONSENSE"}).substr(0, 19), "ERR unknown command");
    EXPECT_EQ(client.Run({"CLIENT", "GETNAME"}), "trackwire");
    EXPECT_EQ(client.Counters().connects, 1u);
  }
}

TEST(RedisClientTest, LogsInAndChoosesItsDatabase) {
  RedisServer server({.password = "one", .user = "ann", .user_password = "two"});
  const std::string at = "127.0.0.1:" + std::to_string(server.port());
  TestClient ann(QuickOptions(server.url() + "/2"));
  TestClient everyone(QuickOptions("redis://:one@" + at));
  ASSERT_TRUE(ann.WaitUntil(true));
  ASSERT_TRUE(everyone.WaitUntil(true));
  EXPECT_EQ(ann.Run({"ACL", "WHOAMI"}), "ann");
  EXPECT_EQ(everyone.Run({"ACL", "WHOAMI"}), "default");
  EXPECT_EQ(ann.Run({"SET", "key", "in 2"}), "OK");
  EXPECT_EQ(everyone.Run({"GET", "key"}), "nil");
}

TEST(RedisClientTest, SaysWhyItIsNotLetIn) {
  RedisServer server({.password = "one"});
  const std::string at = "127.0.0.1:" + std::to_string(server.port());
  TestClient wrong(QuickOptions("redis://:hunter2@" + at));
  TestClient none(QuickOptions("redis://" + at));
  EXPECT_TRUE(Until([&] { return wrong.LastError().find("WRONGPASS") != std::string::npos; }));
  EXPECT_EQ(wrong.LastError().find("hunter2"), std::string::npos);
  EXPECT_TRUE(Until([&] { return none.LastError().find("NOAUTH") != std::string::npos; }));
  EXPECT_EQ(wrong.Run({"PING"}), "!unavailable");
  EXPECT_EQ(wrong.changes(), 0);
}

TEST(RedisClientTest, SpeaksTheOlderProtocolToAServerWithoutHello) {
  RedisServer server({.password = "one", .lines = {"rename-command HELLO \"\""}});
  TestClient client(QuickOptions(server.url() + "/1"));
  ASSERT_TRUE(client.WaitUntil(true));
  EXPECT_EQ(client.Run({"HSET", "key", "a", "1"}), "1");
  EXPECT_EQ(client.Run({"HGETALL", "key"}), "[a 1 ]");
  EXPECT_EQ(client.Run({"CLIENT", "GETNAME"}), "trackwire");
  EXPECT_EQ(client.Mode(), RedisMode::kStandalone);
}

TEST(RedisClientTest, KnowsAScriptAgainAfterItWasForgotten) {
  RedisServer server;
  TestClient client(QuickOptions(server.url()));
  ASSERT_TRUE(client.WaitUntil(true));
  const std::string script = "return KEYS[1] .. ARGV[1] .. ARGV[128]";
  std::vector<std::string> arguments(128, "x");
  EXPECT_EQ(client.Eval(script, {"k"}, arguments), "kxx");
  EXPECT_EQ(client.Eval(script, {"k"}, arguments), "kxx");
  EXPECT_EQ(server.Command({"SCRIPT", "FLUSH"}), "OK");
  EXPECT_EQ(client.Eval(script, {"k"}, arguments), "kxx");
  EXPECT_EQ(client.Eval("this is no script", {"k"}, {}).substr(0, 3), "ERR");
}

TEST(RedisClientTest, AnswersInTheOrderOfSendingAndNeverInsideSend) {
  RedisServer server;
  TestClient client(QuickOptions(server.url()));
  ASSERT_TRUE(client.WaitUntil(true));
  constexpr int kCount = 10'000;
  std::vector<int> answers;
  std::atomic<bool> done{false};
  client.loop().Post([&] {
    for (int i = 0; i < kCount; ++i) {
      client.client().Send({"ECHO", std::to_string(i)}, [&](const Result<RespValue>& reply) {
        answers.push_back(std::stoi(reply->text));
        if (answers.size() == kCount) done = true;
      });
    }
    EXPECT_TRUE(answers.empty());
  });
  ASSERT_TRUE(Until([&] { return done.load(); }));
  for (int i = 0; i < kCount; ++i) ASSERT_EQ(answers[i], i);
}

TEST(RedisClientTest, WaitsLongerForACommandThatBlocks) {
  RedisServer server;
  auto options = QuickOptions(server.url());
  options.reply_timeout = std::chrono::milliseconds(300);
  TestClient client(options);
  ASSERT_TRUE(client.WaitUntil(true));
  const auto reply = test::Await<std::string>([&](auto done) {
    client.loop().Post([&client, done] {
      RedisClient::Call call;
      call.arguments = {"BLPOP", "list", "0.7"};
      call.blocks_for = std::chrono::milliseconds(700);
      client.client().Send(call, [done](const Result<RespValue>& r) { done(Text(r)); });
    });
  });
  EXPECT_EQ(reply, "nil");
  EXPECT_EQ(client.changes(), 1);
}

TEST(RedisClientTest, RefusesWhatWouldPileUp) {
  RedisServer server;
  auto options = QuickOptions(server.url());
  options.reply_timeout = std::chrono::seconds(30);
  TestClient client(options);
  ASSERT_TRUE(client.WaitUntil(true));
  server.Pause();
  std::atomic<int> refused{0}, answered{0};
  client.loop().Post([&] {
    for (int i = 0; i < 20; ++i) {
      client.client().Send({"SET", "k", std::string(8 << 20, 'x')}, [&](const auto& reply) {
        EXPECT_EQ(reply ? "unavailable" : reply.error().code, "unavailable");
        ++(reply ? answered : refused);
      });
    }
  });
  ASSERT_TRUE(Until([&] { return refused > 0; }));
  server.Resume();
  ASSERT_TRUE(Until([&] { return answered + refused == 20; }));
  EXPECT_GE(answered, 8);
  EXPECT_EQ(client.Run({"PING"}), "PONG");
}

}  // namespace
}  // namespace trackwire::broker
