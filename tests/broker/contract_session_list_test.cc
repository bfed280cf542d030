#include "tests/broker/backends.h"
#include "tests/broker/contract.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;
using Keys = std::vector<std::string>;

/// Sessions as their owners renew them and as an admin sees and ends them.
class SessionListContract : public BrokerContract {
 protected:
  SessionStore& sessions() { return broker_->sessions(); }
  SessionPage List(const std::string& after = "", size_t max = 100) {
    auto page = test::Await<Result<SessionPage>>(
        [&](auto done) { sessions().List(after, max, done); });
    EXPECT_TRUE(page) << page.error().detail;
    return page ? *page : SessionPage{};
  }
  /// Follows the pages to their end.
  Keys AllKeys(size_t page_size) {
    Keys keys;
    std::string after;
    do {
      SessionPage page = List(after, page_size);
      EXPECT_LE(page.sessions.size(), page_size);
      for (const SessionEntry& entry : page.sessions) keys.push_back(entry.record.key);
      after = page.next;
    } while (!after.empty());
    return keys;
  }
  std::optional<SessionEntry> Find(const std::string& key) {
    using Found = Result<std::optional<SessionEntry>>;
    auto found = test::Await<Found>([&](auto done) { sessions().Find(key, done); });
    EXPECT_TRUE(found);
    return found ? *found : std::nullopt;
  }
  std::optional<SessionRecord> End(const std::string& key) {
    return test::Await<std::optional<SessionRecord>>(
        [&](auto done) { sessions().End(key, done); });
  }
  struct Touched {
    Keys lost;
    Keys missing;
  };
  Touched Touch(std::vector<SessionTouch> touches) {
    Touched touched;
    touched.lost = test::Await<Keys>([&](auto done) {
      sessions().Touch(std::move(touches), done, [&](Keys keys) { touched.missing = keys; });
    });
    return touched;
  }
};

TEST_P(SessionListContract, ListsRecordsInTheOrderOfTheirKeysWithoutTheirProofs) {
  sessions().Save({"b", "secret", "owner b", "value b"});
  sessions().Save({"a", "secret", "owner a", "value a"});
  sessions().Save({"c", "secret", "owner c", "value c"});
  sessions().Remove("c", "owner c");
  sessions().Expire("b", "owner b", 1min);
  const SessionPage page = List();
  ASSERT_EQ(page.sessions.size(), 2u);
  EXPECT_EQ(page.next, "");
  EXPECT_EQ(page.sessions[0].record.key, "a");
  EXPECT_EQ(page.sessions[0].record.owner, "owner a");
  EXPECT_EQ(page.sessions[0].record.value, "value a");
  EXPECT_EQ(page.sessions[0].record.proof, "");
  EXPECT_TRUE(page.sessions[0].live);
  EXPECT_EQ(page.sessions[1].record.key, "b");
  EXPECT_FALSE(page.sessions[1].live);
  ASSERT_TRUE(TakeOver("b", "new", "secret"));
  EXPECT_TRUE(List("a").sessions.at(0).live) << "its client is back";
}

TEST_P(SessionListContract, PagesNameEachRecordOnce) {
  Keys expected;
  for (int i = 100; i < 350; ++i) {
    expected.push_back("sid-" + std::to_string(i));
    sessions().Save({expected.back(), "proof", "owner", "value"});
  }
  for (const size_t size : {1u, 7u, 249u, 250u, 251u, 5'000u}) {
    EXPECT_EQ(AllKeys(size), expected) << size;
  }
  EXPECT_EQ(List("sid-348", 10).sessions.size(), 1u);
  EXPECT_TRUE(List("sid-349", 10).sessions.empty());
}

TEST_P(SessionListContract, PagesLeaveOutWhatIsGone) {
  for (int i = 0; i < 30; ++i) {
    const std::string key = "sid-" + std::to_string(100 + i);
    sessions().Save({key, "proof", "owner", ""});
    if (i % 3 == 0) sessions().Expire(key, "owner", 1s);
    if (i % 3 == 1) End(key);
  }
  Elapse(1s);
  const Keys keys = AllKeys(4);
  ASSERT_EQ(keys.size(), 10u);
  EXPECT_EQ(keys.front(), "sid-102");
  EXPECT_EQ(AllKeys(4), keys);
}

TEST_P(SessionListContract, FindsOne) {
  EXPECT_FALSE(Find("key"));
  sessions().Save({"key", "proof", "a", "x"});
  auto found = Find("key");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->record.owner, "a");
  EXPECT_EQ(found->record.value, "x");
  EXPECT_EQ(found->record.proof, "");
  EXPECT_TRUE(found->live);
  sessions().Expire("key", "a", 5s);
  EXPECT_FALSE(Find("key")->live);
  Elapse(5s);
  EXPECT_FALSE(Find("key"));
}

