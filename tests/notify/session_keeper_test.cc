#include "notify/session_keeper.h"

#include <gmock/gmock.h>

#include <mutex>

#include "tests/notify/pipeline.h"
#include "tests/support/shared_clock.h"

namespace trackwire::notify {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// One gateway whose tokens live by a clock that the tests move.
class SessionKeeperTest : public ::testing::Test {
 protected:
  SessionKeeperTest() { options_.clock = &clock_; }

  Pipeline& Open() {
    pipeline_ = std::make_unique<Pipeline>(options_);
    return *pipeline_;
  }
  Pipeline& OpenWithAuthRequired() {
    options_.door.require_auth = true;
    options_.keeper.require_auth = true;
    return Open();
  }
  Guest Come(const std::string& token = "", const std::string& auth = "") {
    Guest guest(pipeline_->port(), token, auth);
    EXPECT_THAT(guest.Next(), StartsWith("session"));
    return guest;
  }
  std::string TokenFor(const std::string& user, std::chrono::milliseconds lifetime = 1h,
                       std::vector<std::string> clients = {"\"acme\""}) {
    return pipeline_->Token(user, {}, std::move(clients), lifetime);
  }
  /// To the people of acme.
  void SayToAcme(int n) { pipeline_->Say("memo", n, R"(,"client_id":"acme")"); }
  Result<void> Revoke(const std::function<void(auth::Revocations::Done)>& call) {
    auto result = test::Await<std::shared_ptr<Result<void>>>([&](auto done) {
      call([done](Result<void> kept) { done(std::make_shared<Result<void>>(std::move(kept))); });
    });
    return *result;
  }

