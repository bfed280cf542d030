#include "formats/ais_message.h"

#include "formats/units.h"
#include "tests/formats/ais_payload.h"
#include "tests/formats/read_all.h"

namespace trackwire::formats {
namespace {

using List = std::vector<std::string>;

AisMessage Decoded(const AisPayload& payload) {
  auto message = DecodeAis(payload.Armoured(), payload.fill_bits());
  EXPECT_TRUE(message) << ToString(message.error());
  return message ? *message : AisMessage{};
}

std::string ErrorOf(const AisPayload& payload) {
  auto message = DecodeAis(payload.Armoured(), payload.fill_bits());
  return message ? "" : ToString(message.error());
}

/// Types 1 to 3 with everything unknown.
AisPayload UnknownClassA() {
  AisPayload payload;
  payload.Put(6, 1).Put(2, 0).Put(30, 211'000'001).Put(4, 15).Put(8, -128).Put(10, 1023).Put(1, 0);
  payload.Put(28, 181 * 600'000).Put(27, 91 * 600'000).Put(12, 3600).Put(9, 511).Put(6, 60);
  return payload.Put(25, 0);
}

TEST(AisMessageTest, DecodesClassA) {
  const auto message = DecodeAis("139>Jh@P1sPeDI0NW>`3K2ht0000", 0);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, 1);
  EXPECT_EQ(message->mmsi, 211'000'001u);
  EXPECT_NEAR(*message->speed_mps, 12.3 * kKnotMps, 1e-9);
  EXPECT_NEAR(*message->latitude, 53.5, 1e-6);
  EXPECT_NEAR(*message->longitude, 9.9, 1e-6);
  EXPECT_EQ(message->course_deg, 87.6);
  EXPECT_EQ(message->heading_deg, 88);
  EXPECT_EQ(message->second, 30);
  const auto known = DecodeAis("13aEOK?P00PD2wVMdLDRhgvL289?", 0);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->mmsi, 244'670'316u);
  EXPECT_NEAR(*known->latitude, 51.89475, 1e-6);
  EXPECT_NEAR(*known->longitude, 4.379285, 1e-6);
}

TEST(AisMessageTest, DecodesClassB) {
  const auto message = DecodeAis("B52EpPP0>FgVg8K=C61howV00000", 0);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, 18);
  EXPECT_EQ(message->mmsi, 338'000'002u);
  EXPECT_NEAR(*message->speed_mps, 5.7 * kKnotMps, 1e-9);
  EXPECT_NEAR(*message->latitude, -33.5, 1e-6);
  EXPECT_NEAR(*message->longitude, -70.25, 1e-6);
  EXPECT_EQ(message->course_deg, 180.5);
  EXPECT_FALSE(message->heading_deg);
  EXPECT_EQ(message->second, 12);
}

TEST(AisMessageTest, LeavesSentinelsOut) {
  const AisMessage message = Decoded(UnknownClassA());
  EXPECT_TRUE(message.reports_place);
  EXPECT_FALSE(message.latitude || message.longitude);
  EXPECT_FALSE(message.speed_mps || message.course_deg || message.heading_deg || message.second);
  EXPECT_FALSE(message.accuracy_m);
}

TEST(AisMessageTest, DecodesAnExtendedClassB) {
  AisPayload payload;
  payload.Put(6, 19).Put(2, 0).Put(30, 338'000'002).Put(8, 0).Put(10, 1022).Put(1, 1);
  payload.Put(28, -70.25 * 600'000).Put(27, -33.5 * 600'000).Put(12, 3599).Put(9, 359).Put(6, 59);
  payload.Put(4, 0).Text(120, "SEA BREEZE").Put(8, 36).Put(9, 8).Put(9, 4).Put(6 + 6 + 4 + 7, 0);
  ASSERT_EQ(payload.size(), 312u);
  const AisMessage message = Decoded(payload);
  EXPECT_NEAR(*message.speed_mps, 102.2 * kKnotMps, 1e-9);
  EXPECT_EQ(message.accuracy_m, 10);
  EXPECT_EQ(message.longitude, -70.25);
  EXPECT_EQ(message.course_deg, 359.9);
  EXPECT_EQ(message.heading_deg, 359);
  EXPECT_EQ(message.second, 59);
  EXPECT_EQ(message.name, "SEA BREEZE");
  EXPECT_EQ(message.ship_type, 36);
  EXPECT_EQ(message.length_m, 12);
}

