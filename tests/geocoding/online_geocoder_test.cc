// What becomes of one question to a server in the network.
#include "geocoding/online_geocoder.h"

#include <gtest/gtest.h>

#include "tests/geocoding/online_scene.h"

namespace trackwire::geocoding {
namespace {

using test::Answer;
using namespace std::chrono_literals;

const std::string kHtml = "Content-Type: text/html\r\n";

TEST(OnlineGeocoderTest, AsksNominatim) {
  MapServer server({Answer(200, NominatimBody(), "Content-Type: application/json\r\n")});
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server);
  options.email = "op@example.org";
  auto& geocoder = scene.Make(options);
  const auto found = scene.Look(geocoder, {50.00001, 14, "cs"});
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->provider, "streets");
  EXPECT_EQ(found->address.display_name, "Somewhere");
  EXPECT_EQ(found->address.city, "Sometown");
  EXPECT_EQ(found->address.distance_m, 1);
  ASSERT_EQ(server.count(), 1u);
  const std::string asked = server.asked()[0];
  EXPECT_TRUE(asked.starts_with("GET /reverse?format=jsonv2&addressdetails=1&layer=address"
                                "&lat=50.0000100&lon=14.0000000&zoom=18&accept-language=cs"
                                "&email=op%40example.org HTTP/1.1\r\n"))
      << asked;
  EXPECT_NE(asked.find("\r\nUser-Agent: trackwire/test\r\n"), std::string::npos) << asked;
  EXPECT_EQ(geocoder.counters().requests, 1u);
  EXPECT_EQ(geocoder.counters().found, 1u);
}

TEST(OnlineGeocoderTest, AsksPhoton) {
  MapServer server({Answer(200, PhotonBody())});
  OnlineScene scene;
  const auto found = scene.Look(scene.Make(OnlineScene::For(server, OnlineKind::kPhoton)));
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->address.display_name, "Sometown");
  EXPECT_EQ(found->address.country_code, "SL");
  EXPECT_NE(server.asked()[0].find("&lang=en HTTP/1.1"), std::string::npos) << server.asked()[0];
}

TEST(OnlineGeocoderTest, NothingThereIsNotFound) {
  for (const char* body : {R"({"error":"Unable to geocode"})",
                           R"({"error":{"code":404,"message":"Unable to geocode"}})",
                           R"({"lat":"51","lon":"14","display_name":"far away"})"}) {
    MapServer server({Answer(200, body)});
    OnlineScene scene;
    auto& geocoder = scene.Make(OnlineScene::For(server));
    const auto none = scene.Look(geocoder);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().fault, LookupFault::kNotFound) << body;
    EXPECT_EQ(server.count(), 1u);
    EXPECT_EQ(geocoder.counters().not_found, 1u);
  }
  MapServer photon({Answer(200, R"({"type":"FeatureCollection","features":[]})")});
  OnlineScene scene;
  const auto none = scene.Look(scene.Make(OnlineScene::For(photon, OnlineKind::kPhoton)));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, LookupFault::kNotFound);
}

TEST(OnlineGeocoderTest, AsksAgainWhenItMayPass) {
  const std::string cut = "X-Cut: yes\r\n";
  const std::vector<std::string> passing = {
      Answer(500, ""), Answer(502, "<html>", kHtml), Answer(503, "{}"), "",
      "HTTP/1.1 200 OK\r\nContent-Type: app",
      // The body ends before its time; and with its connection, in the middle of a value.
      "HTTP/1.1 200 OK\r\n" + cut + "Content-Length: 900\r\n\r\n{\"lat\":",
      "HTTP/1.1 200 OK\r\n\r\n{\"lat\":\"50.0\",\"lon\":\"14"};
  for (const std::string& answer : passing) {
    MapServer server({answer, Answer(200, NominatimBody())});
    OnlineScene scene;
    OnlineOptions options = OnlineScene::For(server);
    options.retries = 3;  // curl itself does not repeat a request that got no answer
    auto& geocoder = scene.Make(options);
    const auto found = scene.Look(geocoder);
    ASSERT_TRUE(found) << found.error().detail << answer;
    EXPECT_GE(server.count(), 2u) << answer;
    EXPECT_GE(geocoder.counters().retries, 1u) << answer;
  }
}

