#include "geocoding/geocoding_desk.h"

#include <gmock/gmock.h>

#include "geocoding/place_answer.h"
#include "geocoding/place_key.h"
#include "tests/broker/task_contract.h"
#include "tests/geocoding/desk_contract.h"

namespace trackwire::geocoding {
namespace {

using namespace std::chrono_literals;
using List = std::vector<std::string>;

INSTANTIATE_TEST_SUITE_P(Brokers, DeskContract, BothBackends(), NameOfBackend);

TEST_P(DeskContract, LooksUpWhatItDoesNotKnowAndKeepsIt) {
  auto chain = std::make_shared<TestChain>();
  auto& desk = house_->AddDesk(chain);
  house_->Connect("s1");
  const auto taken = house_->Ask(desk, "r1", 50.08751, 14.42131);
  EXPECT_FALSE(taken.error);
  EXPECT_TRUE(taken.queued);
  house_->Expect("r1", {"queued 1"});
  ASSERT_TRUE(LookedUp(*chain, 1));
  // The middle of the cell, not where the first asker happened to be.
  EXPECT_DOUBLE_EQ(chain->looked()[0].latitude, 50.0875);
  EXPECT_DOUBLE_EQ(chain->looked()[0].longitude, 14.4213);
  chain->Let(TestChain::Street);
  house_->Expect("r1", {"queued 1", "result"});
  const Told told = house_->ToldOf("r1")[1];
  EXPECT_EQ(told.socket_id, "s1");
  EXPECT_EQ(told.Text("provider"), "test");
  EXPECT_EQ(told.Number("latitude"), 50.08751);
  EXPECT_EQ(told.Number("longitude"), 14.42131);
  // From the asker's own point: what was found lies 8.9 m north and 0.7 m west of it.
  const auto address = ParseAddress(ObjectIn(told.object(), "address")->text);
  ASSERT_TRUE(address);
  EXPECT_EQ(address->distance_m, 9);

  const auto again = house_->Ask(desk, "r2", 50.08749, 14.42129);
  EXPECT_FALSE(again.queued);
  house_->Expect("r2", {"cached"});
  EXPECT_EQ(chain->count(), 1u);
  EXPECT_EQ(desk.counters().hits, 1u);
  EXPECT_EQ(desk.counters().misses, 1u);
  EXPECT_EQ(desk.counters().found, 1u);
}

TEST_P(DeskContract, OneLookupAnswersAllWhoAskForAPlace) {
  auto chain = std::make_shared<TestChain>();
  auto& one = house_->AddDesk(chain);
  auto& other = house_->AddDesk(chain);
  house_->Connect("s1");
  house_->Connect("s2");
  house_->Ask(one, "a", 1.00001, 2, "s1");
  house_->Ask(one, "b", 1.00002, 2, "s2");
  house_->Ask(other, "c", 1.00003, 2, "s1");
  ASSERT_TRUE(LookedUp(*chain, 1));
  chain->Let(TestChain::Street);
  for (const char* id : {"a", "b", "c"}) house_->Expect(id, {"queued 1", "result"});
  EXPECT_EQ(house_->ToldOf("b")[1].socket_id, "s2");
  EXPECT_EQ(house_->ToldOf("b")[1].Number("latitude"), 1.00002);
  EXPECT_EQ(chain->count(), 1u);
  EXPECT_EQ(one.counters().joined + other.counters().joined, 2u);
}

TEST_P(DeskContract, TheSameRequestIdOfTwoClientsIsTwoRequests) {
  auto chain = std::make_shared<TestChain>(TestChain::Street);
  auto& desk = house_->AddDesk(chain);
  house_->Connect("s1");
  house_->Connect("s2");
  house_->Ask(desk, "1", 1, 2, "s1");
  house_->Ask(desk, "1", 3, 4, "s2");
  EXPECT_TRUE(test::Until([&] { return house_->Ended() == 2; }));
  EXPECT_EQ(house_->ToldOf("1").size(), 4u);
}

TEST_P(DeskContract, SaysHowManyAreBefore) {
  auto chain = std::make_shared<TestChain>();
  auto& desk = house_->AddDesk(chain, With([](auto& options) { options.max_at_once = 1; }));
  house_->Connect("s1");
  house_->Ask(desk, "under way", 1, 1);
  ASSERT_TRUE(LookedUp(*chain, 1));
  house_->Ask(desk, "next", 2, 1);
  house_->Ask(desk, "third", 3, 1);
  house_->Expect("next", {"queued 1"});
  house_->Expect("third", {"queued 2"});
  chain->Let(TestChain::Street);
  house_->Expect("next", {"queued 1", "result"});
  house_->Expect("third", {"queued 2", "result"});
}

/// What is known is old at once.
void GrowsOld(GeocodingDesk::Options& options) {
  options.ttl = 0ms;
  options.stale_for = 1h;
}

TEST_P(DeskContract, TellsAnOldAnswerAndLooksItUpAnew) {
  auto chain = std::make_shared<TestChain>(TestChain::Street);
  auto& desk = house_->AddDesk(chain, With(GrowsOld));
  house_->Connect("s1");
  house_->Ask(desk, "first", 1, 2);
  house_->Expect("first", {"queued 1", "result"});
  house_->Ask(desk, "old", 1, 2);
  house_->Expect("old", {"cached"});
  EXPECT_TRUE(LookedUp(*chain, 2));
  EXPECT_EQ(desk.counters().stale, 1u);
  EXPECT_EQ(desk.counters().hits, 1u);
}

TEST_P(DeskContract, TheIndexDoesNotReplaceAnOldStreet) {
  auto chain = std::make_shared<TestChain>(TestChain::Street);
  auto& desk = house_->AddDesk(chain, With(GrowsOld));
  house_->Connect("s1");
  house_->Ask(desk, "first", 1, 2);
  house_->Expect("first", {"queued 1", "result"});
  chain->Let([](const Place& place) {
    auto found = TestChain::Street(place);
    found->provider = "offline";
    return found;
  });
  house_->Ask(desk, "old", 1, 2);
  house_->Expect("old", {"cached"});
  ASSERT_TRUE(test::Until([&] { return desk.counters().failed + desk.counters().found >= 2; }));
  house_->Ask(desk, "still", 1, 2);
  house_->Expect("still", {"cached"});
  EXPECT_EQ(house_->ToldOf("still")[0].Text("provider"), "test");
  EXPECT_EQ(desk.counters().found, 1u);
}

TEST_P(DeskContract, AnIncompleteNothingIsKeptForAMomentOnly) {
  auto chain = std::make_shared<TestChain>([](const Place&) -> Result<Found, LookupError> {
    LookupError error{LookupFault::kNotFound, "one says so, one is down", std::nullopt};
    error.incomplete = true;
    return Err(error);
  });
  auto& desk = house_->AddDesk(chain);
  house_->Connect("s1");
  house_->Ask(desk, "first", 1, 2);
  house_->Expect("first", {"queued 1", "error not_found"});
  const std::string key = PlaceKey({1, 2, "en"}, 4, "test", "building");
  const auto kept = test::Await<std::optional<std::string>>(
      [&](auto done) { house_->broker().cache().Get(key, done); });
  ASSERT_TRUE(kept);
  const auto answer = ParsePlaceAnswer(*kept);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->incomplete);
}

TEST_P(DeskContract, KeepsThatThereIsNothing) {
  auto chain = std::make_shared<TestChain>([](const Place&) -> Result<Found, LookupError> {
    return Err(LookupError{LookupFault::kNotFound, "sea", std::nullopt});
  });
  auto& desk = house_->AddDesk(chain);
  house_->Connect("s1");
  house_->Ask(desk, "first", 0, -30);
  house_->Expect("first", {"queued 1", "error not_found"});
  house_->Ask(desk, "second", 0, -30);
  house_->Expect("second", {"error not_found"});
  EXPECT_EQ(chain->count(), 1u);
  EXPECT_EQ(desk.counters().hits, 1u);
}

TEST_P(DeskContract, DoesNotKeepAFault) {
  auto chain = std::make_shared<TestChain>([](const Place&) -> Result<Found, LookupError> {
    return Err(LookupError{LookupFault::kRateLimited, "429", 1500ms});
  });
  auto& desk = house_->AddDesk(chain);
  house_->Connect("s1");
  house_->Ask(desk, "first", 1, 2);
  house_->Expect("first", {"queued 1", "error rate_limited"});
  EXPECT_EQ(house_->ToldOf("first")[1].Number("retry_after"), 2);
  chain->Let(TestChain::Street);
  house_->Ask(desk, "second", 1, 2);
  house_->Expect("second", {"queued 1", "result"});
  EXPECT_EQ(chain->count(), 2u);
  EXPECT_EQ(desk.counters().failed, 1u);
}

Result<Found, LookupError> CrowdedOut(const Place&) {
  return Err(LookupError{LookupFault::kRateLimited, "its turn does not come", 1ms, true});
}

TEST_P(DeskContract, WhatIsCrowdedOutIsLookedUpAgain) {
  auto chain = std::make_shared<TestChain>(CrowdedOut);
  auto& desk = house_->AddDesk(chain);
  house_->Connect("s1");
  house_->Ask(desk, "r", 1, 2);
  ASSERT_TRUE(LookedUp(*chain, 2));
  house_->Expect("r", {"queued 1"});
  chain->Let(TestChain::Street);
  house_->Expect("r", {"queued 1", "result"});
  EXPECT_EQ(desk.counters().lookups, 1u);
  EXPECT_EQ(desk.counters().failed, 0u);
}

TEST_P(DeskContract, WhatIsCrowdedOutAgainAndAgainIsRateLimited) {
  auto chain = std::make_shared<TestChain>(CrowdedOut);
  auto& desk = house_->AddDesk(chain);
  house_->Connect("s1");
  house_->Ask(desk, "r", 1, 2);
  house_->Expect("r", {"queued 1", "error rate_limited"});
  EXPECT_EQ(chain->count(), 5u);
}

TEST_P(DeskContract, RefusesMorePlacesThanMayWait) {
  auto chain = std::make_shared<TestChain>();
  auto& desk = house_->AddDesk(chain, With([](auto& options) {
                                 options.max_waiting = 2;
                                 options.max_at_once = 1;
                               }));
  house_->Connect("s1");
  house_->Ask(desk, "under way", 1, 1);
  ASSERT_TRUE(LookedUp(*chain, 1));
  house_->Ask(desk, "a", 2, 1);
  house_->Ask(desk, "b", 3, 1);
  const auto full = house_->Ask(desk, "c", 4, 1);
  ASSERT_TRUE(full.error);
  EXPECT_EQ(full.error->code, "queue_full");
  EXPECT_TRUE(full.error->retry_after);
  EXPECT_TRUE(full.events.empty());
  EXPECT_EQ(desk.counters().queue_full, 1u);
  const auto look = house_->Look(desk, 5, 1);
  ASSERT_FALSE(look);
  EXPECT_EQ(look.error().code, "queue_full");
  // There is room for who asks for what waits already.
  EXPECT_FALSE(house_->Ask(desk, "d", 2, 1).error);
  chain->Let(TestChain::Street);
  for (const char* id : {"under way", "a", "b", "d"}) {
    EXPECT_TRUE(test::Until([&] { return house_->Short(id).size() == 2; })) << id;
  }
}

TEST_P(DeskContract, RefusesMoreRequestsThanMayWait) {
  auto chain = std::make_shared<TestChain>();
  auto& desk = house_->AddDesk(chain, With([](auto& options) { options.max_asked = 2; }));
  house_->Connect("s1");
  EXPECT_FALSE(house_->Ask(desk, "a", 1, 1).error);
  EXPECT_FALSE(house_->Ask(desk, "b", 1, 1).error);
  const auto refused = [&] {
    const auto taken = house_->Ask(desk, "c", 1, 1);
    return taken.error && taken.error->code == "queue_full";
  };
  EXPECT_TRUE(test::Until(refused));
}

TEST_P(DeskContract, WhoLeftForGoodIsToldNothingAndWhoIsAwayIs) {
  auto chain = std::make_shared<TestChain>();
  auto& desk = house_->AddDesk(chain);
  for (const char* socket : {"here", "away", "gone"}) house_->Connect(socket);
  for (const char* socket : {"here", "away", "gone"}) house_->Ask(desk, socket, 1, 1, socket);
  house_->Away("away");
  house_->Leave("gone");
  chain->Let(TestChain::Street);
  house_->Expect("here", {"queued 1", "result"});
  house_->Expect("away", {"queued 1", "result"});
  EXPECT_TRUE(test::Until([&] { return desk.counters().dropped == 1; }));
  house_->Expect("gone", {"queued 1"});
}

TEST_P(DeskContract, AnotherDeskAnswersWhatOneLeft) {
  auto chain = std::make_shared<TestChain>();
  auto& first = house_->AddDesk(chain);
  house_->Connect("s1");
  for (int i = 0; i < 20; ++i) house_->Ask(first, "r" + std::to_string(i), 1 + i % 3, 1);
  ASSERT_TRUE(LookedUp(*chain, 3));
  auto& second = house_->AddDesk(chain);
  house_->RemoveDesk(0);
  ASSERT_TRUE(LookedUp(*chain, 6));
  chain->Let(TestChain::Street);
  EXPECT_TRUE(test::Until([&] { return house_->Ended() == 20; }));
  EXPECT_TRUE(test::Until([&] { return second.counters().found == 3; }));
  for (int i = 0; i < 20; ++i) {
    const auto heard = house_->Short("r" + std::to_string(i));
    ASSERT_EQ(heard.size(), 2u);
    EXPECT_EQ(heard[1], "result");
  }
}

TEST_P(DeskContract, NobodyHearsTheEndBeforeHeHeardThatHeWaits) {
  // The place's task may end as soon as it is left, and either desk may tell it.
  auto chain = std::make_shared<TestChain>(TestChain::Street);
  auto& one = house_->AddDesk(chain);
  auto& other = house_->AddDesk(chain);
  house_->Connect("s1");
  for (int i = 0; i < 200; ++i) {
    auto& desk = i % 2 == 0 ? one : other;
    desk.Request({"r" + std::to_string(i), {i % 90 * 1.0, i * 0.5, "en"}, "s1"},
                 [this](const auto& taken) { house_->Say("s1", taken); });
  }
  EXPECT_TRUE(test::Until([&] { return house_->Ended() == 200; }));
  for (int i = 0; i < 200; ++i) {
    const auto told = house_->ToldOf("r" + std::to_string(i));
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0].name, "geocoding_queued");
    EXPECT_EQ(told[1].name, "geocoding_result");
  }
}