  test::SharedClock clock_;
  Pipeline::Options options_;
  std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(SessionKeeperTest, ATokenThatExpiresMakesItsSocketAnonymous) {
  Pipeline& gateway = Open();
  Guest alice = Come(TokenFor("alice", 60s));
  SayToAcme(1);
  EXPECT_EQ(alice.Next(), "memo{\"n\":1}");
  clock_.Advance(60s);
  EXPECT_EQ(alice.Next(),
            "session{\"user\":null,\"roles\":[],\"permissions\":[],\"clients\":[],"
            "\"expires_at\":null,\"recovered\":false,\"replayed\":0,\"reason\":\"expired\"}");
  SayToAcme(2);
  gateway.Say("memo", 3, ",\"socket_id\":\"" + alice.sid() + "\"");
  EXPECT_EQ(alice.Next(), "memo{\"n\":3}") << "out of the rooms, but still connected";
  EXPECT_EQ(gateway.keeper().counters().expired, 1u);
}

TEST_F(SessionKeeperTest, WhoIsSomebodyElseLeavesTheRoomsThatOthersPutThemInto) {
  Pipeline& gateway = Open();
  Guest alice = Come(TokenFor("alice"));
  gateway.nsp().SocketsJoin({{alice.sid()}, {}}, {"den"});
  gateway.nsp().Emit("hint", {"1", {}}, {"den"});
  EXPECT_EQ(alice.Next(), "hint1");
  alice.Authenticate(TokenFor("alice"));
  EXPECT_THAT(alice.Next(), HasSubstr("\"user\":\"alice\""));
  EXPECT_THAT(alice.Next(), StartsWith("431"));
  gateway.nsp().Emit("hint", {"2", {}}, {"den"});
  EXPECT_EQ(alice.Next(), "hint2") << "another token of her own";
  alice.Authenticate(TokenFor("bob"));
  EXPECT_THAT(alice.Next(), HasSubstr("\"user\":\"bob\""));
  EXPECT_THAT(alice.Next(), StartsWith("431"));
  gateway.nsp().Emit("hint", {"3", {}}, {"den"});
  SayToAcme(1);
  EXPECT_EQ(alice.Next(), "memo{\"n\":1}");
}

TEST_F(SessionKeeperTest, ATokenAcceptedByLeewayAloneEndsWithTheLeeway) {
  Open();
  const std::string token = TokenFor("alice", 10s);
  clock_.Advance(10s);
  Guest alice(pipeline_->port(), token);
  EXPECT_THAT(alice.Next(), HasSubstr("\"user\":\"alice\""));
  SayToAcme(1);
  EXPECT_EQ(alice.Next(), "memo{\"n\":1}");
  clock_.Advance(30s);
  EXPECT_THAT(alice.Next(), HasSubstr("\"reason\":\"expired\""));
}

TEST_F(SessionKeeperTest, WhereTokensAreRequiredAnExpiredSocketSeesNothingAndGoes) {
  options_.rules.public_events = {"news"};
  Pipeline& gateway = OpenWithAuthRequired();
  Guest alice = Come(TokenFor("alice", 60s));
  clock_.Advance(60s);
  EXPECT_THAT(alice.Next(), HasSubstr("\"reason\":\"expired\""));
  tracking::Tracker open;
  open.id = tracking::Id(std::string("open"));
  open.is_public = true;
  gateway.Know(open);
  EXPECT_THAT(alice.Ask("subscribe", R"({"trackers":["open"]})"),
              StartsWith(R"({"error":{"code":"unauthorized")"));
  gateway.Say("news", 1);
  gateway.Say("memo", 2, ",\"socket_id\":\"" + alice.sid() + "\"");
  clock_.Advance(10s);
  EXPECT_EQ(alice.Next(), "41") << "nothing but the end";
  EXPECT_EQ(alice.Next(), "<closed>");
  EXPECT_EQ(gateway.keeper().counters().shut_out, 1u);
}

TEST_F(SessionKeeperTest, WhoShowsAnotherTokenInTimeStays) {
  options_.shards = 1;
  OpenWithAuthRequired();
  Guest alice = Come(TokenFor("alice", 60s));
  Guest bob = Come(TokenFor("bob", 60s));
  clock_.Advance(60s);
  EXPECT_THAT(alice.Next(), HasSubstr("\"reason\":\"expired\""));
  EXPECT_THAT(bob.Next(), HasSubstr("\"reason\":\"expired\""));
  alice.Authenticate("no token");
  EXPECT_THAT(alice.Next(), HasSubstr("\"token_invalid\""));
  alice.Authenticate(TokenFor("alice"));
  EXPECT_THAT(alice.Next(), AllOf(HasSubstr("\"user\":\"alice\""),
                                  HasSubstr("\"reason\":\"authenticated\"")));
  EXPECT_THAT(alice.Next(), StartsWith("431[{\"session\":{\"user\":\"alice\""));
  clock_.Advance(10s);
  EXPECT_EQ(bob.Next(), "41") << "whose time was over at the same moment";
  SayToAcme(1);
  EXPECT_EQ(alice.Next(), "memo{\"n\":1}");
}

TEST_F(SessionKeeperTest, AVisitorSignsInOnTheOpenSocket) {
  Pipeline& gateway = Open();
  Guest visitor = Come();
  SayToAcme(1);
  visitor.Authenticate(TokenFor("alice"));
  EXPECT_THAT(visitor.Next(), AllOf(StartsWith("session{\"user\":\"alice\""),
                                    HasSubstr("\"clients\":[\"acme\"]")));
  EXPECT_THAT(visitor.Next(), AllOf(StartsWith("431[{\"session\":{\"user\":\"alice\""),
                                    Not(HasSubstr("recovered"))));
  SayToAcme(2);
  EXPECT_EQ(visitor.Next(), "memo{\"n\":2}");
  EXPECT_EQ(gateway.keeper().counters().authenticated, 1u);
}

TEST_F(SessionKeeperTest, ATokenThatDoesNotCountChangesNothing) {
  Open();
  Guest alice = Come(TokenFor("alice"));
  const std::string late = TokenFor("alice", 1s);
  clock_.Advance(31s);
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"token":"x.y.z"})", "token_invalid"}, {R"({"token":")" + late + "\"}", "token_expired"},
      {R"({"token":""})", "token_missing"},      {R"({"token":7})", "token_missing"},
      {"{}", "token_missing"},                   {"null", "token_missing"},
      {"[]", "token_missing"}};
  for (const auto& [argument, code] : cases) {
    alice.Send("25[\"authenticate\"," + argument + "]");
    EXPECT_THAT(alice.Next(), StartsWith("435[{\"error\":{\"code\":\"" + code + "\"")) << argument;
  }
  alice.Send("26[\"authenticate\"]");
  EXPECT_THAT(alice.Next(), HasSubstr("token_missing"));
  alice.Send("2[\"authenticate\",{\"token\":\"x\"}]");
  SayToAcme(1);
  EXPECT_EQ(alice.Next(), "memo{\"n\":1}") << "still herself; who wants no answer gets none";
}

