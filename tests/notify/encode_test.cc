#include "notify/encode.h"

#include <gtest/gtest.h>

namespace trackwire::notify {
namespace {

std::shared_ptr<const socketio::Delivery> Encoded(const std::string& text,
                                                  const EncodeOptions& options = {}) {
  auto envelope = ingest::ParseEnvelope(text, 1'000'000);
  EXPECT_TRUE(envelope) << envelope.error().code;
  broker::LogEntry entry;
  entry.offset = {"e1", 1'700'000'000'000, 3};
  entry.envelope = text;
  entry.accepted_at = Steady::time_point(std::chrono::seconds(5));
  auto made =
      MakeDeliveries(entry, *envelope, std::make_shared<const Audience>(), Views(), {}, options);
  EXPECT_EQ(made.size(), 1u);
  return made.front().delivery;
}

const char* const kPosition =
    "{\"message_type\":\"tracker_location_updated\",\"notification\": {\"tracker_id\":7, "
    "\"latitude\" :48.8583701,\"x\":1E5,\"s\":\"\\u00e9\\/\", \"latitude\":1.0} }";

TEST(EncodeTest, PassesTheNotificationOnByteForByte) {
  const auto delivery = Encoded(kPosition);
  const std::string object =
      "{\"tracker_id\":7, \"latitude\" :48.8583701,\"x\":1E5,\"s\":\"\\u00e9\\/\", "
      "\"latitude\":1.0}";
  EXPECT_EQ(delivery->plain->payload(), "42[\"tracker_location_updated\"," + object + "]");
  EXPECT_EQ(delivery->with_offset->payload(),
            "42[\"tracker_location_updated\"," + object + ",\"e1.1700000000000-3\"]");
  EXPECT_EQ(delivery->offset, "e1.1700000000000-3");
}

TEST(EncodeTest, WritesAnEventsNameAsJson) {
  const auto delivery =
      Encoded("{\"message_type\":\"say \\\"hi\\\" \\u0041\",\"notification\":{}}");
  EXPECT_EQ(delivery->plain->payload(), "42[\"say \\\"hi\\\" A\",{}]");
}

TEST(EncodeTest, MakesOnlyTheVariantsThatAreWanted) {
  EncodeOptions options;
  options.with_offsets = false;
  EXPECT_EQ(Encoded(kPosition, options)->with_offset, nullptr);
  options.with_offsets = true;
  options.plain = false;
  EXPECT_EQ(Encoded(kPosition, options)->plain, nullptr);
}

TEST(EncodeTest, LetsOnlyPositionsOfOneTrackerReplaceEachOther) {
  const auto key = [](const std::string& type, const std::string& tracker,
                      const EncodeOptions& options) {
    return Encoded("{\"message_type\":\"" + type +
                       "\",\"notification\":{},\"tracker_id\":" + tracker + "}",
                   options)
        ->with_offset->conflation_key();
  };
  const std::string location = "tracker_location_updated";
  EXPECT_NE(key(location, "7", {}), 0u);
  EXPECT_EQ(key(location, "7", {}), key(location, "7", {}));
  EXPECT_NE(key(location, "7", {}), key(location, "\"7\"", {}));
  EXPECT_EQ(key("tracker_status_change", "7", {}), 0u);
  EncodeOptions replay;
  replay.conflate = false;
  EXPECT_EQ(key(location, "7", replay), 0u) << "what was missed is promised whole";
}

TEST(EncodeTest, RemembersWhenTheNotificationWasAccepted) {
  EXPECT_EQ(Encoded(kPosition)->plain->accepted_at(), Steady::time_point(std::chrono::seconds(5)));
}

}  // namespace
}  // namespace trackwire::notify