TEST_P(DeskContract, WhatWaitsOutlivesTheProcess) {
  auto& first = house_->AddDesk(std::make_shared<TestChain>());
  house_->Connect("s1");
  house_->Ask(first, "r1", 1, 1);
  house_->Close();
  house_->Open();
  house_->AddDesk(std::make_shared<TestChain>(TestChain::Street));
  house_->Expect("r1", {"queued 1", "result"});
}

TEST_P(DeskContract, AFaultIsToldThoughNobodyHeardOfIt) {
  auto chain = std::make_shared<TestChain>();
  auto& desk = house_->AddDesk(chain);
  house_->Connect("s1");
  house_->Ask(desk, "r1", 1, 1);
  ASSERT_TRUE(LookedUp(*chain, 1));
  // As a worker of another process does it whose word was lost.
  const std::string key = PlaceKey({1, 1, "en"}, 4, "test", "building");
  const auto added = broker::AddTask(house_->broker().tasks(), kPlaces, key, "{}");
  ASSERT_TRUE(added && added->joined);
  PlaceEnd end;
  end.key = key;
  end.task = added->id;
  end.fault = LookupFault::kUnavailable;
  house_->broker().cache().Put(FailureKey(added->id), ToJson(end), 1h);
  house_->Expect("r1", {"queued 1", "error provider_unavailable"});
}