TEST_F(SessionKeeperTest, WhoBecameSomebodyElseResumesAsThat) {
  Pipeline& gateway = Open();
  Guest guest = Come(TokenFor("alice"));
  guest.Authenticate(TokenFor("bob"));
  EXPECT_THAT(guest.Next(), HasSubstr("\"user\":\"bob\""));
  EXPECT_THAT(guest.Next(), StartsWith("431"));
  const std::string sid = guest.sid();
  guest.Cut();
  SayToAcme(1);
  guest.set_token(TokenFor("alice"));
  guest.Return();
  EXPECT_NE(guest.sid(), sid) << "alice is not who the session is of any more";
  EXPECT_THAT(guest.Next(), HasSubstr("\"recovered\":false"));
  EXPECT_EQ(gateway.recovery_counters().identity, 1u);

  Guest other = Come(TokenFor("alice"));
  other.Authenticate(TokenFor("bob"));
  EXPECT_THAT(other.Next(), HasSubstr("\"user\":\"bob\""));
  EXPECT_THAT(other.Next(), StartsWith("431"));
  other.Cut();
  SayToAcme(2);
  other.set_token(TokenFor("bob"));
  other.Return();
  EXPECT_EQ(other.Next(), "memo{\"n\":2}");
  EXPECT_THAT(other.Next(), HasSubstr("\"recovered\":true,\"replayed\":1"));
}

TEST_F(SessionKeeperTest, ARevokedTokenCountsNoMoreNowAndLater) {
  Pipeline& gateway = Open();
  const std::string token = TokenFor("alice");
  Guest alice = Come(token);
  Guest also_alice = Come(TokenFor("alice"));
  auth::Identity identity;
  identity.authenticated = true;
  // As an admin who reads the list would know it.
  const auto list = test::Await<Result<SessionList>>(
      [&](auto done) { gateway.directory().List("", 10, done); });
  ASSERT_EQ(list->sessions.size(), 2u);
  for (const SessionInfo& info : list->sessions) {
    if (info.sid == alice.sid()) identity = info.identity;
  }
  ASSERT_TRUE(Revoke([&](auto done) { gateway.revocations().RevokeTokenOf(identity, done); }));
  EXPECT_THAT(alice.Next(), AllOf(StartsWith("session{\"user\":null"),
                                  HasSubstr("\"reason\":\"revoked\"")));
  SayToAcme(1);
  EXPECT_EQ(also_alice.Next(), "memo{\"n\":1}") << "another token of the same user";
  alice.Authenticate(token);
  EXPECT_THAT(alice.Next(), HasSubstr("\"code\":\"token_revoked\""));
  Guest again(gateway.port(), token);
  EXPECT_THAT(again.Next(), HasSubstr("\"user\":null"));
  EXPECT_EQ(gateway.keeper().counters().revoked, 1u);
}

TEST_F(SessionKeeperTest, RevokingAUserEndsWhatWasIssuedBefore) {
  OpenWithAuthRequired();
  const std::string token = TokenFor("alice");
  Guest alice = Come(token);
  Guest bob = Come(TokenFor("bob"));
  clock_.Advance(1s);
  ASSERT_TRUE(Revoke([&](auto done) { pipeline_->revocations().RevokeUser("alice", done); }));
  EXPECT_THAT(alice.Next(), HasSubstr("\"reason\":\"revoked\""));
  Guest refused(pipeline_->port(), token);
  EXPECT_THAT(refused.connect_answer(), AllOf(StartsWith("44"), HasSubstr("token_revoked")));
  Guest anew(pipeline_->port(), TokenFor("alice"));
  EXPECT_THAT(anew.Next(), HasSubstr("\"user\":\"alice\"")) << "issued after";
  SayToAcme(1);
  EXPECT_EQ(bob.Next(), "memo{\"n\":1}");
}

