// How the door waits for a key that has to be fetched first.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "broker/embedded/embedded_broker.h"
#include "notify/door.h"
#include "notify/session_keeper.h"
#include "socketio/server.h"
#include "tests/engineio/raw_client.h"
#include "tests/engineio/test_shards.h"
#include "tests/support/await.h"
#include "tests/support/late_keys.h"

namespace trackwire::notify {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class DoorTest : public ::testing::Test {
 protected:
  DoorTest() {
    loop_.Start();
    auto opened = broker::OpenEmbeddedBroker({}, loop_, Clock::System());
    EXPECT_TRUE(opened);
    broker_ = std::move(*opened);
  }
  ~DoorTest() override {
    shards_.Stop();
    loop_.Run([this] { broker_.reset(); });
    loop_.Stop();
  }

  void Open(bool require_auth) {
    Door::Options options;
    options.require_auth = require_auth;
    options.recovery = false;
    door_ = std::make_unique<Door>(verifier_, views_, options);
    server_ = std::make_unique<socketio::Server>(shards_.shards(), socketio::Options());
    socketio::Namespace& nsp = server_->Of("/");
    line_ = std::make_unique<OwnerLine>(*broker_, nsp);
    book_ = std::make_unique<SessionBook>(*broker_, nsp, *line_, SessionBook::Options());
    keeper_ = std::make_unique<SessionKeeper>(verifier_, views_, *book_, SessionKeeper::Options());
    door_->Guard(nsp);
    keeper_->Attach(nsp, "");
    shards_.Listen("/socket.io/", server_->handler());
  }
  /// Comes with `token`; what is read next is the answer to its CONNECT.
  testing::WsClient Guest(const std::string& token) {
    testing::WsClient client(shards_.port(), "/socket.io/?EIO=4&transport=websocket");
    EXPECT_THAT(client.ReadText(), StartsWith("0{"));
    client.Send("40{\"token\":\"" + token + "\"}");
    return client;
  }
  void WaitForLookups(size_t count) {
    EXPECT_TRUE(test::Until([&] { return keys_->waiting() == count; }));
  }

  std::shared_ptr<test::LateKeys> keys_ = std::make_shared<test::LateKeys>();
  auth::TokenVerifier verifier_{keys_, Clock::System()};
  Views views_;
  net::Loop loop_{"control"};
  std::unique_ptr<broker::Broker> broker_;
  testing::TestShards shards_{1};
  std::unique_ptr<Door> door_;
  std::unique_ptr<socketio::Server> server_;
  std::unique_ptr<OwnerLine> line_;
  std::unique_ptr<SessionBook> book_;
  std::unique_ptr<SessionKeeper> keeper_;
};

TEST_F(DoorTest, LetsASocketInWhenTheKeyOfItsTokenHasCome) {
  Open(true);
  auto alice = Guest(keys_->Token("alice"));
  WaitForLookups(1);
  keys_->End(true);
  EXPECT_THAT(alice.ReadText(), StartsWith("40{\"sid\""));
  EXPECT_THAT(alice.ReadText(), StartsWith("42[\"session\",{\"user\":\"alice\""));
  EXPECT_EQ(door_->counters().bad_tokens, 0u);
}

TEST_F(DoorTest, RefusesWhenTheKeyDoesNotCome) {
  Open(true);
  auto eve = Guest(keys_->Token("eve"));
  WaitForLookups(1);
  keys_->End(false);
  EXPECT_THAT(eve.ReadText(), HasSubstr("token_invalid"));
  EXPECT_EQ(door_->counters().bad_tokens, 1u);
}

TEST_F(DoorTest, TakesWhoHasNoKeyForAVisitorUnlessTokensAreNeeded) {
  Open(false);
  auto eve = Guest(keys_->Token("eve"));
  WaitForLookups(1);
  keys_->End(false);
  EXPECT_THAT(eve.ReadText(), StartsWith("40{\"sid\""));
  EXPECT_THAT(eve.ReadText(), StartsWith("42[\"session\",{\"user\":null"));
}

TEST_F(DoorTest, ForgetsASocketThatLeftMeanwhile) {
  Open(true);
  auto alice = Guest(keys_->Token("alice"));
  WaitForLookups(1);
  alice.Cut();
  shards_.WaitUntil(0, [&] { return shards_.shard(0).counters().connections_open == 0; });
  keys_->End(true);
  auto bob = Guest(keys_->Token("bob"));
  EXPECT_THAT(bob.ReadText(), StartsWith("40{\"sid\""));
  EXPECT_THAT(bob.ReadText(), HasSubstr("\"user\":\"bob\""));
  EXPECT_EQ(keeper_->counters().signed_in, 1u);
}

TEST_F(DoorTest, WritesNoPartOfATokenToTheLog) {
  Open(false);
  base::ConfigureLog(base::LogLevel::kDebug, base::LogFormat::kText);
  base::FlushLog();
  ::testing::internal::CaptureStderr();
  const std::string good = keys_->Token("alice");
  std::vector<std::string> tokens = {good, good + "A", "X" + good, "only.two", good.substr(9)};
  keys_->End(true);
  for (const std::string& token : tokens) {
    auto guest = Guest(token);
    EXPECT_THAT(guest.ReadText(), StartsWith("40"));
    EXPECT_THAT(guest.ReadText(), StartsWith("42"));
  }
  base::FlushLog();
  const std::string log = ::testing::internal::GetCapturedStderr();
  base::ConfigureLog(base::LogLevel::kInfo, base::LogFormat::kText);
  EXPECT_THAT(log, HasSubstr("a token was refused reason="));
  EXPECT_THAT(log, Not(HasSubstr("only.two")));
  // Any eight characters of the token in a row would be a part of it.
  for (size_t at = 0; at + 8 <= good.size(); ++at) {
    EXPECT_THAT(log, Not(HasSubstr(good.substr(at, 8))));
  }
}

}  // namespace
}  // namespace trackwire::notify