TEST(AisMessageTest, DecodesAnAircraft) {
  AisPayload payload;
  payload.Put(6, 9).Put(2, 0).Put(30, 111'265'001).Put(12, 303).Put(10, 142).Put(1, 0);
  payload.Put(28, 10.5 * 600'000).Put(27, 54.25 * 600'000).Put(12, 155).Put(6, 4).Put(34, 0);
  ASSERT_EQ(payload.size(), 168u);
  const AisMessage message = Decoded(payload);
  EXPECT_EQ(message.altitude_m, 303);
  EXPECT_NEAR(*message.speed_mps, 142 * kKnotMps, 1e-9);
  EXPECT_EQ(message.latitude, 54.25);
  EXPECT_EQ(message.course_deg, 15.5);
}

TEST(AisMessageTest, DecodesALongRangeReport) {
  AisPayload payload;
  payload.Put(6, 27).Put(2, 0).Put(30, 206'914'217).Put(1, 0).Put(1, 0).Put(4, 2);
  payload.Put(18, -137.5 * 600).Put(17, 4.5 * 600).Put(6, 57).Put(9, 167).Put(2, 0);
  ASSERT_EQ(payload.size(), 96u);
  const AisMessage message = Decoded(payload);
  EXPECT_EQ(message.longitude, -137.5);
  EXPECT_EQ(message.latitude, 4.5);
  EXPECT_NEAR(*message.speed_mps, 57 * kKnotMps, 1e-9);
  EXPECT_EQ(message.course_deg, 167);
  EXPECT_FALSE(message.second);
}

AisPayload Voyage() {
  AisPayload payload;
  payload.Put(6, 5).Put(2, 0).Put(30, 211'000'001).Put(2, 0).Put(30, 9'074'729).Text(42, "DABC");
  payload.Text(120, "NORTH STAR  ").Put(8, 70).Put(9, 225).Put(9, 70).Put(6, 1).Put(6, 31);
  return payload.Put(4, 1).Put(20, 0).Put(8, 0).Text(120, "NEW YORK").Put(2, 0);
}

TEST(AisMessageTest, DecodesWhatAShipSaysOfItself) {
  ASSERT_EQ(Voyage().size(), 424u);
  const AisMessage message = Decoded(Voyage());
  EXPECT_FALSE(message.reports_place);
  EXPECT_EQ(message.imo, 9'074'729u);
  EXPECT_EQ(message.call_sign, "DABC");
  EXPECT_EQ(message.name, "NORTH STAR");
  EXPECT_EQ(message.ship_type, 70);
  EXPECT_EQ(message.length_m, 295);
}

TEST(AisMessageTest, DecodesBothPartsOfAStaticReport) {
  AisPayload a;
  a.Put(6, 24).Put(2, 0).Put(30, 338'000'002).Put(2, 0).Text(120, "PROGUY");
  EXPECT_EQ(Decoded(a).name, "PROGUY");
  AisPayload b;
  b.Put(6, 24).Put(2, 0).Put(30, 338'000'002).Put(2, 1).Put(8, 37).Text(42, "1D00014");
  b.Text(42, "WX1").Put(9, 7).Put(9, 5).Put(6, 2).Put(6, 2).Put(6, 0);
  const AisMessage message = Decoded(b);
  EXPECT_EQ(message.ship_type, 37);
  EXPECT_EQ(message.call_sign, "WX1");
  EXPECT_EQ(message.length_m, 12);
}

TEST(AisMessageTest, RefusesWhatIsNone) {
  EXPECT_EQ(ToString(DecodeAis("", 0).error()), std::string("ais_bad_payload"));
  EXPECT_EQ(ToString(DecodeAis("1Z", 0).error()), std::string("ais_bad_payload"));
  EXPECT_EQ(ToString(DecodeAis("1x", 0).error()), std::string("ais_bad_payload"));
  EXPECT_EQ(ToString(DecodeAis("139>", 6).error()), std::string("ais_bad_payload"));
  EXPECT_EQ(ToString(DecodeAis("1", 5).error()), std::string("ais_unsupported"));
  EXPECT_EQ(ErrorOf(AisPayload().Put(6, 4).Put(162, 0)), "ais_unsupported");
  const std::string whole = UnknownClassA().Armoured();
  for (size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(ToString(DecodeAis(whole.substr(0, size), 0).error()), std::string("ais_too_short"));
  }
}