TEST_F(SessionKeeperTest, LoggingOutSaysSo) {
  Pipeline& gateway = Open();
  Guest alice = Come(TokenFor("alice"));
  std::string token_id;
  const auto list = test::Await<Result<SessionList>>(
      [&](auto done) { gateway.directory().List("", 10, done); });
  token_id = list->sessions.at(0).identity.token_id;
  ASSERT_TRUE(Revoke([&](auto done) {
    gateway.revocations().LogOut(token_id, clock_.WallNow() + 1h, done);
  }));
  EXPECT_THAT(alice.Next(), HasSubstr("\"reason\":\"logged_out\""));
  EXPECT_EQ(gateway.keeper().counters().logged_out, 1u);
}

TEST_F(SessionKeeperTest, ARevocationReachesTheSocketsOfOtherGateways) {
  Pipeline& first = Open();
  Pipeline::Options options = options_;
  options.beside = &first;
  Pipeline second(options);
  Guest alice(second.port(), TokenFor("alice"));
  EXPECT_THAT(alice.Next(), HasSubstr("\"user\":\"alice\""));
  clock_.Advance(1s);
  ASSERT_TRUE(Revoke([&](auto done) { first.revocations().RevokeUser("alice", done); }));
  EXPECT_THAT(alice.Next(), HasSubstr("\"reason\":\"revoked\""));
}

/// What accounts say now, as a check of the verifier.
class AccountsTest : public SessionKeeperTest {
 protected:
  AccountsTest() {
    options_.checks.push_back([this](auth::Identity& identity) -> std::optional<auth::TokenError> {
      if (!identity.from_login) return std::nullopt;
      const std::lock_guard lock(mutex_);
      if (disabled_) return auth::TokenError::kAccountDisabled;
      identity.clients = clients_;
      return std::nullopt;
    });
  }
  void Set(std::vector<std::string> clients, bool disabled) {
    {
      const std::lock_guard lock(mutex_);
      clients_ = std::move(clients);
      disabled_ = disabled;
    }
    pipeline_->keeper().AccountsChanged();
  }

  std::mutex mutex_;  // guards what two threads look at
  std::vector<std::string> clients_{"\"acme\""};
  bool disabled_ = false;
};

TEST_F(AccountsTest, OpenSocketsFollowTheirAccounts) {
  Pipeline& gateway = Open();
  Guest ada(gateway.port(), gateway.Token("ada", {}, {}, 1h, true));
  EXPECT_THAT(ada.Next(), HasSubstr("\"clients\":[\"acme\"]"));
  Guest bob = Come(TokenFor("bob"));
  Set({"\"other\""}, false);
  EXPECT_THAT(ada.Next(), AllOf(HasSubstr("\"clients\":[\"other\"]"),
                                HasSubstr("\"reason\":\"account_changed\"")));
  SayToAcme(1);
  gateway.Say("memo", 2, R"(,"client_id":"other")");
  EXPECT_EQ(ada.Next(), "memo{\"n\":2}");
  EXPECT_EQ(bob.Next(), "memo{\"n\":1}") << "whose token is not of our login";
  Set({}, true);
  EXPECT_THAT(ada.Next(), AllOf(StartsWith("session{\"user\":null"),
                                HasSubstr("\"reason\":\"account_changed\"")));
}

TEST_F(AccountsTest, AChangeThatChangesNothingIsNotTold) {
  Pipeline& gateway = Open();
  Guest ada = Come(gateway.Token("ada", {}, {}, 1h, true));
  Set({"\"acme\""}, false);
  Set({"\"acme\""}, false);
  SayToAcme(1);
  EXPECT_EQ(ada.Next(), "memo{\"n\":1}");
}

}  // namespace
}  // namespace trackwire::notify
