#include "geocoding/nominatim.h"

#include <gtest/gtest.h>

namespace trackwire::geocoding {
namespace {

const Place kAsked{50.0001, 14.0002, "en"};
constexpr double kFarthestM = 1'000;

Result<Address, AnswerError> Read(const std::string& body) {
  return ReadNominatim(body, kAsked, kFarthestM);
}
/// An answer of an object 11 m south of the point.
std::string Near(const std::string& members) {
  return R"({"lat":"50.0000","lon":"14.0002")" + (members.empty() ? "" : "," + members) + "}";
}
AnswerFault FaultOf(const std::string& body) {
  const auto read = Read(body);
  EXPECT_FALSE(read) << body;
  return read ? AnswerFault::kBad : read.error().fault;
}

TEST(NominatimTest, AsksForAnAddressInALanguageAndNothingElse) {
  EXPECT_EQ(NominatimUrl("https://geo.example", {50.5, -0.0, "de-CH"}, Detail::kBuilding, ""),
            "https://geo.example/reverse?format=jsonv2&addressdetails=1&layer=address"
            "&lat=50.5000000&lon=0.0000000&zoom=18&accept-language=de-CH");
}

TEST(NominatimTest, AsksAsFinelyAsItIsTold) {
  const auto zoom = [](Detail detail) {
    const std::string url = NominatimUrl("http://h", kAsked, detail, "");
    const size_t at = url.find("&zoom=") + 6;
    return url.substr(at, url.find('&', at) - at);
  };
  EXPECT_EQ(zoom(Detail::kBuilding), "18");
  EXPECT_EQ(zoom(Detail::kStreet), "17");
  EXPECT_EQ(zoom(Detail::kCity), "10");
}

TEST(NominatimTest, KeepsTheOperatorsPathAndQuery) {
  const std::string url =
      NominatimUrl("https://h/v1/?key=a%20b#x", kAsked, Detail::kStreet, "op+geo@example.org");
  EXPECT_TRUE(url.starts_with("https://h/v1/reverse?key=a%20b&format=jsonv2&")) << url;
  EXPECT_TRUE(url.ends_with("&email=op%2Bgeo%40example.org")) << url;
}

TEST(NominatimTest, WhatAClientSaysStaysInItsParameter) {
  const std::string url =
      NominatimUrl("http://h", {1, 2, "en&zoom=3\r\nX: y"}, Detail::kCity, "");
  EXPECT_TRUE(url.ends_with("&accept-language=en%26zoom%3D3%0D%0AX%3A%20y")) << url;
}

TEST(NominatimTest, ReadsAWholeAddress) {
  const auto read = Read(Near(R"("place_id":1,"place_rank":30,"addresstype":"building","name":"",
      "display_name":"7, Long Lane, Old Town, Sometown, Someshire, 123 45, Someland",
      "address":{"house_number":"7","road":"Long Lane","suburb":"Old Town","city":"Sometown",
                 "state":"Someshire","ISO3166-2-lvl4":"SL-SO","postcode":"123 45",
                 "country":"Someland","country_code":"sl"},
      "boundingbox":["49.9","50.1","13.9","14.1"])"));
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->display_name,
            "7, Long Lane, Old Town, Sometown, Someshire, 123 45, Someland");
  EXPECT_EQ(read->house_number, "7");
  EXPECT_EQ(read->road, "Long Lane");
  EXPECT_EQ(read->city, "Sometown");
  EXPECT_EQ(read->state, "Someshire");
  EXPECT_EQ(read->postcode, "123 45");
  EXPECT_EQ(read->country, "Someland");
  EXPECT_EQ(read->country_code, "SL");
  EXPECT_EQ(read->distance_m, 11);
  EXPECT_EQ(read->bearing, 0);
}

TEST(NominatimTest, FindsTheSettlementUnderWhicheverNameItStands) {
  for (const char* kind : {"city", "town", "village", "municipality", "hamlet"}) {
    const auto read =
        Read(Near(R"("display_name":"x","address":{")" + std::string(kind) + R"(":"Here"})"));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->city, "Here") << kind;
  }
  const auto larger =
      Read(Near(R"("display_name":"x","address":{"hamlet":"Small","town":"Large"})"));
  EXPECT_EQ(larger->city, "Large");
}

TEST(NominatimTest, TakesNumbersForTextsAndTextsForNumbers) {
  const auto read = Read(
      R"({"lat":50.0001,"lon":14.0002,"display_name":"x",
          "address":{"house_number":12,"postcode":90210,"road":["no"],"city":{"no":1},
                     "state":null,"country_code":"s1"}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->house_number, "12");
  EXPECT_EQ(read->postcode, "90210");
  EXPECT_EQ(read->road + read->city + read->state + read->country_code, "");
  EXPECT_EQ(*read->distance_m, 0);
}

TEST(NominatimTest, IsContentWithOnlyOneOfLineAndParts) {
  const auto line = Read(Near(R"("display_name":"Somewhere")"));
  ASSERT_TRUE(line);
  EXPECT_EQ(line->display_name, "Somewhere");
  const auto parts = Read(Near(R"("name":"Mill","address":{"road":"Weir","house_number":"3",
      "postcode":"1","town":"T","country":"C"})"));
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->display_name, "Mill, 3 Weir, 1 T, C");
  EXPECT_EQ(FaultOf(Near("")), AnswerFault::kBad);
  EXPECT_EQ(FaultOf(Near(R"("address":{},"display_name":7)")), AnswerFault::kBad);
}

