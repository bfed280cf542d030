#include <gtest/gtest.h>

#include "tests/geocoding/desk_contract.h"

namespace trackwire::geocoding {
namespace {

#ifdef __SANITIZE_THREAD__
constexpr size_t kPlaces = 250;  // what it looks for is there with fewer, too
#else
constexpr size_t kPlaces = 5'000;
#endif

/// Asks for `places` places in turn until there are so many requests, waits until all are answered,
/// and holds each to one answer after it was told that it waits.
void AnswerABurst(DeskHouse& house, const std::vector<GeocodingDesk*>& desks, TestChain& chain,
                  size_t requests, size_t places) {
  house.Connect("s1");
  const auto taken = std::make_shared<std::atomic<size_t>>(0);
  for (size_t i = 0; i < requests; ++i) {
    const auto place = static_cast<double>(i % places);
    desks[i % desks.size()]->Request({"r" + std::to_string(i), {place / 100, 1, "en"}, "s1"},
                                     [&house, taken](const GeocodingDesk::Taken& one) {
                                       if (!one.error) ++*taken;
                                       house.Say("s1", one);
                                     });
  }
  // Held until the last one has asked.
  ASSERT_TRUE(house.AwaitHeard(requests));
  EXPECT_EQ(*taken, requests);
  chain.Let(TestChain::Street);
  ASSERT_TRUE(house.AwaitEnded(requests));
  EXPECT_EQ(house.Ended(), requests);
  EXPECT_EQ(chain.count(), places);
  for (size_t i = 0; i < requests; ++i) {
    const auto told = house.ToldOf("r" + std::to_string(i));
    ASSERT_EQ(told.size(), 2u) << i;
    ASSERT_EQ(told[0].name, "geocoding_queued") << i;
    ASSERT_EQ(told[1].name, "geocoding_result") << i;
    ASSERT_EQ(told[1].Number("latitude"), static_cast<double>(i % places) / 100) << i;
  }
}

TEST(GeocodingBurstTest, AHundredThousandRequestsForFiveThousandPlacesAreAsManyLookups) {
  DeskHouse house(broker::kPersistentBackends[0]());
  auto chain = std::make_shared<TestChain>();
  auto& desk = house.AddDesk(chain);
  AnswerABurst(house, {&desk}, *chain, 20 * kPlaces, kPlaces);
  EXPECT_EQ(desk.counters().joined, 19 * kPlaces);
}

TEST(GeocodingBurstTest, ABurstThroughRedisTakesOneLookupForAPlace) {
  DeskHouse house(broker::kPersistentBackends[2]());
  auto chain = std::make_shared<TestChain>();
  auto& one = house.AddDesk(chain);
  auto& other = house.AddDesk(chain);
  AnswerABurst(house, {&one, &other}, *chain, 4'000, 200);
}

}  // namespace
}  // namespace trackwire::geocoding