TEST(OnlineGeocoderTest, GivesUpAfterItsRetries) {
  MapServer server({Answer(502, "")});
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server);
  options.retries = 2;
  auto& geocoder = scene.Make(options);
  const auto none = scene.Look(geocoder);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, LookupFault::kUnavailable);
  EXPECT_EQ(none.error().detail, "it answered 502");
  EXPECT_EQ(server.count(), 3u);
  EXPECT_EQ(geocoder.counters().retries, 2u);
  EXPECT_EQ(geocoder.counters().unavailable, 1u);
}

TEST(OnlineGeocoderTest, DoesNotWaitForASlowServer) {
  MapServer server({MapServer::kSilence, Answer(200, NominatimBody())});
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server);
  options.timeout = 300ms;
  options.retries = 50;
  options.breaker_failures = 100;
  const auto found = scene.Look(scene.Make(options));
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_GE(server.count(), 2u);
}

TEST(OnlineGeocoderTest, WhatIsNoAnswerIsNotAskedForAgain) {
  const std::vector<std::string> bad = {
      Answer(200, "<html>log in first</html>", kHtml),
      Answer(200, "{\"lat\":50,\"lon\":14,\"display_name\":\"\xC3\x28\"}"),
      Answer(200, std::string(5'000, '[') + std::string(5'000, ']')),
      Answer(200, "{\"display_name\":\"" + std::string(1'000'000, 'x') + "\"}"),
      Answer(200, R"({"error":"overloaded"})"), Answer(401, ""), Answer(404, "")};
  for (const std::string& answer : bad) {
    MapServer server({answer});
    OnlineScene scene;
    auto& geocoder = scene.Make(OnlineScene::For(server));
    const auto none = scene.Look(geocoder);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().fault, LookupFault::kUnavailable) << answer.substr(0, 100);
    EXPECT_FALSE(none.error().detail.empty());
    EXPECT_EQ(server.count(), 1u) << answer.substr(0, 100);
  }
}

TEST(OnlineGeocoderTest, FollowsNobodyElsewhere) {
  MapServer other({Answer(200, NominatimBody())});
  MapServer server({Answer(302, "", "Location: " + other.Url() + "/reverse\r\n")});
  OnlineScene scene;
  const auto none = scene.Look(scene.Make(OnlineScene::For(server)));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().detail, "it answered 302, which is not followed");
  EXPECT_EQ(server.count(), 1u);
  EXPECT_EQ(other.count(), 0u);
}

TEST(OnlineGeocoderTest, PrivateAddressesAreForTheOperatorToAllow) {
  MapServer server({Answer(200, NominatimBody())});
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server);
  options.allow_private = false;
  const auto none = scene.Look(scene.Make(options));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, LookupFault::kUnavailable);
  EXPECT_TRUE(none.error().detail.starts_with("forbidden_address")) << none.error().detail;
  EXPECT_EQ(server.count(), 0u);
}

TEST(OnlineGeocoderTest, ABadRequestIsOurMistakeAndNotTheServers) {
  MapServer server({Answer(400, R"({"message":"Unknown query parameter"})")});
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server);
  options.breaker_failures = 2;
  auto& geocoder = scene.Make(options);
  for (int i = 0; i < 4; ++i) {
    const auto none = scene.Look(geocoder);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().fault, LookupFault::kUnavailable);
    EXPECT_EQ(none.error().detail, "it answered 400: Unknown query parameter");
  }
  EXPECT_EQ(server.count(), 4u);
  EXPECT_EQ(geocoder.counters().breaker_opened, 0u);
}