TEST_P(DeskContract, AnAnswerIsToldThoughNobodyHeardOfIt) {
  auto chain = std::make_shared<TestChain>();
  auto& desk = house_->AddDesk(chain);
  house_->Connect("s1");
  house_->Ask(desk, "r1", 1, 1);
  ASSERT_TRUE(LookedUp(*chain, 1));
  const PlaceAnswer answer{*TestChain::Street({1, 1, "en"}), Clock::System().WallNow()};
  house_->broker().cache().Put(PlaceKey({1, 1, "en"}, 4, "test", "building"), ToJson(answer), 1h);
  house_->Expect("r1", {"queued 1", "result"});
}

TEST_P(DeskContract, EndsAtTheDeadline) {
  auto& desk = house_->AddDesk(std::make_shared<TestChain>(),
                               With([](auto& options) { options.deadline = 50ms; }));
  house_->Connect("s1");
  house_->Ask(desk, "r1", 1, 1);
  house_->Expect("r1", {"queued 1", "error provider_unavailable"});
}

TEST_P(DeskContract, APlaceThatEndsProcessesIsGivenUp) {
  const std::string key = PlaceKey({1, 1, "en"}, 4, "test", "building");
  ASSERT_TRUE(broker::AddTask(house_->broker().tasks(), kPlaces, key, ToJson(Place{1, 1, "en"})));
  for (int i = 0; i < 5; ++i) {
    std::atomic<bool> taken = false;
    std::unique_ptr<broker::TaskQueue::Worker> worker;
    house_->loop().Run([&] {
      worker =
          house_->broker().tasks().Work(kPlaces, {}, [&](const broker::Task&) { taken = true; });
    });
    EXPECT_TRUE(test::Until([&] { return taken.load(); }));
    house_->loop().Run([&] { worker.reset(); });
  }
  auto chain = std::make_shared<TestChain>(TestChain::Street);
  auto& desk = house_->AddDesk(chain);
  EXPECT_TRUE(test::Until([&] { return desk.counters().failed == 1; }));
  EXPECT_EQ(chain->count(), 0u);
}