TEST_P(SessionListContract, TouchedRecordsLive) {
  sessions().Save({"kept", "proof", "a", "x"});
  sessions().Save({"left", "proof", "a", "x"});
  for (int i = 0; i < 4; ++i) {
    Elapse(5min);
    const Touched touched = Touch({{"kept", "a"}});
    EXPECT_TRUE(touched.lost.empty());
    EXPECT_TRUE(touched.missing.empty());
  }
  EXPECT_TRUE(Find("kept"));
  EXPECT_FALSE(Find("left")) << "its process was killed";
  EXPECT_EQ(AllKeys(10), Keys{"kept"});
}

TEST_P(SessionListContract, TouchTellsWhatWasLost) {
  for (const char* key : {"mine", "taken", "ended", "removed"}) {
    sessions().Save({key, "proof", "a", "x"});
  }
  ASSERT_TRUE(TakeOver("taken", "b"));
  ASSERT_TRUE(End("ended"));
  sessions().Remove("removed", "a");
  const std::vector<SessionTouch> all{
      {"mine", "a"}, {"taken", "a"}, {"ended", "a"}, {"removed", "a"}, {"never", "a"}};
  const Touched touched = Touch(all);
  EXPECT_EQ(touched.lost, (Keys{"taken", "ended"}));
  EXPECT_EQ(touched.missing, (Keys{"removed", "never"}));
  const Keys together = test::Await<Keys>([&](auto done) { sessions().Touch(all, done); });
  EXPECT_EQ(together.size(), 4u);
  EXPECT_TRUE(Touch({}).lost.empty());
}

TEST_P(SessionListContract, TouchingManyAnswersForAll) {
  std::vector<SessionTouch> touches;
  for (int i = 0; i < 1'700; ++i) {
    const std::string key = "sid-" + std::to_string(10'000 + i);
    sessions().Save({key, "proof", i % 100 == 0 ? "b" : "a", ""});
    touches.push_back({key, "a"});
  }
  const Touched touched = Touch(touches);
  EXPECT_EQ(touched.lost.size(), 17u);
  EXPECT_TRUE(touched.missing.empty());
}

TEST_P(SessionListContract, TouchDoesNotKeepARecordThatIsAway) {
  sessions().Save({"key", "proof", "a", "x"});
  sessions().Expire("key", "a", 120s);
  const Touched touched = Touch({{"key", "a"}});
  EXPECT_TRUE(touched.lost.empty());
  EXPECT_FALSE(Find("key")->live);
  Elapse(120s);
  EXPECT_FALSE(Find("key"));
}

TEST_P(SessionListContract, EndReturnsTheRecordOnce) {
  EXPECT_FALSE(End("key"));
  sessions().Save({"key", "proof", "a", "x"});
  const auto ended = End("key");
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->key, "key");
  EXPECT_EQ(ended->owner, "a");
  EXPECT_EQ(ended->value, "x");
  EXPECT_EQ(ended->proof, "");
  EXPECT_FALSE(End("key"));
  EXPECT_FALSE(Find("key"));
  EXPECT_TRUE(AllKeys(10).empty());
}

TEST_P(SessionListContract, AnEndedRecordStaysEnded) {
  sessions().Save({"key", "proof", "a", "x"});
  ASSERT_TRUE(End("key"));
  // Its owner has not heard of it yet.
  sessions().Save({"key", "proof", "a", "y"});
  sessions().Expire("key", "a", 120s);
  sessions().Remove("key", "a");
  EXPECT_EQ(TakeOver("key", "b").error(), TakeOverError::kUnknown);
  EXPECT_EQ(TakeOver("key", "b", "").error(), TakeOverError::kUnknown);
  EXPECT_FALSE(Find("key"));
  Elapse(1h);
  EXPECT_EQ(Touch({{"key", "a"}}).lost, Keys{"key"});
  EXPECT_FALSE(TakeOver("key", "b"));
  Elapse(24h);
  sessions().Save({"key", "proof", "c", "z"});
  EXPECT_EQ(Find("key")->record.owner, "c");
}

TEST_P(SessionListContract, EndsWhatIsAwayToo) {
  sessions().Save({"key", "proof", "a", "x"});
  sessions().Expire("key", "a", 120s);
  EXPECT_EQ(End("key")->owner, "a");
  EXPECT_EQ(TakeOver("key", "b").error(), TakeOverError::kUnknown);
}

TEST_P(SessionListContract, AReopenedBrokerListsWhatItHas) {
  sessions().Save({"a", "proof", "owner", "x"});
  sessions().Save({"b", "proof", "owner", "x"});
  sessions().Save({"c", "proof", "owner", "x"});
  ASSERT_TRUE(End("b"));
  Reopen();
  EXPECT_EQ(AllKeys(10), (Keys{"a", "c"}));
  EXPECT_EQ(TakeOver("b", "d").error(), TakeOverError::kUnknown);
  sessions().Save({"b", "proof", "owner", "y"});
  EXPECT_FALSE(Find("b"));
}

INSTANTIATE_TEST_SUITE_P(Backends, SessionListContract, testing::ValuesIn(kPersistentBackends));

}  // namespace
}  // namespace trackwire::broker