TEST(OnlineGeocoderTest, AsksPhotonWithoutALanguageItDoesNotKnow) {
  MapServer server([](size_t, const std::string& request) {
    const bool odd = request.find("&lang=cs") != std::string::npos;
    return odd ? Answer(400, R"({"message":"Language is not supported. Supported are: en"})")
               : Answer(200, PhotonBody());
  });
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server, OnlineKind::kPhoton);
  options.retries = 0;
  auto& geocoder = scene.Make(options);
  EXPECT_TRUE(scene.Look(geocoder, {50, 14, "cs-CZ"}));
  ASSERT_EQ(server.count(), 2u);
  EXPECT_NE(server.asked()[0].find("&lang=cs "), std::string::npos);
  EXPECT_EQ(server.asked()[1].find("lang="), std::string::npos);
  // It is remembered, and other languages are still asked for.
  EXPECT_TRUE(scene.Look(geocoder, {50, 14, "cs"}));
  ASSERT_EQ(server.count(), 3u);
  EXPECT_EQ(server.asked()[2].find("lang="), std::string::npos);
  EXPECT_TRUE(scene.Look(geocoder, {50, 14, "en"}));
  EXPECT_NE(server.asked()[3].find("&lang=en "), std::string::npos);
}

TEST(OnlineGeocoderTest, ALanguageIsRefusedToSeveralAtOnce) {
  std::atomic<int> odd_ones{0};
  MapServer server([&](size_t, const std::string& request) {
    if (request.find("&lang=cs") == std::string::npos) return Answer(200, PhotonBody());
    // All have been sent before the first one is refused.
    ++odd_ones;
    EXPECT_TRUE(test::Until([&] { return odd_ones >= 3; }));
    return Answer(400, R"({"message":"Language is not supported."})");
  });
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server, OnlineKind::kPhoton);
  options.concurrency = 3;
  options.retries = 0;
  auto& geocoder = scene.Make(options);
  Outcomes outcomes;
  for (int i = 0; i < 3; ++i) geocoder.Look({50, 14, "cs"}, outcomes.Next(""));
  ASSERT_TRUE(test::Until([&] { return outcomes.count() == 3; }));
  for (const Outcome& outcome : outcomes.all()) {
    EXPECT_TRUE(outcome) << outcome.error().detail;
  }
  EXPECT_EQ(server.count(), 6u);
}

TEST(OnlineGeocoderTest, MadeUpLanguagesAreNotTriedForEver) {
  MapServer server([](size_t, const std::string& request) {
    const size_t at = request.find("&lang=");
    const bool odd = at != std::string::npos && request.compare(at + 6, 2, "en") != 0;
    return odd ? Answer(400, R"({"message":"Language is not supported."})")
               : Answer(200, PhotonBody());
  });
  OnlineScene scene;
  auto& geocoder = scene.Make(OnlineScene::For(server, OnlineKind::kPhoton));
  EXPECT_TRUE(scene.Look(geocoder, {50, 14, "en"}));
  for (char a = 'a'; a < 'e'; ++a) {
    for (char b = 'a'; b <= 'z'; ++b) {
      const std::string language = {'x', a, b};
      EXPECT_TRUE(scene.Look(geocoder, {50, 14, language}));
    }
  }
  // 104 languages, of which 64 were tried.
  EXPECT_EQ(server.count(), 1u + 104 + 64);
  EXPECT_TRUE(scene.Look(geocoder, {50, 14, "en"}));
  EXPECT_NE(server.asked().back().find("&lang=en "), std::string::npos);
}

TEST(OnlineGeocoderTest, AClosedDoorIsUnavailable) {
  std::string url;
  {
    MapServer gone({Answer(200, "")});
    url = gone.Url();
  }
  MapServer other({Answer(200, "")});
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(other);
  options.url = url;
  options.retries = 1;
  auto& geocoder = scene.Make(options);
  const auto none = scene.Look(geocoder);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, LookupFault::kUnavailable);
  EXPECT_TRUE(none.error().detail.starts_with("unreachable")) << none.error().detail;
  EXPECT_EQ(geocoder.counters().requests, 2u);
}

}  // namespace
}  // namespace trackwire::geocoding
