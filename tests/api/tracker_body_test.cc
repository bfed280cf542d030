#include "api/tracker_body.h"

#include <gtest/gtest.h>

namespace trackwire::api {
namespace {

using namespace std::chrono_literals;
using tracking::Id;

TEST(TrackerBodyTest, ReadsWhatIsToChangeAndNothingElse) {
  const auto edit = ReadTrackerEdit(
      R"({"name":"N\u00e9","public":false,"client_id":7,"category":"car","provider":"push",)"
      R"("external_id":"x","offline_after":60,"expected_interval":10})");
  ASSERT_TRUE(edit) << edit.error().detail;
  EXPECT_EQ(edit->name, "N\xc3\xa9");
  EXPECT_EQ(edit->is_public, false);
  EXPECT_TRUE(edit->sets_client);
  EXPECT_EQ(edit->client_id, Id(int64_t{7}));
  EXPECT_EQ(edit->category, "car");
  EXPECT_EQ(edit->provider, "push");
  EXPECT_EQ(edit->external_id, "x");
  EXPECT_EQ(edit->offline_after, 60s);
  EXPECT_EQ(edit->expected_interval, 10s);
  const auto nobody = ReadTrackerEdit(R"({"client_id":null})");
  ASSERT_TRUE(nobody);
  EXPECT_TRUE(nobody->sets_client);
  EXPECT_EQ(nobody->client_id, std::nullopt);
  EXPECT_FALSE(nobody->name || nobody->is_public || nobody->provider);
}

TEST(TrackerBodyTest, RefusesWhatIsNoEdit) {
  for (const char* bad :
       {"", "[]", "null", "{}", "{\"name\":7}", "{\"name\":null}", "{\"public\":1}",
        "{\"public\":\"true\"}", "{\"client_id\":1.5}", "{\"client_id\":\"\"}",
        "{\"client_id\":true}", "{\"name\":\"a\",\"imei\":\"b\"}", "{\"name\":\"a\"",
        "{\"id\":\"x\"}", "{\"offline_after\":\"60\"}", "{\"offline_after\":1.5}"}) {
    const auto read = ReadTrackerEdit(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, "invalid_request") << bad;
  }
}

TEST(TrackerBodyTest, ReadsATrackerAndAClient) {
  const auto tracker = ReadTracker(R"({"id":7,"name":"Seven","public":true})");
  ASSERT_TRUE(tracker);
  EXPECT_EQ(tracker->id, Id(int64_t{7}));
  EXPECT_TRUE(tracker->is_public);
  EXPECT_FALSE(tracker->edited.name);
  EXPECT_FALSE(ReadTracker(R"({"name":"Seven"})"));
  const auto client = ReadClient(R"({"id":"c","name":"C"})");
  ASSERT_TRUE(client);
  EXPECT_EQ(client->id, Id("c"));
  EXPECT_EQ(ToJson(*client), R"({"id":"c","name":"C"})");
  EXPECT_FALSE(ReadClient(R"({"id":"c","logo":"x"})"));
  EXPECT_EQ(ReadClientName(R"({"name":"D"})"), std::string("D"));
  EXPECT_FALSE(ReadClientName("{}"));
}

TEST(TrackerBodyTest, TellsAdminsAllButTheKeyOfTheProvider) {
  tracking::Tracker tracker;
  tracker.id = Id("a");
  tracker.name = "A";
  tracker.provider = "traccar:office";
  tracker.external_id = "secret";
  EXPECT_EQ(ToAdminJson(tracker),
            R"({"id":"a","name":"A","category":"","client_id":null,"public":false,)"
            R"("provider":"traccar:office","offline_after":600,"expected_interval":0})");
}

}  // namespace
}  // namespace trackwire::api
