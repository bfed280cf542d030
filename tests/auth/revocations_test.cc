#include "auth/revocations.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "broker/embedded/embedded_broker.h"
#include "tests/support/await.h"
#include "tests/support/shared_clock.h"
#include "tests/support/temp_dir.h"

namespace trackwire::auth {
namespace {

using namespace std::chrono_literals;
using Kind = Revocations::Kind;

/// A list that answers as it is told to, on the loop.
class ScriptedList final : public broker::RevocationList {
 public:
  explicit ScriptedList(net::Loop& loop) : loop_(loop) {}

  void Revoke(broker::Revocation revocation, RevokeDone done) override {
    loop_.Post([this, revocation, answer = std::move(done)] {
      if (!up) return answer(Err("unavailable", "told so"));
      kept.push_back(revocation);
      answer(Ok());
    });
  }
  void List(ListDone done) override {
    ++lists;
    loop_.Post([this, answer = std::move(done)] {
      if (!up) return answer(Err("unavailable", "told so"));
      answer(kept);
    });
  }
  void OnChange(Handler handler) override { handler_ = std::move(handler); }
  void Tell(const std::optional<broker::Revocation>& change) { handler_(change); }

  std::atomic<bool> up{true};
  std::atomic<int> lists{0};
  std::vector<broker::Revocation> kept;  ///< the loop's

 private:
  net::Loop& loop_;
  Handler handler_;
};

Identity Bearer(const std::string& user, const std::string& token_id,
                std::optional<WallTime> issued_at, std::optional<WallTime> expires_at) {
  Identity identity;
  identity.authenticated = true;
  identity.user = user;
  identity.token_id = token_id;
  identity.issued_at = issued_at;
  identity.expires_at = expires_at;
  return identity;
}

class RevocationsTest : public ::testing::Test {
 protected:
  RevocationsTest() { loop_.Start(); }
  ~RevocationsTest() override { loop_.Stop(); }

  static Revocations::Options Quick() {
    Revocations::Options options;
    options.retry = 10ms;
    options.other_name = [](const std::string& user) {
      return user == "bob" || user == "BOB" ? std::string("Bob") : std::string();
    };
    return options;
  }
  bool Start() {
    return test::Await<bool>([&](auto done) {
      loop_.Post([this, done] {
        revocations_.Start([done](Result<void> loaded) { done(loaded.has_value()); });
      });
    });
  }
  static std::string Wait(const std::function<void(Revocations::Done)>& call) {
    return test::Await<std::string>([&](auto done) {
      call([done](Result<void> kept) { done(kept ? "kept" : kept.error().code); });
    });
  }
  Identity Alice(const std::string& token_id = "t1") const {
    return Bearer("alice", token_id, clock_.WallNow(), clock_.WallNow() + 1h);
  }

