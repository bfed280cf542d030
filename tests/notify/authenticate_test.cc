// Tokens on the open socket whose keys take their time.
#include <gmock/gmock.h>

#include "tests/notify/pipeline.h"
#include "tests/support/late_keys.h"
#include "tests/support/shared_clock.h"

namespace trackwire::notify {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class AuthenticateTest : public ::testing::Test {
 protected:
  AuthenticateTest() {
    Pipeline::Options options;
    options.clock = &clock_;
    options.more_keys = keys_;
    gateway_ = std::make_unique<Pipeline>(options);
  }
  /// Shows a token and returns when the server has begun to look for its key.
  void ShowLate(Guest& guest, const std::string& user, int id) {
    const size_t before = keys_->waiting();
    Show(guest, keys_->Token(user), id);
    EXPECT_TRUE(test::Until([&] { return keys_->waiting() == before + 1; }));
  }
  static void Show(Guest& guest, const std::string& token, int id) {
    guest.Send("2" + std::to_string(id) + "[\"authenticate\",{\"token\":\"" + token + "\"}]");
  }

  test::SharedClock clock_;
  std::shared_ptr<test::LateKeys> keys_ = std::make_shared<test::LateKeys>();
  std::unique_ptr<Pipeline> gateway_;
};

TEST_F(AuthenticateTest, WaitsForTheKeyOfAToken) {
  Guest guest(gateway_->port());
  EXPECT_THAT(guest.Next(), HasSubstr("\"user\":null"));
  ShowLate(guest, "alice", 1);
  keys_->End(true);
  EXPECT_THAT(guest.Next(), AllOf(StartsWith("session{\"user\":\"alice\""),
                                  HasSubstr("\"reason\":\"authenticated\"")));
  EXPECT_THAT(guest.Next(), StartsWith("431[{\"session\""));
}

TEST_F(AuthenticateTest, TheLastOneSentWinsWhicheverIsVerifiedFirst) {
  Guest guest(gateway_->port());
  guest.Next();
  ShowLate(guest, "alice", 1);
  Show(guest, gateway_->Token("bob"), 2);
  EXPECT_THAT(guest.Next(), StartsWith("session{\"user\":\"bob\""));
  EXPECT_THAT(guest.Next(), StartsWith("432[{\"session\""));
  keys_->End(true);
  EXPECT_THAT(guest.Next(), StartsWith("431[{\"error\":{\"code\":\"superseded\""));
  gateway_->Say("memo", 1);
  EXPECT_EQ(guest.Next(), "memo{\"n\":1}");
}

TEST_F(AuthenticateTest, ALaterOneThatIsBadDoesNotStandInTheWay) {
  Guest guest(gateway_->port());
  guest.Next();
  ShowLate(guest, "alice", 1);
  Show(guest, "not.a.token", 2);
  EXPECT_THAT(guest.Next(), StartsWith("432[{\"error\":{\"code\":\"token_invalid\""));
  keys_->End(true);
  EXPECT_THAT(guest.Next(), StartsWith("session{\"user\":\"alice\""));
  EXPECT_THAT(guest.Next(), StartsWith("431[{\"session\""));
}

TEST_F(AuthenticateTest, AKeyThatNeverComesChangesNothing) {
  Guest guest(gateway_->port(), gateway_->Token("bob"));
  guest.Next();
  ShowLate(guest, "alice", 1);
  keys_->End(false);
  EXPECT_THAT(guest.Next(), StartsWith("431[{\"error\":{\"code\":\"token_invalid\""));
  gateway_->Say("memo", 1);
  EXPECT_EQ(guest.Next(), "memo{\"n\":1}");
}

TEST_F(AuthenticateTest, TheOldTokenMayExpireMeanwhile) {
  Guest guest(gateway_->port(), gateway_->Token("bob", {}, {}, 60s));
  guest.Next();
  ShowLate(guest, "alice", 1);
  clock_.Advance(60s);
  EXPECT_THAT(guest.Next(), HasSubstr("\"reason\":\"expired\""));
  keys_->End(true);
  EXPECT_THAT(guest.Next(), StartsWith("session{\"user\":\"alice\""));
  EXPECT_THAT(guest.Next(), StartsWith("431[{\"session\""));
}

TEST_F(AuthenticateTest, TheClientMayBeGoneMeanwhile) {
  Guest guest(gateway_->port());
  guest.Next();
  ShowLate(guest, "alice", 1);
  guest.Cut();
  const auto sockets = [&] {
    size_t count = 0;
    for (net::Shard* shard : gateway_->shards().shards()) {
      shard->Run([&] { count += gateway_->nsp().socket_count(*shard); });
    }
    return count;
  };
  EXPECT_TRUE(test::Until([&] { return sockets() == 0; }));
  keys_->End(true);
  Guest next(gateway_->port(), keys_->Token("carol"));
  EXPECT_THAT(next.Next(), HasSubstr("\"user\":\"carol\""));
  EXPECT_EQ(gateway_->keeper().counters().authenticated, 0u);
}

}  // namespace
}  // namespace trackwire::notify
