#include <algorithm>

#include "tests/broker/backends.h"
#include "tests/broker/contract.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;
using Revocations = std::vector<Revocation>;

class RevocationContract : public BrokerContract {
 protected:
  WallTime now() const { return clock_.WallNow(); }
  static Result<void> Revoke(Broker& broker, Revocation revocation) {
    return test::Await<Result<void>>(
        [&](auto done) { broker.revocations().Revoke(std::move(revocation), done); });
  }
  Result<void> Revoke(Revocation revocation) { return Revoke(*broker_, std::move(revocation)); }
  static Revocations ListOf(Broker& broker) {
    auto listed = test::Await<Result<Revocations>>(
        [&](auto done) { broker.revocations().List(done); });
    EXPECT_TRUE(listed);
    Revocations all = listed ? *listed : Revocations{};
    std::sort(all.begin(), all.end(),
              [](const auto& a, const auto& b) { return a.subject < b.subject; });
    return all;
  }
  Revocations List() { return ListOf(*broker_); }
  /// What the handlers of `broker` have heard since Listen().
  struct Ear {
    std::vector<std::optional<Revocation>> heard;
    net::Loop& loop;

    bool Has(const Revocation& wanted) {
      bool has = false;
      loop.Run([&] { has = std::count(heard.begin(), heard.end(), wanted) > 0; });
      return has;
    }
  };
  static std::shared_ptr<Ear> Listen(Broker& broker, net::Loop& loop) {
    auto ear = std::make_shared<Ear>(Ear{{}, loop});
    loop.Run([&] {
      broker.revocations().OnChange([ear](const auto& change) { ear->heard.push_back(change); });
    });
    return ear;
  }
};

TEST_P(RevocationContract, ListsWhatWasRevoked) {
  EXPECT_TRUE(List().empty());
  const Revocation token{"jti:a b\xc3\xa9", now(), now() + 1h};
  const Revocation user{"user:42", now() - 5s, now() + 24h};
  ASSERT_TRUE(Revoke(token));
  ASSERT_TRUE(Revoke(user));
  EXPECT_EQ(List(), (Revocations{token, user}));
}

TEST_P(RevocationContract, SurvivesAReopening) {
  const Revocation user{"user:42", now(), now() + 24h};
  ASSERT_TRUE(Revoke(user));
  ASSERT_TRUE(Revoke({"short", now(), now() + 1s}));
  Reopen();
  EXPECT_EQ(List().size(), 2u);
  Elapse(1s);
  Reopen();
  EXPECT_EQ(List(), Revocations{user});
}

TEST_P(RevocationContract, ALaterOneWinsAndNothingIsShortened) {
  ASSERT_TRUE(Revoke({"user:42", now(), now() + 2h}));
  ASSERT_TRUE(Revoke({"user:42", now() + 5s, now() + 1h}));
  EXPECT_EQ(List(), (Revocations{{"user:42", now() + 5s, now() + 2h}}));
  ASSERT_TRUE(Revoke({"user:42", now() - 1h, now() + 3h}));
  const Revocations expected{{"user:42", now() + 5s, now() + 3h}};
  EXPECT_EQ(List(), expected);
  Reopen();
  EXPECT_EQ(List(), expected);
}

TEST_P(RevocationContract, WhatIsOverIsNotListed) {
  ASSERT_TRUE(Revoke({"a", now(), now() + 10s}));
  ASSERT_TRUE(Revoke({"b", now(), now() + 20s}));
  ASSERT_TRUE(Revoke({"past", now(), now()}));
  Elapse(10s);
  ASSERT_EQ(List().size(), 1u);
  EXPECT_EQ(List()[0].subject, "b");
}

TEST_P(RevocationContract, HandlersHearOfEachWithWhatHolds) {
  auto ear = Listen(*broker_, *loop_);
  const Revocation first{"user:42", now(), now() + 2h};
  ASSERT_TRUE(Revoke(first));
  EXPECT_TRUE(test::Until([&] { return ear->Has(first); }));
  ASSERT_TRUE(Revoke({"user:42", now() + 5s, now() + 1h}));
  EXPECT_TRUE(test::Until([&] { return ear->Has({"user:42", now() + 5s, now() + 2h}); }));
}

TEST_P(RevocationContract, OddSubjectsAndTimes) {
  EXPECT_EQ(Revoke({"", now(), now() + 1h}).error().code, "bad_subject");
  EXPECT_EQ(Revoke({std::string(1'025, 'x'), now(), now() + 1h}).error().code, "bad_subject");
  const std::string odd(1'024, '\n');
  EXPECT_TRUE(Revoke({odd, WallTime::min(), WallTime::max()}));
  const Revocations all = List();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].subject, odd);
  EXPECT_EQ(all[0].before.time_since_epoch(), 0ms);
  EXPECT_GT(all[0].until, now() + std::chrono::years(1'000));
}

TEST_P(RevocationContract, RefusesMoreThanItKeeps) {
  Backend::Options options;
  options.max_revocations = 5;
  Reopen(options);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(Revoke({"jti:" + std::to_string(i), now(), now() + (i == 0 ? 10s : 1h)}));
  }
  EXPECT_EQ(Revoke({"jti:more", now(), now() + 1h}).error().code, "too_many");
  EXPECT_TRUE(Revoke({"jti:4", now() + 1s, now() + 1h})) << "it is there already";
  EXPECT_EQ(List().size(), 5u);
  Elapse(10s);
  EXPECT_TRUE(Revoke({"jti:more", now(), now() + 1h})) << "one is over";
}

TEST_P(RevocationContract, ManyAreListedWhole) {
  Backend::Options options;
  options.max_revocations = 10'000;
  Reopen(options);
  std::atomic<int> done{0};
  for (int i = 0; i < 3'000; ++i) {
    broker_->revocations().Revoke({"jti:" + std::to_string(i), now(), now() + 1h},
                                  [&](const Result<void>& revoked) { done += revoked ? 1 : 0; });
  }
  ASSERT_TRUE(test::Until([&] { return done == 3'000; }));
  EXPECT_EQ(List().size(), 3'000u);
}

TEST_P(RevocationContract, EveryProcessHears) {
  net::Loop loop("other");
  loop.Start();
  auto ear = Listen(*broker_, *loop_);
  const Revocation revocation{"user:42", now(), now() + 1h};
  if (auto other = backend_->OpenAnother(loop, clock_)) {
    auto other_ear = Listen(*other, loop);
    ASSERT_TRUE(Revoke(*other, revocation));
    // Said anew until heard: who has just begun to listen is told to list instead.
    EXPECT_TRUE(test::Until([&] {
      return other_ear->Has(revocation) || ListOf(*other) == Revocations{revocation};
    }));
    EXPECT_EQ(List(), Revocations{revocation});
    loop.Run([&] { other.reset(); });
  } else {
    ASSERT_TRUE(Revoke(revocation));
  }
  EXPECT_TRUE(test::Until([&] { return ear->Has(revocation); }));
  loop.Stop();
}

INSTANTIATE_TEST_SUITE_P(Backends, RevocationContract, testing::ValuesIn(kPersistentBackends));

}  // namespace
}  // namespace trackwire::broker