TEST_P(DeskContract, TasksThatAreNothingOfOursAreDropped) {
  for (const char* queue : {"geocoding", "geocoding:asked"}) {
    for (const char* text : {"", "{}", "[1]",
                             "{\"id\":\"x\",\"origin\":\"y\",\"deadline\":1,"
                             "\"askers\":[7]}"}) {
      ASSERT_TRUE(broker::AddTask(house_->broker().tasks(), queue, "", text));
    }
  }
  auto& desk = house_->AddDesk(std::make_shared<TestChain>(TestChain::Street));
  house_->broker().pub_sub().Publish("geocoding:answers", "{\"key\":1}");
  house_->broker().pub_sub().Publish("geocoding:told", "nothing");
  house_->Connect("s1");
  house_->Ask(desk, "r1", 1, 1);
  EXPECT_TRUE(test::Until([&] { return house_->Ended() == 1; }));
  EXPECT_EQ(house_->Short("r1").back(), "result");
}

TEST_P(DeskContract, LooksWithoutASocket) {
  auto chain = std::make_shared<TestChain>(TestChain::Street);
  auto& desk = house_->AddDesk(chain);
  const auto missed = house_->Look(desk, 1, 2);
  ASSERT_TRUE(missed);
  EXPECT_FALSE(missed->cached);
  EXPECT_FALSE(missed->provisional);
  EXPECT_EQ(missed->found.address.road, "street");
  const auto hit = house_->Look(desk, 1, 2);
  ASSERT_TRUE(hit);
  EXPECT_TRUE(hit->cached);
  EXPECT_EQ(chain->count(), 1u);
}

