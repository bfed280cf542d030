#include "geocoding/address_events.h"

#include <gtest/gtest.h>

#include <limits>

namespace trackwire::geocoding {
namespace {

using namespace std::chrono_literals;

const AddressRequest kRequest{"r\"1", {50.0875001, -14.5, "en"}, "s1"};

TEST(AddressEventsTest, TellTheClientsOwnNumbers) {
  const AddressEvent queued = QueuedEvent(kRequest, 3);
  EXPECT_EQ(queued.name, "geocoding_queued");
  EXPECT_EQ(queued.payload,
            R"({"request_id":"r\"1","latitude":50.0875001,"longitude":-14.5,"queue_position":3})");
  AddressAnswer answer;
  answer.found.address.display_name = "Písek";
  answer.found.provider = "offline";
  answer.provisional = true;
  const AddressEvent result = ResultEvent(kRequest, answer);
  EXPECT_EQ(result.name, "geocoding_result");
  EXPECT_EQ(result.payload,
            R"({"request_id":"r\"1","latitude":50.0875001,"longitude":-14.5,)"
            R"("address":{"display_name":"Písek"},"cached":false,"provider":"offline",)"
            R"("provisional":true})");
}

TEST(AddressEventsTest, ErrorsSayWhenToComeBack) {
  const AddressEvent event = ErrorEvent(kRequest, {"rate_limited", "later", 1001ms});
  EXPECT_EQ(event.name, "geocoding_error");
  EXPECT_EQ(event.payload, R"({"request_id":"r\"1","latitude":50.0875001,"longitude":-14.5,)"
                           R"("code":"rate_limited","message":"later","retry_after":2})");
  EXPECT_EQ(ErrorEvent(kRequest, {"not_found", "no", std::nullopt}).payload.find("retry_after"),
            std::string::npos);
}

TEST(AddressEventsTest, TheEnvelopeIsForOneSocket) {
  EXPECT_EQ(EnvelopeOf({"geocoding_queued", "{}"}, "s1"),
            R"({"message_type":"geocoding_queued","socket_id":"s1","notification":{}})");
}

TEST(CheckPlaceTest, TakesWhatIsOnEarth) {
  for (const auto& [latitude, longitude] :
       std::vector<std::pair<double, double>>{{90, 180}, {-90, -180}, {0, 0}, {50.1, -14.2}}) {
    const auto place = CheckPlace(latitude, longitude, "", "en");
    ASSERT_TRUE(place);
    EXPECT_EQ(place->latitude, latitude);
    EXPECT_EQ(place->longitude, longitude);
    EXPECT_EQ(place->language, "en");
  }
}

TEST(CheckPlaceTest, RefusesWhatIsNot) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  for (const auto& [latitude, longitude] : std::vector<std::pair<double, double>>{{90.0001, 0},
                                                                                  {-91, 0},
                                                                                  {0, 180.0001},
                                                                                  {0, -181},
                                                                                  {nan, 0},
                                                                                  {0, nan},
                                                                                  {infinite, 0},
                                                                                  {0, -infinite}}) {
    const auto place = CheckPlace(latitude, longitude, "", "en");
    ASSERT_FALSE(place);
    EXPECT_EQ(place.error().code, "invalid_request");
  }
}

TEST(CheckPlaceTest, KnowsALanguageTag) {
  for (const char* tag : {"en", "pt-BR", "zh-Hant-TW", "sr-Latn", "es-419", "gsw", "de-CH-1996"}) {
    const auto place = CheckPlace(1, 2, tag, "en");
    ASSERT_TRUE(place) << tag;
    EXPECT_EQ(place->language, tag);
  }
  for (const char* tag : {"e", "-en", "en-", "en--US", "en_US", "1en", "de;q=1", "en US",
                          "abcdefghi", "čeština", "en-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd"}) {
    EXPECT_FALSE(CheckPlace(1, 2, tag, "en")) << tag;
  }
  EXPECT_FALSE(CheckPlace(1, 2, std::string_view("e\0n", 3), "en"));
}

}  // namespace
}  // namespace trackwire::geocoding
