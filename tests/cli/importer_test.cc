#include "cli/importer.h"

#include <gtest/gtest.h>

#include "cli/store_access.h"
#include "store/store.h"

namespace trackwire::cli {
namespace {

using formats::FilePoint;
using tracking::Id;

class ImporterTest : public testing::Test {
 protected:
  ImporterTest() {
    auto store = store::OpenStore("sqlite::memory:");
    EXPECT_TRUE(store);
    store_ = std::move(*store);
  }

  static FilePoint Point(const std::string& id, int second) {
    FilePoint point;
    point.id = Id(id);
    point.report.external_id = id;
    point.report.fix.place = {52.5, 13.25};
    point.report.fix.fix_time = WallTime(std::chrono::seconds(1'600'000'000 + second));
    return point;
  }
  /// What became of `points`, with what was refused by reason.
  std::string Imported(std::vector<FilePoint> points, TrackerBook::Options booking = {},
                       Importer::Options importing = {}) {
    auto book = TrackerBook::Open(*store_, booking);
    if (!book) return book.error().code;
    Importer importer(*store_, *book, clock_, std::move(importing));
    importer.Begin("file");
    formats::ReadPoints read;
    read.points = std::move(points);
    EXPECT_TRUE(importer.Take(std::move(read)));
    EXPECT_TRUE(importer.Flush());
    EXPECT_TRUE(book->Finish());
    const ImportTally& tally = importer.tally();
    std::string out = std::to_string(tally.points) + " read, " + std::to_string(tally.stored) +
                      " stored, " + std::to_string(tally.duplicates) + " double";
    for (const auto& [reason, count] : tally.refused) {
      out += ", " + std::to_string(count) + " " + reason;
    }
    return out;
  }
  std::vector<tracking::TrackerState> Trackers() { return *store_->TrackerStates(); }

  ManualClock clock_;
  std::unique_ptr<store::Store> store_;
};

TEST_F(ImporterTest, MakesTrackersOnlyWhenToldTo) {
  EXPECT_EQ(Imported({Point("van", 0)}), "1 read, 0 stored, 0 double, 1 unknown_tracker");
  EXPECT_TRUE(Trackers().empty());
  ASSERT_TRUE(store_->CreateClient({Id("acme"), "Acme"}));
  TrackerBook::Options options{.create = true, .is_public = true, .client = Id("acme")};
  EXPECT_EQ(Imported({Point("van", 0), Point("van", 1)}, options), "2 read, 2 stored, 0 double");
  ASSERT_EQ(Trackers().size(), 1u);
  const tracking::Tracker tracker = Trackers()[0].tracker;
  EXPECT_EQ(tracker.name, "van");
  EXPECT_EQ(tracker.provider, "push");
  EXPECT_EQ(tracker.client_id, Id("acme"));
  EXPECT_TRUE(tracker.is_public);
  EXPECT_EQ(Trackers()[0].latest->fix.source, "import");
  options.client = Id("nobody");
  EXPECT_EQ(Imported({}, options), "unknown_client");
}

TEST_F(ImporterTest, AgainChangesNothing) {
  const TrackerBook::Options options{.create = true};
  EXPECT_EQ(Imported({Point("van", 0)}, options), "1 read, 1 stored, 0 double");
  EXPECT_EQ(Imported({Point("van", 0), Point("van", 1)}), "2 read, 1 stored, 1 double");
}

TEST_F(ImporterTest, TakesAnIdOfTheOtherTypeWhenThereIsNoneOfItsOwn) {
  tracking::Tracker tracker;
  tracker.id = Id("7");
  tracker.name = "Seven";
  ASSERT_TRUE(store_->CreateTracker(tracker));
  FilePoint number = Point("x", 0);
  number.id = Id(int64_t{7});
  EXPECT_EQ(Imported({number}, {.create = true}), "1 read, 1 stored, 0 double");
  EXPECT_EQ(Trackers().size(), 1u);
  tracker.id = Id(int64_t{8});
  ASSERT_TRUE(store_->CreateTracker(tracker));
  EXPECT_EQ(Imported({Point("8", 0), Point("08", 0)}),
            "2 read, 1 stored, 0 double, 1 unknown_tracker");
}

TEST_F(ImporterTest, CountsWhatItRefusesByReason) {
  std::vector<FilePoint> points(6, Point("van", 0));
  points[0].has_time = false;
  points[1].kind = formats::PointKind::kWaypoint;
  points[2].report.fix.fix_time = clock_.WallNow() + std::chrono::hours(1);
  points[3].report.fix.place.latitude = 91;
  points[4].report.fix.fix_time = {};
  EXPECT_EQ(Imported(points, {.create = true}),
            "6 read, 1 stored, 0 double, 1 future_fix_time, 1 missing_fix_time, 1 missing_time, "
            "1 out_of_range, 1 waypoint");
  EXPECT_EQ(Imported({points[1]}, {}, {.waypoints = true}), "1 read, 0 stored, 1 double");
}

TEST_F(ImporterTest, NamesTrackersAfterTheFileOrTheFlag) {
  std::vector<FilePoint> points(2, Point("", 0));
  for (FilePoint& point : points) point.id.reset();
  points[1].track = 1;
  EXPECT_EQ(Imported(points, {.create = true}), "2 read, 2 stored, 0 double");
  ASSERT_EQ(Trackers().size(), 2u);
  EXPECT_EQ(Trackers()[0].tracker.id, Id("file"));
  EXPECT_EQ(Trackers()[1].tracker.id, Id("file-2"));
  EXPECT_EQ(Imported({Point("other", 5)}, {}, {.tracker = Id("file")}),
            "1 read, 1 stored, 0 double");
}

TEST_F(ImporterTest, LearnsNamesThatComeLater) {
  FilePoint first = Point("211000001", 0);
  first.id.reset();
  FilePoint name = first;
  name.report.has_place = false;
  name.report.name = "North Star";
  name.report.category = "cargo";
  EXPECT_EQ(Imported({first, name}, {.create = true}), "1 read, 1 stored, 0 double");
  EXPECT_EQ(Trackers()[0].tracker.id, Id("211000001"));
  EXPECT_EQ(Trackers()[0].tracker.name, "North Star");
  EXPECT_EQ(Trackers()[0].tracker.category, "cargo");
}

TEST_F(ImporterTest, StoresInBatchesAndStopsWhenAsked) {
  int taken = 0;
  Importer::Options options;
  options.batch = 3;
  options.stopped = [&taken] { return ++taken > 7; };
  std::vector<FilePoint> points;
  for (int i = 0; i < 20; ++i) points.push_back(Point("van", i));
  EXPECT_EQ(Imported(points, {.create = true}, std::move(options)), "7 read, 7 stored, 0 double");
}

TEST(ParseDayTest, TakesDaysAndTimes) {
  EXPECT_EQ(ParseDay("2026-02-23"), ParseDay("2026-02-23T00:00:00Z"));
  EXPECT_TRUE(ParseDay("2026-02-23T12:00:00+01:00"));
  for (const char* none : {"", "yesterday", "2026-13-01", "2026-02-23T12:00:00"}) {
    EXPECT_FALSE(ParseDay(none)) << none;
  }
}

}  // namespace
}  // namespace trackwire::cli
