#include "gateway/stop_places.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace trackwire::gateway {
namespace {

using tracking::Id;

std::string Envelope(const std::string& members, const std::string& more = R"(,"tracker_id":"a")") {
  return R"({"message_type":"tracker_status_change","notification":{)" + members + "}" + more + "}";
}
const std::string kStopped = R"("axis":"motion","status":"stopped","previous_status":"moving")";

TEST(StopPlacesTest, KnowsWhoStopped) {
  EXPECT_EQ(StoppedBy(Envelope(kStopped)), Id("a"));
  EXPECT_EQ(StoppedBy(Envelope(kStopped, R"(,"tracker_id":7)")), Id(int64_t{7}));
  const std::string others[] = {
      Envelope(R"("axis":"motion","status":"moving","previous_status":"stopped")"),
      Envelope(R"("axis":"motion","status":"stopped","previous_status":"unknown")"),
      Envelope(R"("axis":"motion","status":"stopped")"),
      Envelope(R"("axis":"connectivity","status":"stopped","previous_status":"moving")"),
      Envelope(kStopped, ""),
      Envelope(kStopped, R"(,"tracker_id":"a","socket_id":"s")"),
      Envelope(kStopped, R"(,"tracker_id":"a","client_id":"c")"),
      R"({"message_type":"news","notification":{"of":"tracker_status_change"},"tracker_id":"a"})",
      R"({"message_type":"tracker_status_change","notification":{},"tracker_id":"a"})",
      R"({"message_type":"tracker_location_updated","notification":{},"tracker_id":"a"})",
      "tracker_status_change",
      "",
  };
  for (const std::string& other : others) EXPECT_EQ(StoppedBy(other), std::nullopt) << other;
}

/// A log that hands on what a test says.
class TestLog final : public broker::NotificationLog {
 public:
  void Append(std::vector<broker::AppendRequest>, AppendDone) override {}
  void Tail(TailFn tail) override { tail_ = std::move(tail); }
  void Read(const broker::LogOffset&, const broker::LogOffset&, size_t, size_t, ReadDone) override {
  }
  broker::LogOffset tail_offset() const override { return {}; }
  void OnBreak(std::function<void()>) override {}

  void Say(const std::vector<std::string>& envelopes) {
    std::vector<broker::LogEntryPtr> entries;
    for (const std::string& envelope : envelopes) {
      auto entry = std::make_shared<broker::LogEntry>();
      entry->envelope = envelope;
      entries.push_back(std::move(entry));
    }
    tail_(entries);
  }

 private:
  TailFn tail_;
};

class StopPlacesLoopTest : public ::testing::Test {
 protected:
  StopPlacesLoopTest() { loop_.Start(); }
  ~StopPlacesLoopTest() override {
    loop_.Run([this] { stops_.reset(); });
    loop_.Stop();
  }
  void Listen() {
    loop_.Run([this] {
      stops_ = std::make_unique<StopPlaces>(
          loop_, log_,
          [](const Id& id) -> std::optional<tracking::LatLon> {
            if (id == Id("lost")) return std::nullopt;
            return tracking::LatLon{1, 2};
          },
          [this](tracking::LatLon) { ++taken_; });
    });
  }
  static std::string Stop(const std::string& id) {
    return Envelope(kStopped, R"(,"tracker_id":")" + id + "\"");
  }

  net::Loop loop_{"test"};
  TestLog log_;
  std::unique_ptr<StopPlaces> stops_;
  size_t taken_ = 0;  // the loop's
};

TEST_F(StopPlacesLoopTest, PassesOnWhereTheyStopped) {
  Listen();
  loop_.Run([this] {
    log_.Say({Stop("a"), Stop("lost"), Stop("b")});
    EXPECT_EQ(taken_, 0u) << "not before the entries have gone out";
  });
  while (true) {
    size_t taken = 0;
    loop_.Run([&] { taken = taken_; });
    if (taken == 2) break;
    std::this_thread::yield();
  }
  EXPECT_EQ(stops_->dropped(), 0u);
}

TEST_F(StopPlacesLoopTest, DropsWhatIsTooMuch) {
  Listen();
  const std::vector<std::string> crowd(StopPlaces::kMaxWaiting + 10, Stop("a"));
  loop_.Run([&] { log_.Say(crowd); });
  EXPECT_EQ(stops_->dropped(), 10u);
  while (true) {
    size_t taken = 0;
    loop_.Run([&] { taken = taken_; });
    if (taken == StopPlaces::kMaxWaiting) break;
    std::this_thread::yield();
  }
}

TEST_F(StopPlacesLoopTest, IsSilentOnceItHasEnded) {
  Listen();
  loop_.Run([this] {
    log_.Say({Stop("a"), Stop("b")});
    stops_.reset();
    log_.Say({Stop("c")});
  });
  for (int turn = 0; turn < 5; ++turn) loop_.Run([] {});
  loop_.Run([this] { EXPECT_EQ(taken_, 0u); });
}

}  // namespace
}  // namespace trackwire::gateway
