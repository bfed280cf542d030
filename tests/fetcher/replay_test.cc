#include "fetcher/providers/replay.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <set>

#include "fetcher/demo.h"
#include "tests/support/temp_dir.h"

namespace trackwire::fetcher {
namespace {

using namespace std::chrono_literals;
using ingest::PositionIntake;
using tracking::Id;

const WallTime kNow{std::chrono::milliseconds(1'700'000'000'000)};

class ReplayTest : public testing::Test {
 protected:
  static constexpr const char* kHeader =
      "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Length\n";

  ReplayOptions Options(const std::string& rows) {
    std::ofstream(path_) << kHeader << rows;
    ReplayOptions options;
    options.path = path_;
    options.instance = "test";
    options.mapping = *ReplayPreset("ais-us");
    return options;
  }
  Catalogue Load(ReplayOptions options) {
    replay_ = MakeReplay(std::move(options));
    auto loaded = replay_->Load();
    EXPECT_TRUE(loaded) << loaded.error().detail;
    return loaded ? *loaded : Catalogue{};
  }
  std::string LoadError(ReplayOptions options) {
    auto loaded = MakeReplay(std::move(options))->Load();
    return loaded ? "fine" : loaded.error().code;
  }
  /// Everything due at `now`, as `id@milliseconds from kNow`.
  std::vector<std::string> DueAt(std::chrono::milliseconds now, size_t max = 1000) {
    due_ = *replay_->Next(kNow + now, max);
    std::vector<std::string> out;
    for (const PositionIntake::FixReport& report : due_.fixes) {
      out.push_back(report.tracker_id.ToText() + "@" +
                    std::to_string((report.fix.fix_time - kNow).count()));
    }
    return out;
  }

