#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "tests/notify/pipeline.h"

namespace trackwire::notify {

inline tracking::Tracker TrackerOf(tracking::Id id, const std::string& client, bool is_public = false) {
  tracking::Tracker tracker;
  tracker.id = std::move(id);
  if (!client.empty()) tracker.client_id = tracking::Id(client);
  tracker.is_public = is_public;
  return tracker;
}

inline tracking::Tracker TrackerOf(const std::string& id, const std::string& client,
                            bool is_public = false) {
  return TrackerOf(tracking::Id(id), client, is_public);
}

/// The picture of most tests: two trackers of acme, one of other's, one of other's that is public.
class SubscribeScene : public ::testing::Test {
 protected:
  void SetUp() override { Start({}); }

  void Start(Pipeline::Options options) {
    options.rules.public_events = {"news"};
    pipeline_ = std::make_unique<Pipeline>(options);
    pipeline_->Know(TrackerOf("a1", "acme"));
    pipeline_->Know(TrackerOf("a2", "acme"));
    pipeline_->Know(TrackerOf("o1", "other"));
    pipeline_->Know(TrackerOf("o2", "other", true));
  }
  std::unique_ptr<Guest> Join(const std::string& token = "") {
    auto guest = std::make_unique<Guest>(pipeline_->port(), token);
    EXPECT_THAT(guest->Next(), ::testing::StartsWith("session"));
    return guest;
  }
  std::unique_ptr<Guest> Alice() { return Join(pipeline_->Token("alice", {}, {"\"acme\""})); }
  std::unique_ptr<Guest> Admin() { return Join(pipeline_->Token("root", {"admin"})); }

  /// Says where a tracker is, `n` seconds after the beginning; the offset.
  std::string Locate(const std::string& tracker_json, double latitude, double longitude, int n) {
    const WallTime time = WallTime(std::chrono::seconds(1'700'000'000 + n));
    auto answer = pipeline_->Take(
        R"({"message_type":"tracker_location_updated","notification":{"tracker_id":)" +
        tracker_json + ",\"latitude\":" + std::to_string(latitude) +
        ",\"longitude\":" + std::to_string(longitude) + ",\"fix_time\":\"" +
        base::FormatTime(time) + "\",\"n\":" + std::to_string(n) + "}}");
    EXPECT_TRUE(answer);
    return answer->results.front().offset;
  }
  void Status(const std::string& tracker, int n) {
    pipeline_->Say("tracker_status_change", n, ",\"tracker_id\":\"" + tracker + "\"");
  }
  /// Everything up to that `news`, without those of Drain() for others.
  static std::vector<std::string> Until(Guest& guest, int news) {
    std::vector<std::string> events;
    for (;;) {
      std::string event = guest.Next();
      if (event == "news{\"n\":" + std::to_string(news) + "}" || event == "<closed>") break;
      if (event.rfind("news{\"n\":1", 0) == 0 && event.size() == 14) continue;
      events.push_back(std::move(event));
    }
    return events;
  }
  /// Publishes a `news` and returns what came to the guest before it.
  std::vector<std::string> Drain(Guest& guest) {
    pipeline_->Say("news", ++news_);
    return Until(guest, news_);
  }

  std::unique_ptr<Pipeline> pipeline_;
  int news_ = 1'000;
};

inline std::string Change(int n) { return "tracker_status_change{\"n\":" + std::to_string(n) + "}"; }

}  // namespace trackwire::notify