TEST(AisPointsTest, TakesTheMinuteFromReception) {
  const std::string sentence = "!AIVDM,1,1,,A,139>Jh@P1sPeDI0NW>`3K2ht0000,0*4A\r\n";
  const auto times = [](const std::string& text, ReaderOptions options = {}) {
    List out;
    for (const FilePoint& point : ReadInAnyPieces(FileFormat::kNmea, text, options).points) {
      out.push_back(TimeText(point));
    }
    return out;
  };
  EXPECT_EQ(times(sentence), List{"-"});
  // 2026-02-23T12:00:45Z and 12:00:15Z, when second 30 is still ahead.
  EXPECT_EQ(times("\\s:rx1,c:1771848045*02\\" + sentence + "\\c:1771848015*59\\" + sentence),
            (List{"2026-02-23T12:00:30.000Z", "2026-02-23T11:59:30.000Z"}));
  EXPECT_EQ(
      times("$GNRMC,101530.00,A,5230.1234,N,01324.5678,E,012.3,087.6,230226,,,A*40\r\n"
            "$GNRMC,101531.00,A,5230.1234,N,01324.5678,E,012.3,087.6,230226,,,A*41\r\n" +
            sentence),
      (List{"2026-02-23T10:15:30.000Z", "2026-02-23T10:15:30.000Z", "2026-02-23T10:15:31.000Z"}));
  const auto start = base::ParseTime("2026-02-23T12:00:50Z");
  const std::string other = "!AIVDM,1,1,,B,B52EpPP0>FgVg8K=C61howV00000,0*57\r\n";
  EXPECT_EQ(
      times(other + sentence + other, {.start = start}),
      (List{"2026-02-23T12:01:12.000Z", "2026-02-23T12:01:30.000Z", "2026-02-23T12:01:12.000Z"}));
}

TEST(AisPointsTest, PutsPartsTogether) {
  const std::string payload = Voyage().Armoured();
  const std::string first = AisLine(payload.substr(0, 60), 0, 2, 1, "3");
  const std::string second = AisLine(payload.substr(60), Voyage().fill_bits(), 2, 2, "3");
  const WholeFile file = ReadInAnyPieces(FileFormat::kNmea, first + second);
  EXPECT_EQ(file.reasons(), List{});
  ASSERT_EQ(file.points.size(), 1u);
  EXPECT_EQ(file.points[0].report.external_id, "211000001");
  EXPECT_FALSE(file.points[0].report.has_place);
  EXPECT_EQ(file.points[0].report.name, "North Star");
  EXPECT_EQ(file.points[0].report.category, "cargo");
  EXPECT_EQ(file.points[0].call_sign, "DABC");
  EXPECT_EQ(file.points[0].imo, "9074729");
  EXPECT_EQ(file.points[0].length_m, 295);
  const auto reasons = [](const std::string& text) {
    return ReadInAnyPieces(FileFormat::kNmea, text).reasons();
  };
  EXPECT_EQ(reasons(second), List{"ais_bad_parts@1"});
  EXPECT_EQ(reasons(first), List{"ais_incomplete@1"});
  EXPECT_EQ(reasons(first + first + second), List{"ais_incomplete@1"});
  EXPECT_EQ(reasons(first + AisLine("0", 0, 3, 2, "3")), List{"ais_bad_parts@2"});
  EXPECT_EQ(reasons(AisLine("0", 0, 2, 3)), List{"ais_bad_parts@1"});
  std::string late = first;
  for (int i = 0; i < 501; ++i) late += AisLine(UnknownClassA().Armoured());
  EXPECT_EQ(reasons(late + second), (List{"ais_incomplete@1", "ais_bad_parts@503"}));
}

TEST(AisPointsTest, APlaceThatIsUnknownIsASignOfLife) {
  const WholeFile file = ReadAll(FileFormat::kNmea, AisLine(UnknownClassA().Armoured()));
  ASSERT_EQ(file.points.size(), 1u);
  EXPECT_FALSE(file.points[0].report.has_place);
}

}  // namespace
}  // namespace trackwire::formats
