#include "socketio/msgpack.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "tests/socketio/hex.h"

namespace trackwire::socketio {
namespace {

using Type = MsgpackValue::Type;

std::string Write(const MsgpackValue& value) {
  std::string out;
  MsgpackWriter(out).Value(value);
  return out;
}

TEST(MsgpackTest, ReadsAndWritesIntegersInTheirShortestForm) {
  struct Row {
    int64_t value;
    const char* hex;
  };
  for (const Row& row : std::vector<Row>{{0, "00"},
                                         {127, "7f"},
                                         {128, "cc80"},
                                         {255, "ccff"},
                                         {256, "cd0100"},
                                         {65535, "cdffff"},
                                         {65536, "ce00010000"},
                                         {4294967295, "ceffffffff"},
                                         {4294967296, "cf0000000100000000"},
                                         {INT64_MAX, "cf7fffffffffffffff"},
                                         {-1, "ff"},
                                         {-32, "e0"},
                                         {-33, "d0df"},
                                         {-128, "d080"},
                                         {-129, "d1ff7f"},
                                         {-32768, "d18000"},
                                         {-32769, "d2ffff7fff"},
                                         {-2147483649, "d3ffffffff7fffffff"},
                                         {INT64_MIN, "d38000000000000000"}}) {
    const std::string bytes = FromHex(row.hex);
    const auto value = ParseMsgpack(bytes);
    ASSERT_TRUE(value) << row.hex;
    EXPECT_EQ(value->type, Type::kInt) << row.hex;
    EXPECT_EQ(value->integer, row.value) << row.hex;
    EXPECT_EQ(ToHex(Write(*value)), row.hex);
  }
}

TEST(MsgpackTest, ReadsIntegersInAnyForm) {
  for (const char* hex : {"cc07", "cd0007", "ce00000007", "cf0000000000000007", "d007", "d10007",
                          "d200000007", "d30000000000000007", "ca40e00000", "cb401c000000000000"}) {
    const std::string bytes = FromHex(hex);
    const auto value = ParseMsgpack(bytes);
    ASSERT_TRUE(value) << hex;
    EXPECT_EQ(value->AsInteger(), 7) << hex;
  }
  const std::string huge = FromHex("cfffffffffffffffff");
  EXPECT_EQ(ParseMsgpack(huge)->huge, UINT64_MAX);
  EXPECT_EQ(ParseMsgpack(huge)->AsInteger(), std::nullopt);
  EXPECT_EQ(Write(*ParseMsgpack(huge)), huge);
}

TEST(MsgpackTest, AFractionIsNoInteger) {
  for (const char* hex : {"cb3fe0000000000000", "cb7ff0000000000000", "cb7ff8000000000000",
                          "cb4340000000000001", "a137", "c3"}) {
    const std::string bytes = FromHex(hex);
    EXPECT_EQ(ParseMsgpack(bytes)->AsInteger(), std::nullopt) << hex;
  }
}

TEST(MsgpackTest, EveryFormSurvivesTheRoundTrip) {
  const std::string text40 = ToHex(std::string(40, 'x'));
  const std::string text300 = ToHex(std::string(300, 'x'));
  const std::string text70k = ToHex(std::string(70'000, 'x'));
  std::string nils16;
  for (int i = 0; i < 16; ++i) nils16 += "c0";
  for (const std::string& hex : std::vector<std::string>{"c0",
                                                         "c2",
                                                         "c3",
                                                         "cb3ff199999999999a",
                                                         "a0",
                                                         "a161",
                                                         "d928" + text40,
                                                         "da012c" + text300,
                                                         "db00011170" + text70k,
                                                         "c400",
                                                         "c403010203",
                                                         "c5012c" + text300,
                                                         "c600011170" + text70k,
                                                         "d40000",
                                                         "d5ff0102",
                                                         "d6ff00000001",
                                                         "d7ff0000000000000001",
                                                         "d80500112233445566778899aabbccddeeff",
                                                         "c703ff010203",
                                                         "c70007",
                                                         "c8012cff" + text300,
                                                         "c900011170ff" + text70k,
                                                         "90",
                                                         "93010203",
                                                         "dc0010" + nils16,
                                                         "80",
                                                         "81a161c0",
                                                         "82a16101a1629102"}) {
    const std::string bytes = FromHex(hex);
    const auto value = ParseMsgpack(bytes);
    ASSERT_TRUE(value) << hex.substr(0, 40) << ": " << ToString(value.error());
    EXPECT_EQ(ToHex(Write(*value)), hex);
  }
}

TEST(MsgpackTest, ReadsABroadcastOfTheNpmAdapter) {
  const std::string bytes = FromHex(
      "93a6426e4e4b424b83a47479706502a46461746194a16501a16181a16292c3c0a36e7370a12f83a5726f6f6d7390"
      "a665786365707490a5666c61677380");
  const auto value = ParseMsgpack(bytes);
  ASSERT_TRUE(value);
  ASSERT_EQ(value->items.size(), 3u);
  EXPECT_EQ(value->items[0].bytes, "BnNKBK");
  const MsgpackValue& packet = value->items[1];
  EXPECT_EQ(packet.Find("type")->AsInteger(), 2);
  EXPECT_EQ(packet.Find("nsp")->bytes, "/");
  EXPECT_EQ(packet.Find("data")->items.size(), 4u);
  EXPECT_TRUE(value->items[2].Find("rooms")->is_array());
  EXPECT_EQ(value->items[2].Find("unknown"), nullptr);
  EXPECT_EQ(ToHex(Write(*value)), ToHex(bytes));
}

TEST(MsgpackTest, ReadsABroadcastOfTheNpmEmitter) {
  const std::string bytes = FromHex(
      "93a7656d697474657283a47479706502a46461746193a16501c40109a36e7370a12f83a5726f6f6d7391a27231"
      "a5666c61677380a665786365707490");
  const auto value = ParseMsgpack(bytes);
  ASSERT_TRUE(value);
  const MsgpackValue& binary = value->items[1].Find("data")->items[2];
  EXPECT_EQ(binary.type, Type::kBinary);
  EXPECT_EQ(binary.bytes, "\x09");
  EXPECT_EQ(value->items[2].Find("rooms")->items[0].bytes, "r1");
}

TEST(MsgpackTest, TheLastOfEqualKeysCounts) {
  const std::string bytes = FromHex("82a16101a16102");
  EXPECT_EQ(ParseMsgpack(bytes)->Find("a")->integer, 2);
}

TEST(MsgpackTest, RefusesEveryTruncationInAnExactBuffer) {
  const std::string whole = FromHex(
      "9fc0c3cc80cd0100ce00010000cf0000000100000000d080ca3f800000cb3ff199999999999ad90161c4020102"
      "d7ff0000000000000001c70107aa81a161dc0001c0de0001a162c2");
  ASSERT_TRUE(ParseMsgpack(whole));
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::unique_ptr<char[]> exact(new char[size]);
    std::copy_n(whole.data(), size, exact.get());
    const auto value = ParseMsgpack({exact.get(), size});
    ASSERT_FALSE(value) << size;
    EXPECT_EQ(value.error(), MsgpackError::kTruncated) << size;
  }
}

TEST(MsgpackTest, RefusesWhatIsWrong) {
  struct Row {
    std::string hex;
    MsgpackError error;
  };
  std::string deep;
  for (int i = 0; i < 65; ++i) deep += "91";
  for (const Row& row :
       std::vector<Row>{{"c1", MsgpackError::kBadByte},
                        {"92c0c1", MsgpackError::kBadByte},
                        {"c0c0", MsgpackError::kTrailing},
                        {"9000", MsgpackError::kTrailing},
                        {deep + "c0", MsgpackError::kTooDeep},
                        // Lengths that nothing follows: refused at once, whatever they promise.
                        {"ddffffffff", MsgpackError::kTruncated},
                        {"dfffffffff", MsgpackError::kTruncated},
                        {"dbffffffff", MsgpackError::kTruncated},
                        {"c6ffffffff00", MsgpackError::kTruncated},
                        {"c9ffffffff01", MsgpackError::kTruncated},
                        {"ddffffffffddffffffffddffffffff", MsgpackError::kTruncated}}) {
    const std::string bytes = FromHex(row.hex);
    const auto value = ParseMsgpack(bytes);
    ASSERT_FALSE(value) << row.hex;
    EXPECT_EQ(ToString(value.error()), std::string(ToString(row.error))) << row.hex;
  }
}

TEST(MsgpackTest, KeepsItsLimits) {
  const std::string array = FromHex("dc0400") + std::string(1024, '\x01');
  EXPECT_TRUE(ParseMsgpack(array, {.max_items = 1025}));
  EXPECT_EQ(ParseMsgpack(array, {.max_items = 1024}).error(), MsgpackError::kTooManyItems);
  EXPECT_EQ(ParseMsgpack(array, {.max_bytes = 1026}).error(), MsgpackError::kTooLarge);
  const std::string nested = FromHex("9191c0");
  EXPECT_TRUE(ParseMsgpack(nested, {.max_depth = 2}));
  EXPECT_EQ(ParseMsgpack(nested, {.max_depth = 1}).error(), MsgpackError::kTooDeep);
}

TEST(MsgpackTest, ANotANumberEqualsItself) {
  const std::string bytes = FromHex("cb7ff8000000000000");
  EXPECT_EQ(*ParseMsgpack(bytes), *ParseMsgpack(bytes));
  const std::string other = FromHex("cb7ff8000000000001");
  EXPECT_FALSE(*ParseMsgpack(bytes) == *ParseMsgpack(other));
}

}  // namespace
}  // namespace trackwire::socketio
