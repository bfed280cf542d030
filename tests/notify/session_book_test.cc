#include "notify/session_book.h"

#include <gmock/gmock.h>

#include "notify/session_record.h"
#include "tests/notify/pipeline.h"

namespace trackwire::notify {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Found = Result<std::optional<broker::SessionEntry>>;

/// No secret at all: a handshake that says it takes no part.
constexpr const char* kNoRecovery = ",\"recovery\":false";

class SessionBookTest : public ::testing::Test {
 protected:
  Pipeline& Open() {
    options_.rules.public_events = {"news"};
    options_.book.gateway = "north";
    pipeline_ = std::make_unique<Pipeline>(options_);
    return *pipeline_;
  }
  Guest Come(const std::string& token = "", const std::string& auth = "") {
    Guest guest(pipeline_->port(), token, auth);
    EXPECT_THAT(guest.Next(), StartsWith("session"));
    return guest;
  }
  broker::SessionStore& store() { return pipeline_->broker().sessions(); }
  std::optional<broker::SessionEntry> Find(const std::string& sid) {
    auto found = test::Await<std::shared_ptr<Found>>([&](auto done) {
      store().Find(sid, [done](Found entry) { done(std::make_shared<Found>(std::move(entry))); });
    });
    EXPECT_TRUE(*found);
    return *found ? **found : std::nullopt;
  }
  SessionList List(const std::string& after = "", size_t max = 100) {
    auto list = test::Await<std::shared_ptr<Result<SessionList>>>([&](auto done) {
      pipeline_->directory().List(after, max, [done](Result<SessionList> sessions) {
        done(std::make_shared<Result<SessionList>>(std::move(sessions)));
      });
    });
    EXPECT_TRUE(*list);
    return *list ? **list : SessionList();
  }
  /// `done`, or the code of the error.
  static std::string End(Pipeline& gateway, const std::string& sid, bool revoke = false) {
    return test::Await<std::string>([&](auto done) {
      gateway.directory().End(sid, revoke, {"root", "127.0.0.1"}, [done](Result<void> ended) {
        done(ended ? "done" : ended.error().code);
      });
    });
  }

