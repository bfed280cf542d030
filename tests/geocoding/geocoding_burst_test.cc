#include <gtest/gtest.h>

#include "tests/geocoding/desk_contract.h"

namespace trackwire::geocoding {
namespace {

/// Asks for `places` places in turn until there are so many requests, waits until all are answered,
/// and holds each to one answer after it was told that it waits.
void AnswerABurst(DeskHouse& house, const std::vector<GeocodingDesk*>& desks, TestChain& chain,
                  size_t requests, size_t places) {
  house.Connect("s1");
  std::atomic<size_t> taken = 0;
  for (size_t i = 0; i < requests; ++i) {
    const auto place = static_cast<double>(i % places);
    desks[i % desks.size()]->Request(
        {"r" + std::to_string(i), {place / 100, 1, "en"}, "s1"},
        [&](const GeocodingDesk::Taken& one) {
          EXPECT_FALSE(one.error) << one.error->code;
          house.Say("s1", one);
          ++taken;
        });
  }
  EXPECT_TRUE(test::Until([&] { return taken == requests; })) << taken;
  chain.Let(TestChain::Street);
  const auto settled = [&] { return house.Ended() >= requests; };
  // A burst on a busy machine takes its time; it only has to go on.
  for (size_t before = 0; !settled() && house.Ended() >= before;) {
    before = house.Ended() + 1;
    if (!test::Until([&] { return house.Ended() >= before || settled(); })) break;
  }
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
  AnswerABurst(house, {&desk}, *chain, 100'000, 5'000);
  EXPECT_EQ(desk.counters().joined, 95'000u);
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