TEST_P(DeskContract, DoesNotLookForLongerThanItsPatience) {
  auto& desk = house_->AddDesk(std::make_shared<TestChain>(),
                               With([](auto& options) { options.patience = 20ms; }));
  const auto look = house_->Look(desk, 1, 2);
  ASSERT_FALSE(look);
  EXPECT_EQ(look.error().code, "provider_unavailable");
}

TEST_P(DeskContract, PreparesWhatIsNotKnownWhileThereIsRoom) {
  auto chain = std::make_shared<TestChain>();
  auto& desk = house_->AddDesk(chain, With([](auto& options) {
                                 options.max_waiting = 4;
                                 options.max_at_once = 1;
                               }));
  house_->Connect("s1");
  const auto prepare = [&](double latitude) {
    house_->loop().Run([&] { desk.Prepare({latitude, 1, "en"}); });
  };
  prepare(1);
  ASSERT_TRUE(LookedUp(*chain, 1));
  house_->Ask(desk, "waits", 2, 1);
  prepare(3);  // a quarter of four waits
  house_->Ask(desk, "last", 4, 1);
  chain->Let(TestChain::Street);
  house_->Expect("last", {"queued 2", "result"});
  EXPECT_EQ(chain->count(), 3u);
  EXPECT_EQ(desk.counters().automatic, 2u);
  house_->Ask(desk, "prepared", 1, 1);
  house_->Expect("prepared", {"cached"});
}

TEST_P(DeskContract, AStoppedDeskRefuses) {
  auto& desk = house_->AddDesk(std::make_shared<TestChain>());
  std::atomic<int> ended = 0;
  for (int i = 0; i < 3; ++i) {
    desk.Look({1.0 + i, 2, "en"}, [&](const auto& answer) {
      EXPECT_FALSE(answer);
      ++ended;
    });
  }
  house_->loop().Run([&] { desk.Stop(); });
  EXPECT_TRUE(test::Until([&] { return ended == 3; }));
  const auto taken = house_->Ask(desk, "late", 1, 2);
  ASSERT_TRUE(taken.error);
  EXPECT_EQ(taken.error->code, "provider_unavailable");
}

