#include "auth/refreshed_key_set.h"

#include <gtest/gtest.h>

#include <atomic>

#include "auth/token.h"
#include "base/log.h"
#include "net/loop.h"
#include "tests/auth/scripted_fetcher.h"
#include "tests/auth/signer.h"
#include "tests/support/await.h"
#include "tests/support/shared_clock.h"

namespace trackwire::auth {
namespace {

using testing::KeySetOf;
using testing::Script;
using testing::Signer;
using namespace std::chrono_literals;

class RefreshedKeySetTest : public ::testing::Test {
 protected:
  ~RefreshedKeySetTest() override {
    script_.Release();
    other_script_.Release();
    verifier_.reset();
    keys_.reset();
    loop_.Stop();
  }

  static const Signer& Mine() { return Signer::Of(KeyKind::kP256); }
  static std::string SetOf(const std::string& key_id) { return KeySetOf({Mine().Jwk(key_id)}); }
  static std::string TokenOf(const std::string& key_id) {
    return Mine().Token(Algorithm::kEs256, R"({"sub":"alice"})", key_id);
  }

  /// Starts and waits for the first fetch, unless it is held back.
  void Start(RefreshOptions options = {}) {
    keys_ = std::make_shared<RefreshedKeySet>("the test", script_.Fetcher(), JwkOptions(), options,
                                              clock_);
    verifier_ = std::make_unique<TokenVerifier>(keys_, clock_);
    loop_.Start();
    keys_->Start();
  }
  void StartAndFetch(RefreshOptions options = {}) {
    Start(options);
    ASSERT_TRUE(test::Until([this] { return keys_->status().fetches == 1; }));
    // From here on an unknown name may ask.
    clock_.Advance(options.min_interval);
  }

  std::string Outcome(const std::string& token) {
    return test::Await<std::string>([&](std::function<void(std::string)> done) {
      loop_.Post([this, token, done] {
        verifier_->VerifySoon(token, loop_, [this, done](Result<Identity, TokenError> identity) {
          EXPECT_TRUE(loop_.InThread());
          done(identity ? "accepted" : ToString(identity.error()));
        });
      });
    });
  }
  std::string OutcomeNow(const std::string& token) const {
    auto identity = verifier_->Verify(token);
    return identity ? "accepted" : ToString(identity.error());
  }
  /// How often a fetch was asked for that the limits refused.
  uint64_t NotAsked() const { return keys_->status().not_asked; }