TEST(NominatimTest, ReadsErrorsInEitherForm) {
  EXPECT_EQ(FaultOf(R"({"error":"Unable to geocode"})"), AnswerFault::kNotFound);
  EXPECT_EQ(FaultOf(R"({"error":{"code":404,"message":"x"}})"), AnswerFault::kNotFound);
  EXPECT_EQ(FaultOf(R"({"error":{"message":"unable to geocode it"}})"), AnswerFault::kNotFound);
  EXPECT_EQ(FaultOf(R"({"error":{"code":500,"message":"x"}})"), AnswerFault::kBad);
  EXPECT_EQ(FaultOf(R"({"error":"overloaded"})"), AnswerFault::kBad);
  EXPECT_EQ(FaultOf(R"({"error":17})"), AnswerFault::kBad);
  EXPECT_TRUE(Read(Near(R"("error":null,"display_name":"x")")));
}

TEST(NominatimTest, AnObjectFarAwayIsNone) {
  const auto at = [](const std::string& latitude, const std::string& rest) {
    return Read(R"({"lat":")" + latitude + R"(","lon":"14.0002","display_name":"x")" + rest + "}");
  };
  EXPECT_TRUE(at("50.0090", ""));
  EXPECT_FALSE(at("50.0092", ""));
  EXPECT_EQ(at("50.0092", "").error().fault, AnswerFault::kNotFound);
  // Inside a town, the middle of which is farther; but not just anywhere in a country.
  const std::string box = R"(,"boundingbox":["49.9","50.2","13.9","14.1"])";
  EXPECT_TRUE(at("50.1", box + R"(,"address":{"town":"T"})"));
  EXPECT_TRUE(at("50.1", box + R"(,"address":{"road":"R"})"));
  EXPECT_FALSE(at("50.1", box + R"(,"address":{"country":"C"})"));
  EXPECT_FALSE(at("50.1", R"(,"boundingbox":["50.05","50.2","13","15"],"address":{"town":"T"})"));
  EXPECT_FALSE(at("50.1", R"(,"boundingbox":["49","51","13"],"address":{"town":"T"})"));
}

TEST(NominatimTest, WhatIsNoAnswerIsBad) {
  const std::vector<std::string> bad = {
      "[]", "null", "<html>busy</html>", "{\"a\":1} x",
      R"({"display_name":"x"})",
      R"({"lat":"NaN","lon":"1","display_name":"x"})",
      R"({"lat":"inf","lon":"1","display_name":"x"})",
      R"({"lat":"91","lon":"1","display_name":"x"})",
      R"({"lat":"1","lon":"-181","display_name":"x"})",
      R"({"lat":"1 north","lon":"1","display_name":"x"})",
      R"({"lat":1e999,"lon":1,"display_name":"x"})",
      "{\"lat\":50,\"lon\":14,\"display_name\":\"\xC3\x28\"}",
      "{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}",
      Near(R"("display_name":")" + std::string(kMaxAnswerBytes, 'x') + "\"")};
  for (const std::string& body : bad) {
    EXPECT_EQ(FaultOf(body), AnswerFault::kBad) << body.substr(0, 80);
  }
}

TEST(NominatimTest, WhatEndsTooEarlyIsCut) {
  const std::string whole = Near(R"("display_name":"x","address":{"city":"y"})");
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::unique_ptr<char[]> exact(new char[size]);
    std::copy_n(whole.data(), size, exact.get());
    const auto read = ReadNominatim(std::string_view(exact.get(), size), kAsked, kFarthestM);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().fault, AnswerFault::kCut) << whole.substr(0, size);
  }
}

TEST(NominatimTest, BoundsWhatItTakes) {
  const std::string name(50'000, 'n');
  const auto read = Read(Near(R"("display_name":")" + name + R"(","address":{"road":")" + name +
                              R"(","city":"a\u0000\u0007b\n c\u202e"})"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->display_name.size(), kMaxLineBytes);
  EXPECT_EQ(read->road.size(), kMaxNameBytes);
  EXPECT_EQ(read->city, "a b c");
}

}  // namespace
}  // namespace trackwire::geocoding