TEST_P(DeskContract, TheIndexAnswersUntilTheProviderDoes) {
  auto chain = std::make_shared<TestChain>();
  auto& desk = house_->AddDesk(chain, {}, BuiltIndex());
  house_->Connect("s1");
  house_->Ask(desk, "r1", 50.0875, 14.4213);
  house_->Expect("r1", {"provisional", "queued 1"});
  EXPECT_EQ(house_->ToldOf("r1")[0].Text("provider"), "offline");
  chain->Let(TestChain::Street);
  house_->Expect("r1", {"provisional", "queued 1", "result"});
  EXPECT_EQ(desk.counters().provisional, 1u);
}

TEST_P(DeskContract, TheIndexSaysNothingWhereItIsNotWanted) {
  auto chain = std::make_shared<TestChain>(TestChain::Street);
  auto& desk = house_->AddDesk(chain, With([](auto& options) { options.provisional = false; }),
                               BuiltIndex());
  house_->Connect("s1");
  house_->Ask(desk, "r1", 50.0875, 14.4213);
  house_->Expect("r1", {"queued 1", "result"});
}

TEST_P(DeskContract, WhereNoProviderKnowsAStreetTheIndexHasTheLastWord) {
  auto chain = std::make_shared<TestChain>([](const Place&) -> Result<Found, LookupError> {
    return Err(LookupError{LookupFault::kNotFound, "", std::nullopt});
  });
  auto& desk = house_->AddDesk(chain, {}, BuiltIndex());
  house_->Connect("s1");
  house_->Ask(desk, "r1", 50.0875, 14.4213);
  house_->Expect("r1", {"provisional", "queued 1", "result"});
  EXPECT_EQ(house_->ToldOf("r1")[2].Text("provider"), "offline");
  house_->Ask(desk, "r2", 50.0875, 14.4213);
  house_->Expect("r2", {"cached"});
  const auto look = house_->Look(desk, 50.0875, 14.4213);
  ASSERT_TRUE(look);
  EXPECT_EQ(look->found.provider, "offline");
  EXPECT_FALSE(look->provisional);
  EXPECT_EQ(chain->count(), 1u);
  EXPECT_EQ(desk.counters().offline, 3u);
}

TEST_P(DeskContract, AFaultFollowsAProvisionalAnswer) {
  auto chain = std::make_shared<TestChain>([](const Place&) -> Result<Found, LookupError> {
    return Err(LookupError{LookupFault::kUnavailable, "down", std::nullopt});
  });
  auto& desk = house_->AddDesk(chain, {}, BuiltIndex());
  house_->Connect("s1");
  house_->Ask(desk, "r1", 50.0875, 14.4213);
  house_->Expect("r1", {"provisional", "queued 1", "error provider_unavailable"});
  const auto look = house_->Look(desk, 50.0875, 14.4213);
  ASSERT_TRUE(look);
  EXPECT_TRUE(look->provisional);
}

TEST_P(DeskContract, WithoutProvidersTheIndexAnswersOnTheSpot) {
  auto& desk = house_->AddDesk(nullptr, {}, BuiltIndex());
  std::vector<GeocodingDesk::Taken> taken;
  const auto keep = [&](GeocodingDesk::Taken one) { taken.push_back(std::move(one)); };
  desk.Request({"land", {50.0875, 14.4213, "en"}, "s1"}, keep);
  desk.Request({"sea", {0, -30, "en"}, "s1"}, keep);
  ASSERT_EQ(taken.size(), 2u);  // before it returned, on this thread
  for (const char* id : {"land", "sea"}) house_->Say("s1", taken[id == std::string("sea")]);
  house_->Expect("land", {"result"});
  house_->Expect("sea", {"error not_found"});
  EXPECT_FALSE(taken[0].queued);
  EXPECT_EQ(house_->ToldOf("land")[0].Text("provider"), "offline");
  ASSERT_TRUE(house_->Look(desk, 50.0875, 14.4213));
  EXPECT_EQ(house_->Look(desk, 0, -30).error().code, "not_found");
  EXPECT_EQ(desk.counters().offline, 4u);

  auto& nothing = house_->AddDesk(nullptr);
  EXPECT_EQ(house_->Ask(nothing, "r", 1, 1).error->code, "provider_unavailable");
}

}  // namespace
}  // namespace trackwire::geocoding
