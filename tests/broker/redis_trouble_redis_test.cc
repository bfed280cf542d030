// What a crowded link, a restricted user, a full server or a careless neighbour must not spoil.
#include "tests/broker/redis_gateways.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;

using AppendResult = Result<std::vector<Appended>>;
using TakeOverResult = Result<SessionRecord, TakeOverError>;

class RedisTroubleTest : public RedisGateways {
 protected:
  /// Until the link of the commands refuses what is sent next. The server must be paused.
  static void Crowd(Gateway& gateway) {
    const std::string large(1u << 20, 'x');
    for (int i = 0; i < 60; ++i) gateway.broker().pub_sub().Publish("large", large);
    for (int i = 0; i < 8; ++i) gateway.broker().cache().Put("large", large, 1min);
  }
  /// A user who may do everything but what `rules` take away.
  std::string UserUrl(const std::string& rules) {
    std::vector<std::string> command{"ACL", "SETUSER", "poor", "on", ">secret", "~*", "&*", "+@all"};
    command.push_back(rules);
    EXPECT_EQ(server_.Command(command), "OK");
    return "redis://poor:secret@127.0.0.1:" + std::to_string(server_.port());
  }
  std::unique_ptr<Broker> OpenAs(const std::string& rules) {
    RedisBrokerOptions options = Options();
    options.link.target = ParseRedisUrl(UserUrl(rules)).value();
    auto opened = OpenRedisBroker(std::move(options), loop_, Clock::System());
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(*opened);
  }
};

TEST_F(RedisTroubleTest, ABatchThatTheLinkRefusesIsSentAgain) {
  Gateway& gateway = AddGateway();
  server_.Pause();
  std::atomic<int> stored{0};
  const auto append = [&](const std::string& text) {
    gateway.broker().log().Append({{text, "", {}}}, [&](const AppendResult& r) {
      if (r) ++stored;
    });
    loop_.Run([] {});
  };
  append("{\"n\":0}");
  Crowd(gateway);
  append("{\"n\":1}");
  append("{\"n\":2}");
  loop_.Run([] {});
  server_.Resume();
  EXPECT_TRUE(test::Until([&] { return stored == 3; }));
  Settle();
  EXPECT_EQ(Counted(gateway), Once("{\"n\":", "}", 3));
}

TEST_F(RedisTroubleTest, ASessionCallThatTheLinkRefusesIsSentAgain) {
  Gateway& gateway = AddGateway();
  SessionStore& sessions = gateway.broker().sessions();
  server_.Pause();
  sessions.Save({"before", "proof", "a", "1"});
  loop_.Run([] {});
  Crowd(gateway);
  sessions.Save({"behind", "proof", "a", "2"});
  loop_.Run([] {});
  server_.Resume();
  EXPECT_TRUE(test::Until([&] {
    return server_.Command({"HGET", "socket:session:behind", "value"}) == "2";
  }));
  const auto record = test::Await<TakeOverResult>(
      [&](auto done) { sessions.TakeOver("before", "proof", "b", done); });
  EXPECT_EQ(record->value, "1");
}

}  // namespace
}  // namespace trackwire::broker
