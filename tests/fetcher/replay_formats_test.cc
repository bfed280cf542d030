// Replays of what is not CSV.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "fetcher/providers/recording_times.h"
#include "fetcher/providers/replay.h"
#include "tests/support/temp_dir.h"

namespace trackwire::fetcher {
namespace {

using namespace std::chrono_literals;
using tracking::Id;
using List = std::vector<std::string>;

const WallTime kNow{std::chrono::milliseconds(1'700'000'000'000)};

class ReplayFormatsTest : public testing::Test {
 protected:
  ReplayOptions Options(const std::string& name, const std::string& bytes) {
    ReplayOptions options;
    options.path = directory_.File(name);
    std::ofstream(options.path, std::ios::binary) << bytes;
    options.instance = "walk";
    options.loop = false;
    return options;
  }
  static ReplayOptions Sample(const std::string& name) {
    ReplayOptions options;
    options.path = std::string(TRACKWIRE_SOURCE_DIR) + "/tests/data/" + name;
    options.instance = "walk";
    options.loop = false;
    return options;
  }
  /// Loads and plays all of it: `id@milliseconds from the start`.
  List Played(ReplayOptions options) {
    replay_ = MakeReplay(std::move(options));
    auto loaded = replay_->Load();
    EXPECT_TRUE(loaded) << loaded.error().detail;
    if (!loaded) return {};
    catalogue_ = *loaded;
    List out;
    EXPECT_TRUE(replay_->Next(kNow, 1));  // starts the clock
    fixes_.clear();
    for (WallTime now = kNow;; now += 59s) {
      auto due = replay_->Next(now, 100'000);
      for (auto& report : due->fixes) fixes_.push_back(std::move(report));
      if (due->finished) break;
    }
    for (const auto& report : fixes_) {
      out.push_back(report.tracker_id.ToText() + "@" +
                    std::to_string((report.fix.fix_time - kNow).count()));
    }
    return out;
  }
  List Trackers() const {
    List out;
    for (const tracking::Tracker& tracker : catalogue_.trackers) {
      out.push_back(tracker.id.ToText() + "=" + tracker.name);
    }
    return out;
  }

  test::TempDir directory_;
  std::unique_ptr<Provider> replay_;
  Catalogue catalogue_;
  std::vector<ingest::PositionIntake::FixReport> fixes_;
};

std::string Gpx(const std::string& inner) { return "<gpx>" + inner + "</gpx>"; }
std::string Point(const std::string& tag, double latitude, const std::string& inner) {
  return "<" + tag + " lat=\"" + std::to_string(latitude) + "\" lon=\"0\">" + inner + "</" + tag +
         ">";
}
std::string At(int second) {
  return "<time>2026-02-23T12:00:" + std::string(second < 10 ? "0" : "") + std::to_string(second) +
         "Z</time>";
}

TEST_F(ReplayFormatsTest, EachTrackOfAGpxFileIsATracker) {
  const std::string file =
      Gpx("<wpt lat=\"1\" lon=\"1\"/><rte><rtept lat=\"1\" lon=\"1\"/></rte><trk><name>Up</name>"
          "<trkseg>" +
          Point("trkpt", 1, At(0)) + Point("trkpt", 2, At(10)) + "</trkseg></trk><trk><trkseg>" +
          Point("trkpt", 3, At(5)) + "</trkseg></trk>");
  // The first was taken to start the clock.
  EXPECT_EQ(Played(Options("x.gpx", file)), (List{"walk-4@5000", "walk-3@10000"}));
  EXPECT_EQ(Trackers(), (List{"walk-3=Up", "walk-4=walk-4"})) << "routes and places are left out";
  EXPECT_EQ(catalogue_.trackers[0].provider, "replay:walk");
}

TEST_F(ReplayFormatsTest, PlaysRoutesOrWaypointsWhereThereIsNothingElse) {
  Played(Options("x.gpx", Gpx("<wpt lat=\"1\" lon=\"1\"/><rte><name>Plan</name>"
                              "<rtept lat=\"1\" lon=\"1\"/></rte>")));
  EXPECT_EQ(Trackers(), List{"walk-2=Plan"});
  Played(Options("y.gpx", Gpx("<wpt lat=\"1\" lon=\"1\"/>")));
  EXPECT_EQ(Trackers(), List{"walk=walk"});
}

TEST_F(ReplayFormatsTest, MakesUpTimesThatAreMissing) {
  // A thousandth of a degree is 111.195 m: 11.12 s at 10 m/s.
  const std::string file = Gpx(
      "<trk><trkseg>" + Point("trkpt", 0, "") + Point("trkpt", 0.001, At(30)) +
      Point("trkpt", 0.002, "<speed>10</speed>") + Point("trkpt", 0.003, "") + "</trkseg></trk>");
  ReplayOptions options = Options("x.gpx", file);
  options.step = 4s;
  EXPECT_EQ(Played(options), (List{"walk@4000", "walk@15120", "walk@26240"}));
}

TEST_F(ReplayFormatsTest, StartsTrackersWithoutAnyTimeWithTheOthers) {
  const std::string file = Gpx("<trk><trkseg>" + Point("trkpt", 1, "") + Point("trkpt", 1, "") +
                               "</trkseg></trk><trk><trkseg>" + Point("trkpt", 1, At(0)) +
                               Point("trkpt", 2, At(3)) + "</trkseg></trk>");
  EXPECT_EQ(Played(Options("x.gpx", file)), (List{"walk-2@0", "walk@1000", "walk-2@3000"}));
}

TEST_F(ReplayFormatsTest, CutsGapsDown) {
  const std::string file = Gpx(
      "<trk><trkseg>" + Point("trkpt", 1, At(0)) + Point("trkpt", 1, At(1)) + "</trkseg><trkseg>" +
      Point("trkpt", 1, At(51)) + Point("trkpt", 1, At(52)) + "</trkseg></trk>");
  ReplayOptions options = Options("x.gpx", file);
  EXPECT_EQ(Played(options), (List{"walk@1000", "walk@51000", "walk@52000"}));
  options.max_gap = 5s;
  EXPECT_EQ(Played(options), (List{"walk@1000", "walk@6000", "walk@7000"}));
}

TEST_F(ReplayFormatsTest, KeepsTimesWhenAsked) {
  ReplayOptions options = Options("x.gpx", Gpx("<trk><trkseg>" + Point("trkpt", 1, At(0)) +
                                               Point("trkpt", 1, At(7)) + "</trkseg></trk>"));
  options.keep_times = true;
  Played(options);
  ASSERT_EQ(fixes_.size(), 1u);
  EXPECT_EQ(fixes_[0].fix.fix_time.time_since_epoch(), 1'771'848'007s);
}

TEST_F(ReplayFormatsTest, PlaysCopiesApartFromEachOther) {
  std::string points;
  for (int i = 0; i < 10; ++i) points += Point("trkpt", i, At(i));
  ReplayOptions options = Options("x.gpx", Gpx("<trk><trkseg>" + points + "</trkseg></trk>"));
  options.copies = 3;
  options.copy_offset = 4s;
  const List played = Played(options);
  EXPECT_EQ(played.size(), 29u) << "and the first";
  EXPECT_EQ(Trackers(), (List{"walk=walk", "walk#2=walk #2", "walk#3=walk #3"}));
  // The second is four seconds ahead.
  const auto found = std::find(played.begin(), played.end(), "walk#2@4000");
  ASSERT_NE(found, played.end());
  EXPECT_EQ(fixes_[static_cast<size_t>(found - played.begin())].fix.place.latitude, 0);
  options.max_rows = 29;
  auto refused = MakeReplay(options)->Load();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "too_many_rows");
}

TEST_F(ReplayFormatsTest, PlaysOneReceiverAndTheShipsAroundIt) {
  const std::string text =
      "$GNRMC,101530.00,A,5230.1234,N,01324.5678,E,012.3,087.6,230226,,,A*40\r\n"
      "$GNRMC,101531.00,A,5230.1234,N,01324.5678,E,012.3,087.6,230226,,,A*41\r\n"
      "!AIVDM,1,1,,A,139>Jh@P1sPeDI0NW>`3K2ht0000,0*4A\r\nrubbish\r\n";
  Played(Options("x.nmea", text));
  EXPECT_EQ(Trackers(), (List{"walk=walk", "211000001=MMSI 211000001"}));
  EXPECT_EQ(catalogue_.bad_rows, 1u);
}

TEST_F(ReplayFormatsTest, TheFormatMayBeSaid) {
  ReplayOptions options =
      Options("x.log", Gpx("<trk><trkseg>" + Point("trkpt", 1, At(0)) + "</trkseg></trk>"));
  options.mapping = *ReplayPreset("ais-us");
  auto as_csv = MakeReplay(options)->Load();
  ASSERT_FALSE(as_csv);
  EXPECT_EQ(as_csv.error().code, "missing_column");
  options.format = formats::FileFormat::kGpx;
  EXPECT_TRUE(MakeReplay(options)->Load());
}

TEST_F(ReplayFormatsTest, FindsTheColumnsOfOurOwnFiles) {
  ReplayOptions options = Options(
      "x.csv",
      "tracker_id,name,fix_time,latitude,longitude\r\nvan,Red,2026-02-23T12:00:00Z,1,2\r\n");
  options.guess_columns = true;
  Played(options);
  EXPECT_EQ(Trackers(), List{"van=Red"});
}

TEST_F(ReplayFormatsTest, RefusesOptionsThatMakeNoSense) {
  const auto code = [&](auto change) {
    ReplayOptions options = Sample("cerknicko-jezero.gpx");
    change(options);
    auto loaded = MakeReplay(options)->Load();
    return loaded ? "" : loaded.error().code;
  };
  EXPECT_EQ(code([](ReplayOptions& o) { o.step = 0ms; }), "bad_option");
  EXPECT_EQ(code([](ReplayOptions& o) { o.copies = 0; }), "bad_option");
  EXPECT_EQ(code([](ReplayOptions& o) { o.max_gap = -1s; }), "bad_option");
  EXPECT_EQ(code([](ReplayOptions&) {}), "");
}

TEST_F(ReplayFormatsTest, PlaysRecordingsOfDevices) {
  EXPECT_EQ(Played(Sample("around-visnjan-with-car.gpx")).size(), 103u);
  Played(Sample("korita-zbevnica.gpx"));
  EXPECT_EQ(fixes_.size(), 870u) << "with those that have no time";
  EXPECT_EQ(catalogue_.trackers.size(), 3u) << "one track is empty";
  Played(Sample("telit-he910.nmea"));
  EXPECT_GT(catalogue_.bad_rows, 0u) << "it had no fix at first";
  EXPECT_GT(fixes_.size(), 150u);
}

}  // namespace
}  // namespace trackwire::fetcher
