#include "api/push_message.h"

#include <gmock/gmock.h>

#include "base/text.h"

namespace trackwire::api {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using net::http::Query;
using net::http::Request;

const WallTime kNow{std::chrono::milliseconds(1'763'880'000'000)};
constexpr double kKnot = 1852.0 / 3600.0;

Request Get(const std::string& query) {
  Request request;
  request.method = "GET";
  request.path = "/api/ingest/osmand";
  request.query = Query::Parse(query);
  return request;
}

Request Post(const std::string& type, const std::string& query = "") {
  Request request = Get(query);
  request.method = "POST";
  if (!type.empty()) request.headers.Add("Content-Type", type);
  return request;
}

constexpr const char* kLocation =
    R"({"_type":"location","lat":52.5,"lon":13.25,"tst":1763879990,"vel":36,"tid":"ab"})";

TEST(PushMessageTest, ReadsOsmandFromWhereItStands) {
  const auto query = ReadOsmandRequest(Get("id=x&lat=1&lon=2&speed=10&token=t"), "", kKnot, kNow);
  ASSERT_TRUE(query);
  EXPECT_THAT(query->names, ElementsAre("x"));
  const ingest::FixReport& report = query->reports.at(0);
  EXPECT_TRUE(report.pushed && report.has_place);
  EXPECT_EQ(report.received_at, kNow);
  EXPECT_EQ(report.fix.source, "push:osmand");
  EXPECT_DOUBLE_EQ(*report.fix.speed_mps, 10 * kKnot);
  EXPECT_EQ(report.fix.attributes_json, "") << "the token is no attribute";

  const Request form = Post("application/x-www-form-urlencoded", "token=t");
  const auto body = ReadOsmandRequest(form, "id=a%20b&lat=3&lon=4", kKnot, kNow);
  ASSERT_TRUE(body);
  EXPECT_THAT(body->names, ElementsAre("a b"));
  EXPECT_EQ(body->reports.at(0).fix.place.latitude, 3);

  const auto json = ReadOsmandRequest(Post("application/json; charset=utf-8"),
                                      R"({"device_id":"j","location":{"latitude":1,"longitude":2}})",
                                      kKnot, kNow);
  ASSERT_TRUE(json);
  EXPECT_THAT(json->names, ElementsAre("j"));
  std::string many;
  for (int i = 0; i < 300; ++i) many += "a" + std::to_string(i) + "=1&";
  EXPECT_EQ(ReadOsmandRequest(Post(""), many, kKnot, kNow).error().code, "too_many_fields");
}

TEST(PushMessageTest, ReadsOwntracksAndWhoItIs) {
  Request request = Post("application/json");
  request.headers.Add("X-Limit-U", "jane");
  request.headers.Add("X-Limit-D", "phone");
  const auto message = ReadOwntracksRequest(request, kLocation, kNow);
  ASSERT_TRUE(message) << message.error().detail;
  EXPECT_THAT(message->names, ElementsAre("jane/phone", "phone"));
  EXPECT_EQ(message->reports.at(0).fix.source, "push:owntracks");
  EXPECT_DOUBLE_EQ(*message->reports.at(0).fix.speed_mps, 10) << "km/h";
  const auto by_query = ReadOwntracksRequest(Post("", "u=jane&d=phone"), kLocation, kNow);
  EXPECT_THAT(by_query->names, ElementsAre("jane/phone", "phone"));
  const auto by_topic = ReadOwntracksRequest(
      Post(""), R"({"_type":"location","lat":1,"lon":2,"tst":1,"topic":"owntracks/joe/pad"})", kNow);
  EXPECT_THAT(by_topic->names, ElementsAre("joe/pad", "pad"));
  EXPECT_THAT(ReadOwntracksRequest(Post(""), kLocation, kNow)->names, IsEmpty());
}

TEST(PushMessageTest, AnOwntracksPingIsOneOnlyIfItSaysSo) {
  const std::string ping =
      R"({"_type":"location","lat":1,"lon":2,"tst":1763879990,"t":"p"})";
  EXPECT_TRUE(ReadOwntracksRequest(Post(""), ping, kNow)->reports.at(0).is_ping);
  EXPECT_FALSE(ReadOwntracksRequest(Post(""), kLocation, kNow)->reports.at(0).is_ping);
}

TEST(PushMessageTest, TakesArraysOfOneDeviceAndNothingAtAll) {
  const std::string one = kLocation;
  const auto two = ReadOwntracksRequest(Post(""), "[" + one + "," + one + "]", kNow);
  ASSERT_TRUE(two);
  EXPECT_EQ(two->reports.size(), 2u);
  EXPECT_THAT(ReadOwntracksRequest(Post(""), " \n", kNow)->reports, IsEmpty());
  EXPECT_THAT(ReadOwntracksRequest(Post(""), R"({"_type":"card","name":"J"})", kNow)->reports,
              IsEmpty());
  EXPECT_EQ(ReadOwntracksRequest(Post(""), "{", kNow).error().code, "bad_json");
  EXPECT_EQ(ReadOwntracksRequest(Post(""), "[7]", kNow).error().code, "bad_message");
  EXPECT_EQ(ReadOwntracksRequest(
                Post(""), R"({"_type":"encrypted","data":"AA=="})", kNow).error().code,
            "encrypted");
  const std::string joe =
      R"({"_type":"location","lat":1,"lon":2,"tst":1,"topic":"owntracks/joe/pad"})";
  EXPECT_EQ(ReadOwntracksRequest(Post("", "u=a&d=b"), joe, kNow).error().code, "bad_message");
  std::string many = "[";
  for (int i = 0; i < 1001; ++i) many += (i > 0 ? "," : "") + one;
  EXPECT_EQ(ReadOwntracksRequest(Post(""), many + "]", kNow).error().code, "too_many");
}

TEST(PushMessageTest, FindsTheTokenWhereverItStands) {
  const std::string prefix = "/api/ingest/osmand";
  Request request = Get("");
  EXPECT_EQ(PushTokenOf(request, prefix), "");
  request.headers.Add("Authorization", "Bearer bbb");
  EXPECT_EQ(PushTokenOf(request, prefix), "bbb");
  Request basic = Get("");
  basic.headers.Add("Authorization", "Basic " + base::Base64Encode("jane:p:w"));
  EXPECT_EQ(PushTokenOf(basic, prefix), "p:w");
  basic.query = Query::Parse("token=q");
  EXPECT_EQ(PushTokenOf(basic, prefix), "q");
  basic.path = prefix + "/segment";
  EXPECT_EQ(PushTokenOf(basic, prefix), "segment");
  Request broken = Get("");
  broken.headers.Add("Authorization", "Basic ???");
  EXPECT_EQ(PushTokenOf(broken, prefix), "");
}

}  // namespace
}  // namespace trackwire::api