  test::TempDir directory_;
  std::string path_ = directory_.File("x.csv");
  std::unique_ptr<Provider> replay_;
  Due due_;
};

using List = std::vector<std::string>;

TEST_F(ReplayTest, RegistersWhoIsInTheFile) {
  ReplayOptions options = Options(
      "111,2022-01-03T00:00:00,10,20,0,280,511,,,,37,\n"
      "222,2022-01-03T00:00:01,11,21,10,294.5,0,COSCO NETHERLANDS,IMO9516430,VRMR5,71,366\n"
      "111,2022-01-03T00:00:02,10,20,0,280,511,LATER NAME,IMO0000000,,37,\n");
  options.is_public = true;
  options.offline_after = 42s;
  options.assign_client = [](const tracking::Tracker& tracker) {
    return std::optional<Id>(Id(tracker.category + "-client"));
  };
  const Catalogue catalogue = Load(options);
  ASSERT_EQ(catalogue.trackers.size(), 2u);
  const tracking::Tracker& cargo = catalogue.trackers[1];
  EXPECT_EQ(cargo.id, Id("222"));
  EXPECT_EQ(cargo.name, "Cosco Netherlands");
  EXPECT_EQ(cargo.category, "cargo");
  EXPECT_EQ(cargo.client_id, Id("cargo-client"));
  EXPECT_EQ(cargo.provider, "replay:test");
  EXPECT_EQ(cargo.offline_after, 42s);
  EXPECT_TRUE(cargo.is_public);
  EXPECT_EQ(cargo.attributes_json, R"({"call_sign":"VRMR5","imo":"9516430","length_m":366})");
  EXPECT_EQ(catalogue.trackers[0].name, "Later Name");
  EXPECT_EQ(catalogue.trackers[0].attributes_json, "");
}

TEST_F(ReplayTest, ANamelessVesselIsCalledByItsNumber) {
  EXPECT_EQ(Load(Options("338148873,2022-01-03T00:00:00,1,2,,,,,,,,\n")).trackers[0].name,
            "MMSI 338148873");
}

TEST_F(ReplayTest, ConvertsUnitsAndSentinels) {
  Load(Options("1,2022-01-03T00:00:00,10,20,10,294.5,0,,,,,\n"
               "2,2022-01-03T00:00:00,10,20,102.3,360,511,,,,,\n"));
  DueAt(0s);
  const tracking::Fix& full = due_.fixes[0].fix;
  EXPECT_NEAR(*full.speed_mps, 5.14444, 1e-4);
  EXPECT_NEAR(*full.course_deg, 294.5, 1e-4);
  EXPECT_EQ(full.heading_deg, 0);
  EXPECT_EQ(full.source, "replay:test");
  const tracking::Fix& empty = due_.fixes[1].fix;
  EXPECT_FALSE(empty.speed_mps);
  EXPECT_FALSE(empty.course_deg);
  EXPECT_FALSE(empty.heading_deg);
}

TEST_F(ReplayTest, PlaysAtItsSpeedAndSortsByTime) {
  ReplayOptions options = Options(
      "b,2022-01-03T00:00:10,1,2,,,,,,,,\n"
      "a,2022-01-03 00:00:00.500Z,1,2,,,,,,,,\n"
      "c,2022-01-03T01:00:20+01:00,1,2,,,,,,,,\n");
  options.speed = 2;
  options.loop = false;
  Load(options);
  EXPECT_EQ(DueAt(0s), List{"a@0"});
  EXPECT_EQ(due_.next_in, 1s) << "4.75 s ahead, but it looks at the clock more often";
  EXPECT_EQ(DueAt(4749ms), List{});
  EXPECT_EQ(due_.next_in, 1ms);
  EXPECT_EQ(DueAt(4750ms), List{"b@4750"});
  EXPECT_FALSE(due_.finished);
  EXPECT_EQ(DueAt(20s), List{"c@9750"});
  EXPECT_TRUE(due_.finished);
  EXPECT_EQ(DueAt(30s), List{});
  EXPECT_TRUE(due_.finished);
}

TEST_F(ReplayTest, HandsOutNoMoreThanAsked) {
  Load(Options("a,2022-01-03T00:00:00,1,2,,,,,,,,\nb,2022-01-03T00:00:00,1,2,,,,,,,,\n"
               "c,2022-01-03T00:01:00,1,2,,,,,,,,\n"));
  EXPECT_EQ(DueAt(0s, 1), List{"a@0"});
  EXPECT_EQ(due_.next_in, 0s);
  EXPECT_EQ(DueAt(0s, 1), List{"b@0"});
  EXPECT_EQ(DueAt(0s, 1), List{});
}

TEST_F(ReplayTest, TheLeadInLiesInThePast) {
  ReplayOptions options = Options(
      "a,2022-01-03T00:00:00,1,2,,,,,,,,\nb,2022-01-03T00:00:30,1,2,,,,,,,,\n"
      "c,2022-01-03T00:01:10,1,2,,,,,,,,\n");
  options.speed = 2;
  options.lead_in = 60s;
  Load(options);
  EXPECT_EQ(DueAt(0s), (List{"a@-30000", "b@-15000"}));
  EXPECT_EQ(DueAt(5s), List{"c@5000"});
}

TEST_F(ReplayTest, ARoundFollowsTheOtherWithoutSteppingBack) {
  ReplayOptions options = Options(
      "a,2022-01-03T00:00:00,1,2,,,,,,,,\na,2022-01-03T00:00:30,1,2,,,,,,,,\n");
  Load(options);
  EXPECT_EQ(DueAt(0s), List{"a@0"});
  EXPECT_EQ(DueAt(30s), List{"a@30000"});
  EXPECT_EQ(DueAt(40s), List{"a@40000"});
  EXPECT_EQ(DueAt(80s), (List{"a@70000", "a@80000"}));
}

TEST_F(ReplayTest, GoesOnWhereItWasAfterALongSleep) {
  Load(Options("a,2022-01-03T00:00:00,1,2,,,,,,,,\na,2022-01-03T00:00:30,1,2,,,,,,,,\n"
               "a,2022-01-03T00:01:00,1,2,,,,,,,,\n"));
  EXPECT_EQ(DueAt(0s), List{"a@0"});
  EXPECT_EQ(DueAt(8h), List{"a@28800000"});
  EXPECT_EQ(DueAt(8h + 30s), List{"a@28830000"});
}

TEST_F(ReplayTest, OnlyTheWindowIsPlayedButAllAreRegistered) {
  ReplayOptions options = Options(
      "a,2022-01-03T00:00:00,1,2,,,,,,,,\nz,2022-01-03T23:59:00,1,2,,,,,,,,\n");
  options.window = 60s;
  EXPECT_EQ(Load(options).trackers.size(), 2u);
  EXPECT_EQ(DueAt(0s), List{"a@0"});
  EXPECT_EQ(DueAt(10s), List{"a@10000"});
}

TEST_F(ReplayTest, BadRowsHarmNothing) {
  const Catalogue catalogue = Load(Options(
      "good,2022-01-03T00:00:00,1,2,,,,,,,,\n"
      ",2022-01-03T00:00:00,1,2,,,,,,,,\n"
      "x,yesterday,1,2,,,,,,,,\n"
      "x,2022-13-03T00:00:00,1,2,,,,,,,,\n"
      "x,2022-01-03T00:00:00,91,181,,,,,,,,\n"
      "x,2022-01-03T00:00:00,nan,2,,,,,,,,\n"
      "x,2022-01-03T00:00:00,,,,,,,,,,\n"
      "x,2022-01-03\n"
      "x\"y,2022-01-03T00:00:00,1,2,,,,,,,,\n"
      "odd,2022-01-03T00:00:00,1,2,-5,-1,inf,\xff\xfe,,,what,-3\n"));
  EXPECT_EQ(catalogue.bad_rows, 8u);
  ASSERT_EQ(catalogue.trackers.size(), 2u);
  EXPECT_EQ(catalogue.trackers[1].name, "MMSI odd");
  EXPECT_EQ(catalogue.trackers[1].category, "other");
  DueAt(0s);
  ASSERT_EQ(due_.fixes.size(), 2u);
  EXPECT_FALSE(due_.fixes[1].fix.speed_mps);
  EXPECT_FALSE(due_.fixes[1].fix.course_deg);
  EXPECT_FALSE(due_.fixes[1].fix.heading_deg);
}

TEST_F(ReplayTest, NumbersBeyondAllMeaningAreUnknown) {
  ReplayOptions options = Options("a,2022-01-03T00:00:00,1,2,1e300,1e300,1e300,,,,1e300,1e300\n");
  options.mapping.altitude = {"SOG", {}};
  options.mapping.accuracy = {"SOG", {}};
  const Catalogue catalogue = Load(options);
  EXPECT_EQ(catalogue.trackers[0].category, "other");
  DueAt(0s);
  const tracking::Fix& fix = due_.fixes.at(0).fix;
  EXPECT_FALSE(fix.speed_mps || fix.course_deg || fix.heading_deg);
  EXPECT_FALSE(fix.altitude_m || fix.accuracy_m);
}

TEST_F(ReplayTest, SaysWhyAFileCannotBePlayed) {
  ReplayOptions missing = Options("");
  missing.path += ".not";
  EXPECT_EQ(LoadError(missing), "cannot_open");
  EXPECT_EQ(LoadError(Options("")), "no_rows");
  EXPECT_EQ(LoadError(Options("x,never,1,2,,,,,,,,\n")), "no_rows");
  const std::string row = "a,2022-01-03T00:00:00,1,2,,,,,,,,\n";
  ReplayOptions other_column = Options(row);
  other_column.mapping.speed.name = "Velocity";
  EXPECT_EQ(LoadError(other_column), "missing_column");
  ReplayOptions no_id = Options(row);
  no_id.mapping.id.name.clear();
  EXPECT_EQ(LoadError(no_id), "bad_option");
  ReplayOptions rows = Options(row + row);
  rows.max_rows = 1;
  EXPECT_EQ(LoadError(rows), "too_many_rows");
  ReplayOptions trackers = Options(row + "b,2022-01-03T00:00:00,1,2,,,,,,,,\n");
  trackers.max_trackers = 1;
  EXPECT_EQ(LoadError(trackers), "too_many_trackers");
  for (const double speed : {0.0, -1.0, 1e9, std::numeric_limits<double>::quiet_NaN()}) {
    ReplayOptions bad = Options(row);
    bad.speed = speed;
    EXPECT_EQ(LoadError(bad), "bad_option");
  }
  EXPECT_EQ(ReplayPreset("nothing").error().code, "unknown_preset");
}

TEST_F(ReplayTest, ACancelledLoadEndsSoon) {
  std::string rows;
  for (int i = 0; i < 10'000; ++i) rows += "a,2022-01-03T00:00:00,1,2,,,,,,,,\n";
  auto replay = MakeReplay(Options(rows));
  replay->Cancel();
  EXPECT_EQ(replay->Load().error().code, "cancelled");
}

TEST_F(ReplayTest, ReadsEpochTimes) {
  ReplayOptions options = Options("a,1641168000,1,2,,,,,,,,\nb,1641168001.5,1,2,,,,,,,,\n");
  options.mapping.time_format = TimeFormat::kEpochSeconds;
  Load(options);
  EXPECT_EQ(DueAt(2s), (List{"a@2000"})) << "the first row is due when the replay starts";
  EXPECT_EQ(DueAt(3500ms), (List{"b@3500"}));
}

TEST(DemoTest, PlaysTheShippedFileForHoursWithoutSteppingBack) {
  auto demo = MakeReplay(DemoOptions(TRACKWIRE_SOURCE_DIR "/data/ais-us-west-2022-01-03.csv.gz"));
  auto catalogue = demo->Load();
  ASSERT_TRUE(catalogue) << catalogue.error().detail;
  EXPECT_EQ(catalogue->trackers.size(), 3450u);
  EXPECT_EQ(catalogue->clients.size(), 5u);
  std::set<Id> clients;
  for (const auto& client : catalogue->clients) clients.insert(client.id);
  for (const auto& tracker : catalogue->trackers) {
    EXPECT_TRUE(tracker.is_public);
    EXPECT_FALSE(tracker.name.empty());
    EXPECT_TRUE(clients.count(tracker.client_id.value()));
  }
  auto due = demo->Next(kNow, 100'000);
  std::map<Id, WallTime> latest;
  std::set<Id> heard_at_once;
  size_t backwards = 0;
  const auto take = [&](const Due& batch, WallTime now) {
    for (const auto& report : batch.fixes) {
      WallTime& last = latest[report.tracker_id];
      if (report.fix.fix_time < last) ++backwards;
      last = report.fix.fix_time;
      EXPECT_TRUE(CheckFix(report.fix, now, 0s)) << report.tracker_id.ToText();
    }
  };
  take(*due, kNow);
  EXPECT_GT(latest.size(), 3000u) << "the map is full from the start";
  for (WallTime now = kNow; now < kNow + 40min; now += 10s) take(*demo->Next(now, 100'000), now);
  EXPECT_EQ(backwards, 0u);
  EXPECT_EQ(latest.size(), 3435u);
}

}  // namespace
}  // namespace trackwire::fetcher
