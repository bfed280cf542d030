#include "geocoding/photon.h"

#include <gtest/gtest.h>

namespace trackwire::geocoding {
namespace {

const Place kAsked{50.0001, 14.0002, "en"};

Result<Address, AnswerError> Read(const std::string& body) {
  return ReadPhoton(body, kAsked, 1'000);
}
std::string Features(const std::string& features) {
  return R"({"type":"FeatureCollection","features":[)" + features + "]}";
}
std::string Feature(const std::string& properties,
                    const std::string& coordinates = "[14.0002,50.0]") {
  return Features(R"({"type":"Feature","geometry":{"type":"Point","coordinates":)" + coordinates +
                  R"(},"properties":{)" + properties + "}}");
}
AnswerFault FaultOf(const std::string& body) {
  const auto read = Read(body);
  EXPECT_FALSE(read) << body;
  return read ? AnswerFault::kBad : read.error().fault;
}

TEST(PhotonTest, AsksWithDocumentedParametersAlone) {
  EXPECT_EQ(PhotonUrl("http://p.example/", {50.5, -14.25, "en"}, Detail::kBuilding, 1'500, "en"),
            "http://p.example/reverse?lat=50.5000000&lon=-14.2500000&radius=1.5&limit=1"
            "&layer=house&layer=street&layer=locality&layer=district&layer=city&lang=en");
  EXPECT_EQ(PhotonUrl("http://p", {0, 0, "en"}, Detail::kCity, 25'000, ""),
            "http://p/reverse?lat=0.0000000&lon=0.0000000&radius=25&limit=1&layer=city");
  const std::string street = PhotonUrl("http://p", {0, 0, "en"}, Detail::kStreet, 1'000, "");
  EXPECT_EQ(street.find("house"), std::string::npos) << street;
  EXPECT_NE(street.find("&layer=street&layer="), std::string::npos) << street;
}

TEST(PhotonTest, KeepsTheRadiusWithinWhatIsAllowed) {
  const auto radius = [](double metres) {
    const std::string url = PhotonUrl("http://p", kAsked, Detail::kCity, metres, "");
    const size_t at = url.find("&radius=") + 8;
    return url.substr(at, url.find('&', at) - at);
  };
  EXPECT_EQ(radius(-5), "0.001");
  EXPECT_EQ(radius(1e12), "5000");
  EXPECT_EQ(radius(std::numeric_limits<double>::quiet_NaN()), "5000");
}

TEST(PhotonTest, KnowsLanguagesNotTheirForms) {
  EXPECT_EQ(PhotonLanguage("de-CH"), "de");
  EXPECT_EQ(PhotonLanguage("PT_br"), "pt");
  EXPECT_EQ(PhotonLanguage("en"), "en");
  EXPECT_EQ(PhotonLanguage("e&x"), "");
  EXPECT_EQ(PhotonLanguage("muchtoolong"), "");
  EXPECT_EQ(PhotonLanguage(""), "");
}

TEST(PhotonTest, ReadsAHouse) {
  const auto read = Read(Feature(R"("osm_type":"N","osm_id":1,"osm_key":"place",
      "osm_value":"house","type":"house","housenumber":"12","street":"Main Street",
      "district":"Centre","city":"Town","county":"County","state":"State","postcode":"90210",
      "country":"Country","countrycode":"CO")"));
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->display_name, "12 Main Street, 90210 Town, State, Country");
  EXPECT_EQ(read->house_number, "12");
  EXPECT_EQ(read->road, "Main Street");
  EXPECT_EQ(read->city, "Town");
  EXPECT_EQ(read->state, "State");
  EXPECT_EQ(read->postcode, "90210");
  EXPECT_EQ(read->country, "Country");
  EXPECT_EQ(read->country_code, "CO");
  EXPECT_EQ(read->distance_m, 11);
  EXPECT_EQ(read->bearing, 0);
}

TEST(PhotonTest, AnObjectIsWhatItIsCalled) {
  const auto street = Read(Feature(R"("type":"street","name":"Ring Road","city":"Town")"));
  EXPECT_EQ(street->road, "Ring Road");
  EXPECT_EQ(street->display_name, "Ring Road, Town");
  const auto city = Read(Feature(R"("type":"city","name":"Town","state":"Town","country":"C")"));
  EXPECT_EQ(city->city, "Town");
  EXPECT_EQ(city->display_name, "Town, C");
  const auto hamlet = Read(Feature(R"("type":"locality","name":"Few Houses","country":"C")"));
  EXPECT_EQ(hamlet->city, "Few Houses");
  const auto hall = Read(Feature(
      R"("type":"house","name":"Hall","housenumber":3,"locality":"Few Houses","country":"C")"));
  EXPECT_EQ(hall->display_name, "Hall, 3, Few Houses, C");
  EXPECT_EQ(hall->house_number, "3");
}

TEST(PhotonTest, NothingNearIsNotFound) {
  EXPECT_EQ(FaultOf(Features("")), AnswerFault::kNotFound);
  const std::string far = Feature(R"("type":"house","street":"S","country":"C")", "[14.0002,50.1]");
  EXPECT_EQ(FaultOf(far), AnswerFault::kNotFound);
}

TEST(PhotonTest, ALongStreetIsNearWhereItsExtentIs) {
  const auto street = [](const std::string& extent) {
    return Read(Feature(R"("type":"street","name":"S","extent":)" + extent, "[14.0002,50.1]"));
  };
  EXPECT_TRUE(street("[13.9,50.2,14.1,49.9]"));
  EXPECT_FALSE(street("[13.9,50.2,14.1,50.05]"));
  EXPECT_FALSE(street("[13.9,50.2]"));
  EXPECT_FALSE(street("\"wide\""));
}

TEST(PhotonTest, TakesTextsForNumbers) {
  EXPECT_TRUE(Read(Feature(R"("name":"x")", R"(["14.0002"," 50.0 "])")));
}

TEST(PhotonTest, WhatIsNoAnswerIsBad) {
  const std::vector<std::string> bad = {
      "[]", "{}", "<html></html>", R"({"features":{}})", R"({"features":null})", Features("null"),
      Features("[]"), Features("{}"), Features(R"({"properties":{"name":"x"}})"),
      Feature(R"("name":"x")", "[]"), Feature(R"("name":"x")", "[14]"),
      Feature(R"("name":"x")", "[\"NaN\",50]"), Feature(R"("name":"x")", "[50,140]"),
      Feature(R"("name":"x")", "{}"), Feature(""), Feature(R"("name":{"en":"x"})"),
      Feature("\"name\":\"\xFF\""), Features(std::string(200, '['))};
  for (const std::string& body : bad) EXPECT_NE(FaultOf(body), AnswerFault::kNotFound) << body;
}

TEST(PhotonTest, TellsWhetherItIsTheLanguage) {
  EXPECT_TRUE(IsPhotonLanguageError(
      R"({"message":"Language is not supported. Supported are: default, en, de, fr"})"));
  EXPECT_TRUE(IsPhotonLanguageError(R"({"message":"unknown value for lang"})"));
  EXPECT_FALSE(IsPhotonLanguageError(R"({"message":"unknown query parameter 'zoom'"})"));
  EXPECT_FALSE(IsPhotonLanguageError("Language"));
}

}  // namespace
}  // namespace trackwire::geocoding