  test::SharedClock clock_;
  net::Loop loop_{"control"};
  ScriptedList list_{loop_};
  const Revocations::Options options_ = Quick();
  Revocations revocations_{loop_, list_, clock_, options_};
};

TEST_F(RevocationsTest, SaysWhichTokensCountNoMore) {
  ASSERT_TRUE(Start());
  EXPECT_EQ(revocations_.Check(Alice()), std::nullopt);
  EXPECT_EQ(Wait([&](auto done) { revocations_.RevokeToken("t1", std::nullopt, done); }), "kept");
  EXPECT_EQ(revocations_.Check(Alice()), TokenError::kRevoked);
  EXPECT_EQ(revocations_.Check(Alice("t2")), std::nullopt);
  EXPECT_EQ(Wait([&](auto done) { revocations_.LogOut("t2", clock_.WallNow() + 1h, done); }),
            "kept");
  EXPECT_EQ(revocations_.Check(Alice("t2")), TokenError::kLoggedOut);
  EXPECT_EQ(revocations_.Check({}), std::nullopt) << "visitors have no token";
}

TEST_F(RevocationsTest, OfAUserWhatWasIssuedBeforeCountsNoMore) {
  ASSERT_TRUE(Start());
  const WallTime now = clock_.WallNow();
  EXPECT_EQ(Wait([&](auto done) { revocations_.RevokeUser("alice", done); }), "kept");
  const auto check = [&](std::optional<WallTime> issued_at) {
    return revocations_.Check(Bearer("alice", "t", issued_at, std::nullopt));
  };
  EXPECT_EQ(check(now - 1ms), TokenError::kRevoked);
  EXPECT_EQ(check(now), std::nullopt);
  EXPECT_EQ(check(std::nullopt), TokenError::kRevoked) << "nobody knows when";
  EXPECT_EQ(revocations_.Check(Bearer("bob", "t", now - 1ms, {})), std::nullopt);
  EXPECT_EQ(revocations_.Check(Bearer("", "t", now - 1ms, {})), std::nullopt);
}

TEST_F(RevocationsTest, OfAUserWithTwoNamesBothCountNoMore) {
  ASSERT_TRUE(Start());
  const auto check = [&](const std::string& user) {
    return revocations_.Check(Bearer(user, "t", std::nullopt, std::nullopt));
  };
  EXPECT_EQ(Wait([&](auto done) { revocations_.RevokeUser("BOB", done); }), "kept");
  EXPECT_EQ(check("Bob"), TokenError::kRevoked) << "the account's own name";
  EXPECT_EQ(check("BOB"), TokenError::kRevoked) << "as it was asked for";
  EXPECT_EQ(check("bob"), std::nullopt) << "elsewhere this may be another person";
  list_.up = false;
  EXPECT_EQ(Wait([&](auto done) { revocations_.RevokeUser("bob", done); }), "unavailable");
}

TEST_F(RevocationsTest, AreKeptUntilTheTokenCannotCountAnyMore) {
  ASSERT_TRUE(Start());
  const Identity alice = Alice();
  EXPECT_EQ(Wait([&](auto done) { revocations_.RevokeTokenOf(alice, done); }), "kept");
  EXPECT_EQ(Wait([&](auto done) {
              revocations_.RevokeTokenOf(Bearer("eve", "endless", {}, std::nullopt), done);
            }),
            "kept");
  EXPECT_EQ(Wait([&](auto done) { revocations_.RevokeToken("some", std::nullopt, done); }), "kept");
  clock_.Advance(1h + 30s);  // by the leeway, it would still be accepted
  EXPECT_EQ(revocations_.Check(alice), TokenError::kRevoked);
  clock_.Advance(30s);
  EXPECT_EQ(revocations_.Check(alice), std::nullopt);
  clock_.Advance(30 * 24h);
  EXPECT_EQ(revocations_.Check(Bearer("x", "some", {}, {})), std::nullopt);
  clock_.Advance(1000 * 24h);
  EXPECT_EQ(revocations_.Check(Bearer("eve", "endless", {}, {})), TokenError::kRevoked);
}

TEST_F(RevocationsTest, NamesOfAnyKindAndLengthAreKeptApart) {
  ASSERT_TRUE(Start());
  const std::string name(5'000, 'n');
  const std::string other = name.substr(1) + "m";
  EXPECT_EQ(Wait([&](auto done) { revocations_.RevokeToken(name, std::nullopt, done); }), "kept");
  EXPECT_EQ(revocations_.Check(Bearer("u", name, {}, {})), TokenError::kRevoked);
  EXPECT_EQ(revocations_.Check(Bearer("u", other, {}, {})), std::nullopt);
  EXPECT_EQ(revocations_.Check(Bearer(name, "t", {}, {})), std::nullopt) << "a user of that name";
  const auto page = revocations_.List("", 10);
  ASSERT_EQ(page.entries.size(), 1u);
  EXPECT_TRUE(page.entries[0].subject.digest);
  // Who is called like the digest is not meant.
  EXPECT_EQ(revocations_.Check(Bearer("u", page.entries[0].subject.name, {}, {})), std::nullopt);
  EXPECT_EQ(Wait([&](auto done) { revocations_.RevokeToken("", std::nullopt, done); }),
            "bad_subject");
  EXPECT_EQ(Wait([&](auto done) { revocations_.RevokeTokenOf({}, done); }), "bad_token");
}

TEST_F(RevocationsTest, WhatCannotBeStoredIsNotSaidToBe) {
  ASSERT_TRUE(Start());
  list_.up = false;
  EXPECT_EQ(Wait([&](auto done) { revocations_.RevokeToken("t1", std::nullopt, done); }),
            "unavailable");
}

TEST_F(RevocationsTest, HearsWhatOthersRevokeAndReadsAllAnewWhenItMayHaveMissedSome) {
  std::vector<std::string> heard;  // the loop's
  revocations_.OnChange([&](const std::optional<Revocations::Subject>& subject) {
    heard.push_back(subject ? subject->name : "?");
  });
  ASSERT_TRUE(Start());
  const WallTime now = clock_.WallNow();
  loop_.Run([&] { list_.Tell(broker::Revocation{"t:t1", now, now + 1h}); });
  EXPECT_EQ(revocations_.Check(Alice("t1")), TokenError::kRevoked);
  loop_.Run([&] {
    list_.kept = {{"t:t2", now, now + 1h}, {"nonsense", now, now + 1h}, {"u:alice", now, now + 1h}};
    list_.up = false;
    list_.Tell(std::nullopt);
  });
  EXPECT_TRUE(test::Until([&] { return list_.lists > 2; })) << "it goes on trying";
  EXPECT_EQ(revocations_.Check(Alice("t1")), TokenError::kRevoked) << "meanwhile the copy holds";
  list_.up = true;
  EXPECT_TRUE(test::Until([&] { return revocations_.List("", 10).entries.size() == 3; }));
  EXPECT_EQ(revocations_.Check(Alice("t2")), TokenError::kRevoked);
  EXPECT_EQ(revocations_.Check(Alice("t1")), TokenError::kRevoked) << "nothing is forgotten";
  loop_.Run([&] {
    EXPECT_EQ(heard.front(), "?");
    EXPECT_EQ(heard.at(1), "t1");
    EXPECT_EQ(heard.back(), "?");
  });
}

TEST_F(RevocationsTest, SaysWhenTheFirstReadingFailsAndTriesAgain) {
  list_.up = false;
  EXPECT_FALSE(Start());
  const WallTime now = clock_.WallNow();
  loop_.Run([&] { list_.kept = {{"t:t1", now, now + 1h}}; });
  list_.up = true;
  EXPECT_TRUE(test::Until([&] { return revocations_.Check(Alice()) == TokenError::kRevoked; }));
}

TEST_F(RevocationsTest, PagesNameEachOnce) {
  ASSERT_TRUE(Start());
  for (int i = 0; i < 5; ++i) {
    Wait([&](auto done) { revocations_.RevokeToken("t" + std::to_string(i), std::nullopt, done); });
  }
  Wait([&](auto done) { revocations_.RevokeUser("alice", done); });
  std::vector<std::string> names;
  std::string after;
  do {
    const auto page = revocations_.List(after, 4);
    EXPECT_LE(page.entries.size(), 4u);
    for (const auto& entry : page.entries) names.push_back(entry.subject.name);
    after = page.next;
  } while (!after.empty());
  EXPECT_EQ(names, (std::vector<std::string>{"t0", "t1", "t2", "t3", "t4", "alice"}));
}

TEST_F(RevocationsTest, ForgetsWhatIsOverBeforeItGrowsLarge) {
  ASSERT_TRUE(Start());
  const WallTime now = clock_.WallNow();
  for (int round = 0; round < 5; ++round) {
    loop_.Run([&] {
      for (int i = 0; i < 1'000; ++i) {
        const std::string name = std::to_string(round) + "-" + std::to_string(i);
        list_.Tell(broker::Revocation{"t:" + name, now, clock_.WallNow() + 1min});
      }
    });
    clock_.Advance(2min);
  }
  EXPECT_LE(revocations_.size(), 2'100u);
}

TEST_F(RevocationsTest, ShardsMayAskWhileItLearns) {
  ASSERT_TRUE(Start());
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    while (!stop) (void)revocations_.Check(Alice("t99"));
  });
  const WallTime now = clock_.WallNow();
  for (int i = 0; i < 100; ++i) {
    loop_.Run([&] {
      list_.Tell(broker::Revocation{"t:t" + std::to_string(i), now, now + 1h});
    });
  }
  stop = true;
  reader.join();
  EXPECT_EQ(revocations_.Check(Alice("t99")), TokenError::kRevoked);
}

}  // namespace
}  // namespace trackwire::auth
