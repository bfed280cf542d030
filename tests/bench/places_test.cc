#include "load/places.h"

#include <gtest/gtest.h>

#include "base/json_scanner.h"
#include "load/notification.h"

namespace trackwire::bench {
namespace {

constexpr size_t kTrackers = 500;
constexpr double kDegrees = 40;

TEST(PlacesTest, TrackersAndBoxesLieOnTheMapAndNotAllInOnePlace) {
  int32_t west = 0;
  int32_t east = 0;
  for (size_t i = 0; i < 1000; ++i) {
    const Place place = PlaceOfTracker(i);
    EXPECT_LE(std::abs(place.latitude), 60 * kUnitsPerDegree);
    EXPECT_LE(std::abs(place.longitude), 180 * kUnitsPerDegree);
    west = std::min(west, place.longitude);
    east = std::max(east, place.longitude);
    const Box box = BoxOfClient(i, kDegrees);
    EXPECT_LE(-180 * kUnitsPerDegree, box.west);
    EXPECT_LT(box.west, box.east);
    EXPECT_LT(box.south, box.north);
    EXPECT_LE(box.east, 180 * kUnitsPerDegree);
  }
  EXPECT_LT(west, -150 * kUnitsPerDegree);
  EXPECT_GT(east, 150 * kUnitsPerDegree);
}

TEST(PlacesTest, ANotificationSaysWhereItsTrackerStands) {
  const NotificationWriter writer("tracker_location_updated", 250, kTrackers, true);
  std::string text;
  writer.Append(text, {.run = 1, .publisher = 0, .sequence = kTrackers + 3, .sent_ns = 5});
  const auto value = base::ScanJson(text);
  ASSERT_TRUE(value) << text;
  const Place place = PlaceOfTracker(3);
  const auto latitude = base::JsonNumber(*base::FindMember(*value, "latitude"));
  const auto longitude = base::JsonNumber(*base::FindMember(*value, "longitude"));
  EXPECT_NEAR(*latitude * kUnitsPerDegree, place.latitude, 0.01);
  EXPECT_NEAR(*longitude * kUnitsPerDegree, place.longitude, 0.01);
}

class BoxCheckerTest : public testing::Test {
 protected:
  /// Delivers what a right server would to the client, but for those that `leave_out` names.
  void Deliver(size_t client, uint64_t published, uint64_t leave_out = UINT64_MAX) {
    const Box box = BoxOfClient(client, kDegrees);
    for (uint64_t sequence = 0; sequence < published; ++sequence) {
      if (sequence == leave_out || !box.Contains(PlaceOfTracker(sequence % kTrackers))) continue;
      checker_.Observe(client, 0, sequence);
      last_ = sequence;
    }
  }
  uint64_t FirstIn(size_t client) const {
    const Box box = BoxOfClient(client, kDegrees);
    uint64_t sequence = 0;
    while (!box.Contains(PlaceOfTracker(sequence % kTrackers))) ++sequence;
    return sequence;
  }

  BoxChecker checker_{{0, 1, 2}, kDegrees, 1, kTrackers};
  uint64_t last_ = 0;
};

TEST_F(BoxCheckerTest, ExpectsWhatARightServerDelivers) {
  constexpr uint64_t kPublished = 3 * kTrackers + 77;
  for (size_t client = 0; client < 3; ++client) Deliver(client, kPublished);
  EXPECT_GT(checker_.received(), 0u);
  EXPECT_EQ(checker_.received(), checker_.Expected({kPublished}));
  EXPECT_TRUE(checker_.Faults({kPublished}).none());
  EXPECT_EQ(checker_.uninvited(), 0u);
}

TEST_F(BoxCheckerTest, NoticesWhatIsMissing) {
  Deliver(0, kTrackers, FirstIn(0));
  Deliver(1, kTrackers);
  Deliver(2, kTrackers);
  EXPECT_EQ(checker_.Faults({kTrackers}), (DeliveryFaults{.missing = 1}));
}

TEST_F(BoxCheckerTest, NoticesWhatComesTwiceOrLate) {
  Deliver(0, kTrackers, FirstIn(0));
  Deliver(1, kTrackers);
  Deliver(2, kTrackers);
  checker_.Observe(2, 0, last_);
  checker_.Observe(0, 0, FirstIn(0));
  EXPECT_EQ(checker_.Faults({kTrackers}), (DeliveryFaults{.reordered = 1, .duplicated = 1}));
}

TEST_F(BoxCheckerTest, NoticesWhatIsFromElsewhere) {
  const Box box = BoxOfClient(0, kDegrees);
  uint64_t outside = 0;
  while (box.Contains(PlaceOfTracker(outside))) ++outside;
  checker_.Observe(0, 0, outside);
  EXPECT_EQ(checker_.uninvited(), 1u);
  EXPECT_EQ(checker_.received(), 0u);
}

}  // namespace
}  // namespace trackwire::bench