  test::SharedClock clock_;
  Script script_;
  Script other_script_;
  net::Loop loop_{"verifying"};
  std::shared_ptr<RefreshedKeySet> keys_;
  std::unique_ptr<TokenVerifier> verifier_;
};

TEST_F(RefreshedKeySetTest, VerifiesWithFetchedKeysAtOnce) {
  script_.Answer(SetOf("one"));
  StartAndFetch();
  EXPECT_EQ(OutcomeNow(TokenOf("one")), "accepted");
  EXPECT_EQ(Outcome(TokenOf("one")), "accepted");
  EXPECT_EQ(script_.begun(), 1);
}

TEST_F(RefreshedKeySetTest, FetchesAgainForANameItDoesNotKnow) {
  script_.Answer(SetOf("one"));
  StartAndFetch();
  script_.Answer(SetOf("two"));
  EXPECT_EQ(OutcomeNow(TokenOf("two")), "unknown_key");
  EXPECT_EQ(Outcome(TokenOf("two")), "accepted");
  EXPECT_EQ(OutcomeNow(TokenOf("two")), "accepted");
  EXPECT_EQ(OutcomeNow(TokenOf("one")), "unknown_key") << "the issuer took it back";
  EXPECT_EQ(script_.begun(), 2);
}

TEST_F(RefreshedKeySetTest, LetsTokensWaitForTheFirstKeys) {
  script_.Answer(SetOf("one"));
  script_.Hold();
  Start();
  std::atomic<int> accepted{0};
  std::atomic<int> answered{0};
  constexpr int kTokens = 50;
  for (int i = 0; i < kTokens; ++i) {
    loop_.Post([&, i] {
      verifier_->VerifySoon(TokenOf(i % 2 == 0 ? "one" : "other"), loop_,
                            [&](Result<Identity, TokenError> identity) {
                              if (identity) ++accepted;
                              ++answered;
                            });
    });
  }
  loop_.Run([] {});
  EXPECT_EQ(answered, 0);
  script_.Release();
  EXPECT_TRUE(test::Until([&] { return answered == kTokens; }));
  EXPECT_EQ(accepted, kTokens / 2);
  EXPECT_EQ(script_.begun(), 1) << "all of them wait for one fetch";
}

TEST_F(RefreshedKeySetTest, AsksAtABoundedRate) {
  RefreshOptions options;
  options.min_interval = 10s;
  script_.Answer(SetOf("one"));
  StartAndFetch(options);
  EXPECT_EQ(Outcome(TokenOf("x0")), "no_key");
  EXPECT_EQ(script_.begun(), 2);
  for (int i = 1; i < 100; ++i) {
    EXPECT_EQ(Outcome(TokenOf("x" + std::to_string(i))), "no_key");
  }
  EXPECT_EQ(script_.begun(), 2);
  EXPECT_EQ(NotAsked(), 99u);
  clock_.Advance(options.min_interval);
  script_.Answer(SetOf("x1"));
  EXPECT_EQ(Outcome(TokenOf("x1")), "accepted");
  EXPECT_EQ(script_.begun(), 3);
}

TEST_F(RefreshedKeySetTest, RemembersForAWhileThatANameIsUnknown) {
  RefreshOptions options;
  options.min_interval = 10s;
  options.absent_for = 60s;
  script_.Answer(SetOf("one"));
  StartAndFetch(options);
  EXPECT_EQ(Outcome(TokenOf("x")), "no_key");
  EXPECT_EQ(script_.begun(), 2);
  clock_.Advance(59s);
  EXPECT_EQ(Outcome(TokenOf("x")), "no_key");
  EXPECT_EQ(script_.begun(), 2) << "the same name asks once";
  EXPECT_EQ(Outcome(TokenOf("y")), "no_key");
  EXPECT_EQ(script_.begun(), 3) << "another one may";
  clock_.Advance(10s);
  EXPECT_EQ(Outcome(TokenOf("x")), "no_key");
  EXPECT_EQ(script_.begun(), 4);
}

TEST_F(RefreshedKeySetTest, KeepsItsKeysWhileNewOnesCannotBeHad) {
  script_.Answer(SetOf("one"));
  StartAndFetch();
  for (Result<std::string> answer :
       {Result<std::string>(Err("unreachable", "no route")), Result<std::string>("garbage"),
        Result<std::string>(R"({"keys":[]})"), Result<std::string>(std::string())}) {
    script_.Answer(answer);
    clock_.Advance(1h);
    const uint64_t before = keys_->status().failures;
    EXPECT_EQ(Outcome(TokenOf("two")), "no_key");
    EXPECT_GT(keys_->status().failures, before);
    EXPECT_TRUE(keys_->status().failing);
    EXPECT_EQ(OutcomeNow(TokenOf("one")), "accepted");
  }
  script_.Answer(SetOf("two"));
  clock_.Advance(1h);
  EXPECT_EQ(Outcome(TokenOf("two")), "accepted");
  EXPECT_FALSE(keys_->status().failing);
}

TEST_F(RefreshedKeySetTest, AsksNotMoreOftenWhenTheSourceIsDown) {
  StartAndFetch();
  EXPECT_EQ(Outcome(TokenOf("one")), "no_key");
  const int begun = script_.begun();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Outcome(TokenOf("one")), "no_key");
  EXPECT_EQ(script_.begun(), begun);
}

TEST_F(RefreshedKeySetTest, FetchesOldKeysAnewByItself) {
  RefreshOptions options;
  options.ttl = 5ms;
  script_.Answer(SetOf("one"));
  keys_ = std::make_shared<RefreshedKeySet>("the test", script_.Fetcher(), JwkOptions(), options,
                                            Clock::System());
  verifier_ = std::make_unique<TokenVerifier>(keys_, clock_);
  keys_->Start();
  ASSERT_TRUE(test::Until([&] { return OutcomeNow(TokenOf("one")) == "accepted"; }));
  script_.Answer(SetOf("two"));
  EXPECT_TRUE(test::Until([&] { return OutcomeNow(TokenOf("two")) == "accepted"; }));
}

TEST_F(RefreshedKeySetTest, LimitsHowManyWait) {
  RefreshOptions options;
  options.max_waiting = 3;
  script_.Hold();
  Start(options);
  std::atomic<int> answered{0};
  loop_.Run([&] {
    for (int i = 0; i < 10; ++i) {
      verifier_->VerifySoon(TokenOf("one"), loop_, [&](Result<Identity, TokenError> identity) {
        EXPECT_FALSE(identity);
        ++answered;
      });
    }
  });
  EXPECT_EQ(answered, 7);
  script_.Release();
  EXPECT_TRUE(test::Until([&] { return answered == 10; }));
}

TEST_F(RefreshedKeySetTest, AnswersWhoeverWaitsWhenItEnds) {
  script_.Hold();
  Start();
  std::atomic<bool> dropped{false};
  auto mark = std::shared_ptr<void>(nullptr, [&](void*) { dropped = true; });
  ASSERT_TRUE(test::Until([&] { return script_.begun() == 1; }));
  EXPECT_TRUE(keys_->Refresh("one", [mark] {}));
  mark.reset();
  EXPECT_FALSE(dropped);
  verifier_.reset();
  keys_.reset();  // while a fetch hangs
  EXPECT_TRUE(dropped);
}

TEST_F(RefreshedKeySetTest, FetchesForNoAlgorithmItCouldNotServe) {
  script_.Answer(SetOf("one"));
  StartAndFetch();
  const SecretKey secret("s", {Algorithm::kHs256});
  TokenRequest request;
  EXPECT_EQ(Outcome(MakeToken(request, secret)), "no_key");
  EXPECT_EQ(Outcome(testing::Compact(R"({"alg":"none","kid":"x"})", "{}", "")),
            "unsupported_algorithm");
  EXPECT_EQ(Outcome("rubbish"), "not_three_parts");
  EXPECT_EQ(script_.begun(), 1);
}

TEST_F(RefreshedKeySetTest, FailsToLoadWithAReason) {
  RefreshedKeySet keys("keys.json", script_.Fetcher(), JwkOptions(), RefreshOptions(), clock_);
  auto loaded = keys.Load();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().detail.rfind("keys.json: ", 0), 0u);
  script_.Answer(SetOf("one"));
  EXPECT_TRUE(keys.Load());
  EXPECT_EQ(keys.status().keys, 1u);
}