  Pipeline::Options options_;
  std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(SessionBookTest, EverySocketHasARecordThatSaysWhoItIs) {
  Open();
  Guest alice = Come(pipeline_->Token("alice", {"user"}, {"\"acme\"", "7"}));
  Guest visitor = Come("", kNoRecovery);
  EXPECT_EQ(visitor.pid(), "");
  const SessionList list = List();
  ASSERT_EQ(list.sessions.size(), 2u);
  EXPECT_FALSE(list.next);
  for (const SessionInfo& info : list.sessions) {
    EXPECT_EQ(info.address, "127.0.0.1");
    EXPECT_EQ(info.transport, "websocket");
    EXPECT_EQ(info.gateway, "north");
    EXPECT_FALSE(info.away);
    EXPECT_GT(info.connected_at, WallTime{});
    if (info.sid == alice.sid()) {
      EXPECT_EQ(info.identity.user, "alice");
      EXPECT_EQ(info.identity.roles, std::vector<std::string>{"user"});
      EXPECT_EQ(info.identity.clients, (std::vector<std::string>{"\"acme\"", "7"}));
      EXPECT_NE(info.identity.token_id, "");
      EXPECT_TRUE(info.identity.expires_at);
    } else {
      EXPECT_EQ(info.sid, visitor.sid());
      EXPECT_FALSE(info.identity.authenticated);
    }
  }
}

TEST_F(SessionBookTest, PagesHoldEverySessionOnce) {
  Open();
  std::vector<std::unique_ptr<Guest>> guests;
  std::set<std::string> expected;
  for (int i = 0; i < 7; ++i) {
    guests.push_back(std::make_unique<Guest>(pipeline_->port()));
    guests.back()->Next();
    expected.insert(guests.back()->sid());
  }
  std::vector<std::string> seen;
  std::optional<std::string> after = "";
  while (after) {
    const SessionList page = List(*after, 2);
    EXPECT_LE(page.sessions.size(), 2u);
    for (const SessionInfo& info : page.sessions) seen.push_back(info.sid);
    after = page.next;
  }
  EXPECT_EQ(seen, std::vector<std::string>(expected.begin(), expected.end()));
}

TEST_F(SessionBookTest, WhoMayComeBackIsAwayAndOthersAreGone) {
  Open();
  Guest resuming = Come();
  Guest plain = Come("", kNoRecovery);
  resuming.Cut();
  plain.Cut();
  EXPECT_TRUE(test::Until([&] { return !Find(plain.sid()); }));
  EXPECT_TRUE(test::Until([&] {
    const SessionList list = List();
    return list.sessions.size() == 1 && list.sessions[0].sid == resuming.sid() &&
           list.sessions[0].away;
  }));
  resuming.Return();
  EXPECT_THAT(resuming.Next(), HasSubstr("\"recovered\":true"));
  EXPECT_FALSE(List().sessions.at(0).away);
}

TEST_F(SessionBookTest, TheRecordOfWhoTakesNoPartIsTakenByNobody) {
  Open();
  Guest plain = Come("", kNoRecovery);
  for (const std::string& secret : {std::string(), std::string(kNoProof), std::string("none")}) {
    Guest thief(pipeline_->port(), "",
                ",\"pid\":\"" + plain.sid() + (secret.empty() ? "" : ".") + secret +
                    "\",\"offset\":\"" + plain.offset() + pipeline_->Say("news", 1) + "\"");
    EXPECT_NE(thief.sid(), plain.sid());
    EXPECT_NE(thief.Next(), "");
  }
  const std::string offset = pipeline_->Say("news", 2);
  Guest thief(pipeline_->port(), "",
              ",\"pid\":\"" + plain.sid() + ".none\",\"offset\":\"" + offset + "\"");
  EXPECT_NE(thief.sid(), plain.sid());
  EXPECT_GE(pipeline_->recovery_counters().identity, 1u);
}

TEST_F(SessionBookTest, RenewsWhatLivesAndWritesAnewWhatStorageLost) {
  options_.book.renew_every = 20ms;
  options_.book.step = 10ms;
  Open();
  Guest alice = Come(pipeline_->Token("alice"));
  const auto entry = Find(alice.sid());
  ASSERT_TRUE(entry);
  store().Remove(alice.sid(), entry->record.owner);
  EXPECT_TRUE(test::Until([&] { return Find(alice.sid()).has_value(); }));
  EXPECT_GE(pipeline_->book().counters().anew, 1u);
  alice.Cut();
  pipeline_->Say("memo", 1);
  alice.Return();
  EXPECT_EQ(alice.Next(), "memo{\"n\":1}") << "with all that resuming needs";
}

TEST_F(SessionBookTest, LetsGoOfWhatSomebodyElseHasThoughNobodySaidSo) {
  options_.book.renew_every = 20ms;
  options_.book.step = 10ms;
  Open();
  Guest alice = Come(pipeline_->Token("alice"));
  using Taken = Result<broker::SessionRecord, broker::TakeOverError>;
  const std::string secret = SplitPid(alice.pid()).secret;
  auth::Identity identity;
  identity.authenticated = true;
  identity.user = "alice";
  const bool taken = test::Await<bool>([&](auto done) {
    store().TakeOver(alice.sid(), ProofOf(secret, identity.Fingerprint()), "elsewhere/0.0.1",
                     [done](const Taken& record) { done(record.has_value()); });
  });
  ASSERT_TRUE(taken);
  EXPECT_EQ(alice.Next(), "<closed>") << "without a DISCONNECT packet, for its client is elsewhere";
  EXPECT_EQ(pipeline_->book().counters().lost, 1u);
}

TEST_F(SessionBookTest, DisconnectsWhatWasEndedThoughNobodySaidSo) {
  options_.book.renew_every = 20ms;
  options_.book.step = 10ms;
  Open();
  Guest alice = Come(pipeline_->Token("alice"));
  const bool ended = test::Await<bool>([&](auto done) {
    store().End(alice.sid(), [done](const auto& record) { done(record.has_value()); });
  });
  ASSERT_TRUE(ended);
  EXPECT_EQ(alice.Next(), "41");
  EXPECT_EQ(alice.Next(), "<closed>");
}

TEST_F(SessionBookTest, ASessionThatIsEndedIsOverAndCannotBeResumed) {
  Pipeline& gateway = Open();
  const std::string token = gateway.Token("alice");
  Guest alice = Come(token);
  const std::string sid = alice.sid();
  EXPECT_EQ(End(gateway, sid), "done");
  EXPECT_EQ(alice.Next(), "41") << "so that official clients do not come back by themselves";
  EXPECT_EQ(alice.Next(), "<closed>");
  EXPECT_EQ(gateway.book().counters().ended, 1u);
  EXPECT_TRUE(List().sessions.empty());
  EXPECT_EQ(End(gateway, sid), "not_found");
  EXPECT_EQ(End(gateway, "never-was", true), "not_found");
  alice.Return(gateway.Say("news", 1));
  EXPECT_NE(alice.sid(), sid);
  EXPECT_THAT(alice.Next(), HasSubstr("\"user\":\"alice\"")) << "the token still counts";
}

TEST_F(SessionBookTest, EndingReachesOtherGatewaysAndTakesTheToken) {
  Pipeline& first = Open();
  Pipeline::Options options;
  options.beside = &first;
  Pipeline second(options);
  const std::string token = first.Token("alice");
  Guest alice(second.port(), token);
  EXPECT_THAT(alice.Next(), HasSubstr("\"user\":\"alice\""));
  EXPECT_EQ(End(first, alice.sid(), true), "done");
  // Its token is revoked first, which it may still be told.
  std::string last = alice.Next();
  if (last.starts_with("session")) last = alice.Next();
  EXPECT_EQ(last, "41");
  EXPECT_EQ(alice.Next(), "<closed>");
  Guest again(first.port(), token);
  EXPECT_THAT(again.Next(), HasSubstr("\"user\":null"));
}

TEST_F(SessionBookTest, SomebodyAwayCanBeEndedToo) {
  Pipeline& gateway = Open();
  Guest alice = Come(gateway.Token("alice"));
  alice.Cut();
  EXPECT_TRUE(test::Until([&] { return List().sessions.at(0).away; }));
  const std::string sid = alice.sid();
  EXPECT_EQ(End(gateway, sid), "done");
  alice.Return();
  EXPECT_NE(alice.sid(), sid);
  EXPECT_THAT(alice.Next(), HasSubstr("\"recovered\":false"));
}

TEST_F(SessionBookTest, WhatSomebodyChoseIsWrittenAndComesBack) {
  Pipeline& gateway = Open();
  for (const char* id : {"a", "b"}) {
    tracking::Tracker tracker;
    tracker.id = tracking::Id(std::string(id));
    tracker.is_public = true;
    gateway.Know(tracker);
  }
  gateway.Say("news", 0);  // what the board learned lies before the guest
  Guest guest = Come();
  EXPECT_THAT(guest.Ask("subscribe", R"({"trackers":["a"]})"), StartsWith("{\"granted\""));
  EXPECT_TRUE(test::Until([&] {
    const auto entry = Find(guest.sid());
    return entry && entry->record.value.find(R"("chosen":{"trackers":["a"])") !=
                        std::string::npos;
  }));
  guest.Cut();
  gateway.Say("tracker_status_change", 1, R"(,"tracker_id":"b")");
  gateway.Say("tracker_status_change", 2, R"(,"tracker_id":"a")");
  guest.Return();
  EXPECT_EQ(guest.Next(), "tracker_status_change{\"n\":2}") << "missed, and chosen";
  EXPECT_THAT(guest.Next(), HasSubstr("\"recovered\":true,\"replayed\":1"));
  gateway.Say("tracker_status_change", 3, R"(,"tracker_id":"b")");
  gateway.Say("tracker_status_change", 4, R"(,"tracker_id":"a")");
  EXPECT_EQ(guest.Next(), "tracker_status_change{\"n\":4}");
}

}  // namespace
}  // namespace trackwire::notify
