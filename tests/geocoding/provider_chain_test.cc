#include "geocoding/provider_chain.h"

#include <gtest/gtest.h>

#include <functional>
#include <mutex>
#include <thread>

#include "tests/support/await.h"

namespace trackwire::geocoding {
namespace {

using Outcome = Result<Found, LookupError>;
using namespace std::chrono_literals;

/// Threads that each begin the next one. They end before this does, with all that they hold: a
/// provider may be let go of by the very thread that it answers on.
class Threads {
 public:
  ~Threads() {
    std::vector<std::thread> all;
    {
      const std::lock_guard lock(mutex_);
      all = std::move(threads_);
    }
    for (std::thread& thread : all) thread.join();
  }
  void Run(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    threads_.emplace_back(std::move(task));
  }

 private:
  std::mutex mutex_;  // a thread may begin the next one before it is in the list itself
  std::vector<std::thread> threads_;
};

/// Answers what it is told to, on a thread of its own if there are threads.
class Scripted final : public Geocoder {
 public:
  explicit Scripted(Outcome outcome, Threads* elsewhere = nullptr)
      : outcome_(std::move(outcome)), elsewhere_(elsewhere) {}
  void Look(Place place, Done done) override {
    asked.push_back(place);
    if (elsewhere_ == nullptr) return done(outcome_);
    elsewhere_->Run([done = std::move(done), outcome = outcome_] { done(outcome); });
  }
  std::vector<Place> asked;

 private:
  const Outcome outcome_;
  Threads* const elsewhere_;
};

std::shared_ptr<Scripted> Finds(const std::string& name, Threads* elsewhere = nullptr) {
  Found found;
  found.address.display_name = name;
  found.provider = name;
  return std::make_shared<Scripted>(found, elsewhere);
}
std::shared_ptr<Scripted> Fails(LookupFault fault, const std::string& detail,
                                std::optional<std::chrono::milliseconds> retry_after = {},
                                Threads* elsewhere = nullptr) {
  return std::make_shared<Scripted>(Err(LookupError{fault, detail, retry_after}), elsewhere);
}

Outcome Ask(std::vector<std::shared_ptr<Geocoder>> providers) {
  return test::Await<Outcome>([&](Geocoder::Done done) {
    ProviderChain chain(std::move(providers));
    // The chain itself may go while it is asked.
    chain.Look({50, 14, "de"}, std::move(done));
  });
}

TEST(ProviderChainTest, TheFirstAnswerIsTheAnswer) {
  const auto first = Finds("first");
  const auto second = Finds("second");
  const auto found = Ask({first, second});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->provider, "first");
  ASSERT_EQ(first->asked.size(), 1u);
  EXPECT_EQ(first->asked[0].latitude, 50);
  EXPECT_EQ(first->asked[0].longitude, 14);
  EXPECT_EQ(first->asked[0].language, "de");
  EXPECT_TRUE(second->asked.empty());
}

TEST(ProviderChainTest, WhoDoesNotFindHandsOn) {
  for (const bool on_threads : {false, true}) {
    Threads threads;
    Threads* const elsewhere = on_threads ? &threads : nullptr;
    const auto found = Ask({Fails(LookupFault::kNotFound, "a", {}, elsewhere),
                            Fails(LookupFault::kUnavailable, "b", 5s, elsewhere),
                            Fails(LookupFault::kRateLimited, "c", 1s, elsewhere),
                            Finds("last", elsewhere), Finds("never", elsewhere)});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->provider, "last");
  }
}

TEST(ProviderChainTest, NotFoundCountsMoreThanOtherFaults) {
  const auto none = Ask({Fails(LookupFault::kNotFound, "nothing"),
                         Fails(LookupFault::kUnavailable, "down", 5s)});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, LookupFault::kNotFound);
  EXPECT_EQ(none.error().detail, "nothing");
  EXPECT_TRUE(none.error().incomplete);
  EXPECT_FALSE(Ask({Fails(LookupFault::kNotFound, "a"), Fails(LookupFault::kNotFound, "b")})
                   .error()
                   .incomplete);
  EXPECT_EQ(none.error().retry_after, std::nullopt);
}

TEST(ProviderChainTest, ElseTheLastFaultWithTheShortestWait) {
  const auto none = Ask({Fails(LookupFault::kUnavailable, "a", 7s),
                         Fails(LookupFault::kRateLimited, "b", 2s),
                         Fails(LookupFault::kUnavailable, "c")});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, LookupFault::kUnavailable);
  EXPECT_EQ(none.error().detail, "c");
  EXPECT_EQ(none.error().retry_after, 2s);
}

TEST(ProviderChainTest, SaysThatSomebodyWasNotAskedForWantOfATurn) {
  const auto crowded = [] {
    return std::make_shared<Scripted>(
        Err(LookupError{LookupFault::kRateLimited, "no turn", 3s, true}));
  };
  const auto down = Ask({crowded(), Fails(LookupFault::kUnavailable, "down")});
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().fault, LookupFault::kUnavailable);
  EXPECT_TRUE(down.error().waits_for_turn);
  // It may know what the other one does not.
  const auto nothing = Ask({Fails(LookupFault::kNotFound, "nothing"), crowded()});
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().fault, LookupFault::kNotFound);
  EXPECT_TRUE(nothing.error().waits_for_turn);
  EXPECT_EQ(nothing.error().retry_after, 3s);
  EXPECT_FALSE(Ask({Fails(LookupFault::kUnavailable, "down")}).error().waits_for_turn);
}

TEST(ProviderChainTest, WithoutProvidersThereIsNone) {
  const auto none = Ask({});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, LookupFault::kUnavailable);
}

TEST(LookupFaultTest, HasTheNamesThatClientsGet) {
  EXPECT_STREQ(ToString(LookupFault::kNotFound), "not_found");
  EXPECT_STREQ(ToString(LookupFault::kRateLimited), "rate_limited");
  EXPECT_STREQ(ToString(LookupFault::kUnavailable), "provider_unavailable");
}

}  // namespace
}  // namespace trackwire::geocoding