TEST_F(RefreshedKeySetTest, WaitsForAllSourcesThatMayLearn) {
  Script& other = other_script_;  // outlives the sets
  other.Answer(KeySetOf({Signer::Of(KeyKind::kP384).Jwk("theirs")}));
  script_.Answer(SetOf("mine"));
  auto one = std::make_shared<RefreshedKeySet>("one", other.Fetcher(), JwkOptions(),
                                               RefreshOptions(), clock_);
  keys_ = std::make_shared<RefreshedKeySet>("two", script_.Fetcher(), JwkOptions(),
                                            RefreshOptions(), clock_);
  ClaimRules rules;
  rules.issuer = "them";
  verifier_ = std::make_unique<TokenVerifier>(
      std::vector<TokenSource>{{one, rules}, {keys_, ClaimRules()}}, clock_);
  loop_.Start();
  other.Hold();
  script_.Hold();
  one->Start();
  keys_->Start();
  std::atomic<int> accepted{0};
  loop_.Run([&] {
    verifier_->VerifySoon(TokenOf("mine"), loop_, [&](Result<Identity, TokenError> identity) {
      accepted = identity ? 1 : -1;
    });
  });
  script_.Release();
  ASSERT_TRUE(test::Until([&] { return keys_->status().fetches == 1; }));
  loop_.Run([] {});
  EXPECT_EQ(accepted, 0);
  other.Release();
  EXPECT_TRUE(test::Until([&] { return accepted == 1; }));
}

TEST_F(RefreshedKeySetTest, WritesNoPartOfATokenToTheLog) {
  base::ConfigureLog(base::LogLevel::kDebug, base::LogFormat::kText);
  base::FlushLog();
  ::testing::internal::CaptureStderr();
  script_.Answer(SetOf("known-name"));
  StartAndFetch();
  const std::vector<std::string> tokens = {
      TokenOf("known-name"), TokenOf("unknown-name"),
      Signer::Of(KeyKind::kP384).Token(Algorithm::kEs384, R"({"sub":"eve"})", "unknown-name"),
      TokenOf("known-name") + "=", testing::Compact(R"({"alg":"none"})", "{}", "")};
  for (const std::string& token : tokens) {
    script_.Answer(Err("unreachable", "no route"));
    clock_.Advance(1h);
    Outcome(token);
    script_.Answer(SetOf("known-name"));
    clock_.Advance(1h);
    Outcome(token);
  }
  base::FlushLog();
  const std::string log = ::testing::internal::GetCapturedStderr();
  base::ConfigureLog(base::LogLevel::kInfo, base::LogFormat::kText);
  EXPECT_NE(log.find("cannot be fetched"), std::string::npos) << log;
  EXPECT_EQ(log.find("unknown-name"), std::string::npos) << log;
  for (const std::string& token : tokens) {
    for (size_t start = 0; start < token.size();) {
      const size_t end = std::min(token.find('.', start), token.size());
      const std::string part = token.substr(start, end - start);
      if (part.size() > 8) {
        EXPECT_EQ(log.find(part), std::string::npos) << part;
      }
      start = end + 1;
    }
  }
}

}  // namespace
}  // namespace trackwire::auth
