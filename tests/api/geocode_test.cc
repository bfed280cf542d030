#include "api/geocode.h"

#include <gtest/gtest.h>

#include "api/geocoding_metrics.h"

namespace trackwire::api {
namespace {

TEST(GeocodeTest, TellsTheClientsOwnNumbers) {
  geocoding::AddressAnswer answer;
  answer.found.address.country_code = "DE";
  answer.found.provider = "nominatim";
  answer.cached = true;
  const std::string json = GeocodeJson({52.5186789, -0.1, "en"}, answer);
  EXPECT_EQ(json.find(R"({"latitude":52.5186789,"longitude":-0.1,"address":{)"), 0u) << json;
  EXPECT_NE(json.find(R"("country_code":"DE")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"(,"cached":true,"provider":"nominatim","provisional":false})"),
            std::string::npos)
      << json;
}

TEST(GeocodeTest, HasAStatusForEachCode) {
  EXPECT_EQ(GeocodeStatus("not_found"), 404);
  EXPECT_EQ(GeocodeStatus("invalid_request"), 400);
  EXPECT_EQ(GeocodeStatus("rate_limited"), 429);
  EXPECT_EQ(GeocodeStatus("provider_unavailable"), 503);
  EXPECT_EQ(GeocodeStatus("queue_full"), 503);
}

TEST(GeocodeTest, ListsWhoseDataItIs) {
  EXPECT_EQ(AttributionsJson({}), R"({"attributions":[]})");
  EXPECT_EQ(AttributionsJson({{"a \"b\"", "u", "l"}, {"c", "", ""}}),
            R"({"attributions":[{"text":"a \"b\"","url":"u","licence":"l"},)"
            R"({"text":"c","url":"","licence":""}]})");
}

TEST(GeocodingMetricsTest, HasAFamilyOncePerName) {
  GeocodingSample sample;
  sample.hits = 3;
  sample.misses = 1;
  for (const char* name : {"a", "b"}) {
    GeocoderSample one;
    one.name = name;
    one.state = "open";
    one.unavailable = 7;
    sample.providers.push_back(one);
  }
  const std::string text = GeocodingMetricsText(sample);
  const auto count = [&](const std::string& part) {
    size_t found = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
      ++found;
    }
    return found;
  };
  EXPECT_EQ(count("trackwire_geocoding_cache_total{result=\"hit\"} 3\n"), 1u);
  EXPECT_EQ(count("# TYPE trackwire_geocoding_provider_outcomes_total counter\n"), 1u);
  EXPECT_EQ(count("{provider=\"b\",outcome=\"unavailable\"} 7\n"), 1u);
  EXPECT_EQ(count("trackwire_geocoding_provider_breaker{provider=\"a\",state=\"open\"} 1\n"), 1u);
  EXPECT_EQ(count("trackwire_geocoding_provider_breaker{provider=\"a\",state=\"closed\"} 0\n"), 1u);
  sample.providers.clear();
  EXPECT_EQ(GeocodingMetricsText(sample).find("_provider_"), std::string::npos);
}

}  // namespace
}  // namespace trackwire::api
