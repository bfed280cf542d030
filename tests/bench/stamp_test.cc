#include "wire/stamp.h"

#include <gtest/gtest.h>

#include "load/notification.h"

namespace trackwire::bench {
namespace {

TEST(StampTest, ComesBackOutOfAnyText) {
  const Stamp stamp{.run = 7, .publisher = 2, .sequence = 123'456'789'012, .sent_ns = 987'654};
  std::string text = "42[\"event\",{\"stamp\": \"";
  AppendStamp(text, stamp);
  text += "\",\"latitude\":1.5},\"offset\"]";
  EXPECT_EQ(FindStamp(text), stamp);
}

TEST(StampTest, IsNotFoundInWhatIsNone) {
  for (const char* text :
       {"", "twload", "twload.", "twload.1.2.3", "twload.1.2.3.", "twload.a.2.3.4",
        "twload.1.2.-3.4", "twload.1 2.3.4", "twload.99999999999.1.1.1"}) {
    EXPECT_EQ(FindStamp(text), std::nullopt) << text;
  }
}

TEST(NotificationTest, HasTheSizeAskedForAndCarriesItsStamp) {
  const NotificationWriter writer("tracker_location_updated", 250, 1000);
  const Stamp early{.run = 1, .publisher = 0, .sequence = 0, .sent_ns = 1};
  const Stamp late{.run = 999'998,
                   .publisher = 63,
                   .sequence = 3'600'000'000,
                   .sent_ns = 9'000'000'000'000'000'000};
  for (const Stamp& stamp : {early, late}) {
    std::string text;
    writer.Append(text, stamp);
    EXPECT_EQ(text.size(), 250u) << text;
    EXPECT_EQ(FindStamp(text), stamp);
  }
}

TEST(NotificationTest, TheSmallestSizeHoldsTheLongestNumbers) {
  const NotificationWriter writer("e", NotificationWriter::kMinBytes, 1'000'000);
  std::string text;
  writer.Append(text, {.run = 999'998,
                       .publisher = 63,
                       .sequence = 35'999'999'999,
                       .sent_ns = 9'000'000'000'000'000'000});
  EXPECT_EQ(text.size(), NotificationWriter::kMinBytes);
}

TEST(NotificationTest, IsWrappedForEachWayOfPublishing) {
  const NotificationWriter writer("moved", 250, 10);
  const Stamp stamp{.run = 1, .publisher = 0, .sequence = 12, .sent_ns = 1};
  std::string broadcast;
  std::string envelope;
  writer.AppendBroadcast(broadcast, stamp);
  writer.AppendEnvelope(envelope, stamp);
  EXPECT_EQ(broadcast.rfind("42[\"broadcast\",\"moved\",{\"stamp\":", 0), 0u);
  EXPECT_EQ(broadcast.substr(broadcast.size() - 2), "}]");
  EXPECT_EQ(envelope.rfind("{\"message_type\":\"moved\",\"notification\":{\"stamp\":", 0), 0u);
  EXPECT_NE(envelope.find("\"tracker_id\":\"load-2\""), std::string::npos);
  EXPECT_EQ(envelope.substr(envelope.size() - 2), "}}");
}

}  // namespace
}  // namespace trackwire::bench
