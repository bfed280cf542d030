// The connectors that know no more than a feed: GTFS-Realtime and OwnTracks.
#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/fetcher/connectors/connector_harness.h"

namespace trackwire::fetcher {
namespace {

using testing::Remote;
using testing::Service;

/// One vehicle `bus-7` at 52.5, 13.25.
std::string Feed() {
  const std::string hex =
      "0a0d0a03322e30100018c7d1f0cc06122e0a026531222812140d0000524215000054411d0000af422d0000384128"
      "c2d1f0cc06420a0a056275732d37120137";
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

ConnectorOptions Gtfs(const Service& service) {
  ConnectorOptions options;
  options.kind = GtfsRtOptions{service.Url("/vehicles.pb"), {{"apikey", "the key"}}};
  return options;
}

ConnectorOptions Owntracks(const Service& service) {
  ConnectorOptions options;
  options.kind = OwntracksOptions{service.Url("/owntracks/"), {{"Authorization", "Basic x"}}};
  return options;
}

std::string Location(const std::string& user, const std::string& device) {
  return R"({"_type":"location","lat":52.5,"lon":13.25,"tst":1700000000,"vel":36,"username":")" +
         user + R"(","device":")" + device + R"(","topic":"owntracks/)" + user + "/" + device +
         "\"}";
}

TEST(GtfsRtConnectorTest, FetchesTheFeed) {
  Service service;
  service.On("/vehicles.pb", [](const std::string& request) {
    const bool same = request.find("\r\nIf-Modified-Since: then\r\n") != std::string::npos;
    return same ? test::Answer(304, "") : test::Answer(200, Feed(), "Last-Modified: then\r\n");
  });
  Remote remote(Gtfs(service));
  const auto all = remote.All();
  ASSERT_EQ(Remote::Brief(all), "bus-7");
  EXPECT_EQ(all->reports[0].fix.speed_mps, 11.5);
  EXPECT_EQ(remote.AllBrief(), "unchanged");
  EXPECT_EQ(remote.OneBrief("bus-7"), "bus-7");
  EXPECT_EQ(remote.OneBrief("bus-8"), "not_found");
  EXPECT_NE(service.requests("/vehicles.pb")[0].find("\r\napikey: the key\r\n"), std::string::npos);
}

TEST(GtfsRtConnectorTest, SaysWhyThereIsNothing) {
  Service service;
  Remote remote(Gtfs(service));
  EXPECT_EQ(remote.AllBrief(), "not_found");
  service.On("/vehicles.pb", "<html>");
  EXPECT_EQ(remote.AllBrief(), "bad_answer");
  EXPECT_EQ(remote.OneBrief("bus-7"), "bad_answer");
  service.OnStatus("/vehicles.pb", 403);
  EXPECT_EQ(remote.OneBrief("bus-7"), "unauthorized");
  std::string many = Feed();
  for (int i = 0; i <= 100'000; ++i) many += std::string("\x12\x00", 2);
  service.On("/vehicles.pb", many);
  EXPECT_EQ(remote.AllBrief(), "too_large");
}

TEST(OwntracksConnectorTest, FetchesTheNewestOfEach) {
  Service service;
  service.On("/owntracks/api/0/last",
             "[" + Location("ada", "phone") + "," + Location("ada", "car") + ",{}]");
  service.On("/owntracks/api/0/last?user=ada&device=phone", "[" + Location("ada", "phone") + "]");
  service.On("/owntracks/api/0/last?user=a%20b&device=c%2Fd", "[]");
  service.On("/owntracks/api/0/last?user=ada&device=tablet",
             R"([{"_type":"encrypted","topic":"owntracks/ada/tablet"}])");
  Remote remote(Owntracks(service));
  const auto all = remote.All();
  ASSERT_EQ(Remote::Brief(all), "ada/phone ada/car");
  EXPECT_EQ(all->bad, 1u);
  EXPECT_EQ(all->reports[0].fix.speed_mps, 10);
  EXPECT_EQ(remote.OneBrief("ada/phone"), "ada/phone");
  EXPECT_EQ(remote.OneBrief("a b/c/d"), "not_found");
  EXPECT_EQ(remote.OneBrief("ada/tablet"), "bad_answer");
  EXPECT_EQ(remote.OneBrief("ada"), "not_found");
  EXPECT_NE(service.requests("/owntracks/api/0/last")[0].find("\r\nAuthorization: Basic x\r\n"),
            std::string::npos);
}

TEST(OwntracksConnectorTest, BringsLastWillsWithThePlaces) {
  Service service;
  const std::string will =
      R"({"_type":"lwt","tst":1700000100,"topic":"owntracks/ada/phone"})";
  service.On("/owntracks/api/0/last",
             "[" + Location("ada", "phone") + "," + will + "," + Location("ada", "car") + "]");
  service.On("/owntracks/api/0/last?user=ada&device=phone",
             "[" + will + "," + Location("ada", "phone") + "]");
  Remote remote(Owntracks(service));
  const auto all = remote.All();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->reports.size(), 3u);
  EXPECT_FALSE(all->reports[0].last_will || all->reports[2].last_will);
  EXPECT_TRUE(all->reports[1].last_will);
  const auto one = remote.One("ada/phone");
  ASSERT_TRUE(one);
  ASSERT_EQ(one->reports.size(), 2u) << "the will does not hide the place";
  EXPECT_TRUE(one->reports[0].last_will);
  EXPECT_TRUE(one->reports[1].has_place);
}

TEST(OwntracksConnectorTest, SaysWhyThereIsNothing) {
  Service service;
  Remote remote(Owntracks(service));
  service.On("/owntracks/api/0/last", "{}");
  EXPECT_EQ(remote.AllBrief(), "bad_answer");
  service.OnStatus("/owntracks/api/0/last", 401);
  EXPECT_EQ(remote.AllBrief(), "unauthorized");
}

TEST(FeedConnectorsTest, DoNotListen) {
  Service service;
  for (const auto& options : {Gtfs(service), Owntracks(service)}) {
    Remote remote(options);
    EXPECT_FALSE(remote.connector().abilities().listens);
    remote.Listen();
    EXPECT_EQ(remote.UntilHeard(1), (std::vector<std::string>{"down unsupported"}));
  }
}

TEST(FeedConnectorsTest, CheckTheirOptions) {
  const auto code = [](auto kind) {
    ConnectorOptions options;
    options.kind = kind;
    const auto checked = CheckConnectorOptions(options);
    return checked ? std::string("good") : checked.error().code;
  };
  EXPECT_EQ(code(GtfsRtOptions{"https://a.example/feed?key=1", {}}), "good");
  EXPECT_EQ(code(GtfsRtOptions{"feed", {}}), "bad_url");
  EXPECT_EQ(code(GtfsRtOptions{"https://a.example/", {{"", "x"}}}), "bad_option");
  EXPECT_EQ(code(OwntracksOptions{"https://a.example", {}}), "good");
  EXPECT_EQ(code(OwntracksOptions{"https://a.example/?x", {}}), "bad_url");
  EXPECT_EQ(code(TraccarOptions{"https://a.example", "token"}), "good");
  EXPECT_EQ(code(TraccarOptions{"https://a.example", ""}), "bad_option");
  EXPECT_EQ(code(TraccarOptions{"https://a.example", "to\nken"}), "bad_option");
  EXPECT_EQ(code(TraccarOptions{"wss://a.example", "token"}), "bad_url");
}

}  // namespace
}  // namespace trackwire::fetcher
