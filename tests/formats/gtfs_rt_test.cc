#include "formats/gtfs_rt.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/text.h"

namespace trackwire::formats {
namespace {

const WallTime kNow{std::chrono::seconds(1'800'000'000)};

std::string FromHex(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

// A small language of protobuf's wire format.
std::string Varint(uint64_t value) {
  std::string out;
  for (; value >= 128; value >>= 7) out += static_cast<char>(value | 128);
  return out + static_cast<char>(value);
}
std::string Number(uint64_t field, uint64_t value) { return Varint(field << 3) + Varint(value); }
std::string Bytes(uint64_t field, const std::string& bytes) {
  return Varint(field << 3 | 2) + Varint(bytes.size()) + bytes;
}
std::string Float(uint64_t field, float value) {
  char bytes[4];
  std::memcpy(bytes, &value, 4);
  return Varint(field << 3 | 5) + std::string(bytes, 4);
}
std::string Double(uint64_t field, double value) {
  char bytes[8];
  std::memcpy(bytes, &value, 8);
  return Varint(field << 3 | 1) + std::string(bytes, 8);
}

const std::string kHeader = Bytes(1, Bytes(1, "2.0") + Number(3, 1'771'841'735));
const std::string kPlace = Bytes(2, Float(1, 52.5F) + Float(2, 13.25F));

/// A feed with one entity of these fields of VehiclePosition.
std::string Feed(const std::string& vehicle, const std::string& entity = Bytes(1, "e1")) {
  return kHeader + Bytes(2, entity + Bytes(4, vehicle));
}

Report ReadOne(const std::string& feed) {
  const auto read = ReadGtfsRealtime(feed, kNow);
  EXPECT_TRUE(read && read->reports.size() == 1 && read->bad == 0);
  return read && !read->reports.empty() ? read->reports[0] : Report();
}

std::string Code(const std::string& feed) {
  const auto read = ReadGtfsRealtime(feed, kNow);
  return read ? "read" : read.error().code;
}

// 63 bytes: header 2.0, entity e1, vehicle bus-7 labelled 7.
const char kVector[] =
    "0a0d0a03322e30100018c7d1f0cc06122e0a026531222812140d0000524215000054411d0000af422d0000384128c2"
    "d1f0cc06420a0a056275732d37120137";

TEST(GtfsRtTest, ReadsAVehicle) {
  const auto feed = ReadGtfsRealtime(FromHex(kVector), kNow);
  ASSERT_TRUE(feed);
  EXPECT_EQ(feed->time, WallTime(std::chrono::seconds(1'771'841'735)));
  EXPECT_FALSE(feed->differential);
  ASSERT_EQ(feed->reports.size(), 1u);
  const Report& report = feed->reports[0];
  EXPECT_EQ(report.external_id, "bus-7");
  EXPECT_EQ(report.name, "7");
  EXPECT_EQ(report.fix.place.latitude, 52.5);
  EXPECT_EQ(report.fix.place.longitude, 13.25);
  EXPECT_EQ(report.fix.course_deg, 87.5);
  EXPECT_EQ(report.fix.speed_mps, 11.5);
  EXPECT_EQ(report.fix.fix_time, WallTime(std::chrono::seconds(1'771'841'730)));
  EXPECT_EQ(report.fix.attributes_json, "");
}

TEST(GtfsRtTest, ReadsWhatElseIsSaid) {
  const Report report = ReadOne(Feed(
      Bytes(1, Bytes(1, "trip") + Bytes(5, "route") + Number(6, 1)) +
      Bytes(2, Float(1, -33.5F) + Float(2, -70.25F) + Double(4, 1234.5) + Float(5, 0)) +
      Number(3, 12) + Number(4, 1) + Number(5, 1'771'841'730) + Number(6, 2) + Bytes(7, "stop") +
      Bytes(8, Bytes(1, "v") + Bytes(3, "PLATE")) + Number(9, 2) + Number(10, 40) +
      Bytes(1'000, "extension") + Bytes(9'000, "extension")));
  EXPECT_EQ(report.fix.speed_mps, 0);
  EXPECT_EQ(report.fix.course_deg, std::nullopt);
  EXPECT_EQ(report.fix.attributes_json,
            R"({"route_id":"route","trip_id":"trip","direction_id":1,"stop_id":"stop",)"
            R"("current_status":"stopped","occupancy":"few_seats","occupancy_percent":40,)"
            R"("odometer":1234.5})");
}

TEST(GtfsRtTest, NamesVehiclesByTheFirstNameTheyHave) {
  EXPECT_EQ(ReadOne(Feed(kPlace + Bytes(8, Bytes(1, "id") + Bytes(2, "label")))).external_id, "id");
  EXPECT_EQ(ReadOne(Feed(kPlace + Bytes(8, Bytes(2, "label")))).external_id, "label");
  EXPECT_EQ(ReadOne(Feed(kPlace + Bytes(8, ""))).external_id, "e1");
  EXPECT_EQ(ReadOne(Feed(kPlace)).external_id, "e1");
}

TEST(GtfsRtTest, EstimatesTheTimeFromTheFeed) {
  const Report report = ReadOne(Feed(kPlace));
  EXPECT_EQ(report.fix.fix_time, WallTime(std::chrono::seconds(1'771'841'735)));
  EXPECT_EQ(report.fix.attributes_json, R"({"time_estimated":true})");
  // Milliseconds where seconds belong, and nothing at all.
  EXPECT_EQ(ReadOne(Feed(kPlace + Number(5, 1'771'841'730'000))).fix.fix_time, report.fix.fix_time);
  EXPECT_EQ(ReadOne(Feed(kPlace + Number(5, 0))).fix.fix_time, report.fix.fix_time);
  const std::string timeless =
      Bytes(1, Bytes(1, "2.0")) + Bytes(2, Bytes(1, "e1") + Bytes(4, kPlace));
  EXPECT_EQ(ReadOne(timeless).fix.fix_time, kNow);
}

TEST(GtfsRtTest, FindsTheHeaderWhereverItStands) {
  const std::string entity = Bytes(2, Bytes(1, "e1") + Bytes(4, kPlace));
  EXPECT_EQ(ReadOne(entity + kHeader).fix.fix_time, WallTime(std::chrono::seconds(1'771'841'735)));
  const auto feed = ReadGtfsRealtime(Bytes(1, Number(2, 1)), kNow);
  ASSERT_TRUE(feed);
  EXPECT_TRUE(feed->differential);
  EXPECT_EQ(feed->time, std::nullopt);
}

TEST(GtfsRtTest, PassesOverWhatIsNoVehicle) {
  const auto feed = ReadGtfsRealtime(
      kHeader + Bytes(2, Bytes(1, "trip") + Bytes(3, "a trip update")) +
          Bytes(2, Bytes(1, "alert") + Bytes(5, "an alert")) + Bytes(2, Bytes(1, "none")) +
          Bytes(2, Bytes(1, "gone") + Number(2, 1) + Bytes(4, kPlace)) + Number(77, 5) +
          Double(78, 1),
      kNow);
  ASSERT_TRUE(feed);
  EXPECT_TRUE(feed->reports.empty());
  EXPECT_EQ(feed->bad, 0u);
}

TEST(GtfsRtTest, SkipsVehiclesWithoutPlaceOrName) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<std::string> bad{
      Feed(""),
      Feed(Bytes(2, Float(1, 52.5F))),
      Feed(Bytes(2, Float(1, 91) + Float(2, 0))),
      Feed(Bytes(2, Float(1, 0) + Float(2, -181))),
      Feed(Bytes(2, Float(1, nan) + Float(2, 1))),
      Feed(Bytes(2, Float(1, 0) + Float(2, 0))),
      Feed(kPlace, ""),
      Feed(kPlace, Bytes(1, "\xff\xfe")),
      Feed(kPlace, Bytes(1, std::string(300, 'x'))),
      kHeader + Bytes(2, "\x0a\x7f" "cut")};
  for (size_t i = 0; i < bad.size(); ++i) {
    const auto feed = ReadGtfsRealtime(bad[i], kNow);
    ASSERT_TRUE(feed) << i;
    EXPECT_EQ(feed->bad, 1u) << i;
    EXPECT_TRUE(feed->reports.empty()) << i;
  }
}

TEST(GtfsRtTest, LeavesOutWhatCannotBe) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float odd : {-1.0F, infinity, std::numeric_limits<float>::quiet_NaN()}) {
    const Report report = ReadOne(
        Feed(Bytes(2, Float(1, 1) + Float(2, 2) + Float(3, odd) + Double(4, odd) + Float(5, odd)) +
             Number(4, 99) + Number(9, 99) + Number(5, 5) + Bytes(7, "\xff")));
    EXPECT_EQ(report.fix.course_deg, std::nullopt);
    EXPECT_EQ(report.fix.speed_mps, std::nullopt);
    EXPECT_EQ(report.fix.attributes_json, "");
  }
}

TEST(GtfsRtTest, RefusesWhatIsNoFeed) {
  EXPECT_EQ(Code(""), "bad_message");
  EXPECT_EQ(Code("<html>not found</html>"), "bad_message");
  EXPECT_EQ(Code("{\"header\":{}}"), "bad_message");
  EXPECT_EQ(Code(Bytes(2, Bytes(1, "e1") + Bytes(4, kPlace))), "bad_message");
  EXPECT_EQ(Code(Bytes(1, "\x0a\x7f" "cut")), "bad_message");
  std::string many = kHeader;
  for (int i = 0; i <= 100'000; ++i) many += Bytes(2, "");
  EXPECT_EQ(Code(many), "too_many");
}

TEST(GtfsRtTest, TakesEveryCutForWhatItIs) {
  const std::string whole = FromHex(kVector);
  const size_t header_end = 15;
  for (size_t size = 0; size < whole.size(); ++size) {
    // An exact block, so that a sanitizer sees a read beyond it.
    const std::unique_ptr<char[]> exact(new char[size]);
    std::memcpy(exact.get(), whole.data(), size);
    const auto feed = ReadGtfsRealtime({exact.get(), size}, kNow);
    EXPECT_EQ(feed.has_value(), size == header_end) << size;
  }
}

}  // namespace
}  // namespace trackwire::formats
