#include "socketio/msgpack_json.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/json_scanner.h"
#include "tests/socketio/hex.h"

namespace trackwire::socketio {
namespace {

Result<Args, MsgpackError> Unpack(const std::string& hex, const MsgpackLimits& limits = {}) {
  const std::string bytes = FromHex(hex);
  const auto value = ParseMsgpack(bytes);
  CHECK(value.has_value());
  return UnpackArgs({&*value, 1}, limits);
}

TEST(MsgpackJsonTest, TellsWhatJsonLacksAsAnNpmServerWould) {
  struct Row {
    const char* hex;
    const char* json;
  };
  for (const Row& row : std::vector<Row>{
           {"c0", "null"},
           {"c3", "true"},
           {"ff", "-1"},
           {"cf7fffffffffffffff", "9223372036854775807"},
           {"cfffffffffffffffff", "18446744073709551615"},
           {"cb3fb999999999999a", "0.1"},
           {"cb4059000000000000", "100"},
           {"cb8000000000000000", "0"},
           {"cb3f50624dd2f1a9fc", "0.001"},
           {"cb44b52d02c7e14af6", "1e+23"},
           {"ca3e800000", "0.25"},
           {"cb7ff0000000000000", "null"},
           {"cb7ff8000000000000", "null"},
           {"a3e282ac", "\"\xe2\x82\xac\""},
           {"a50a22005c7f", "\"\\n\\\"\\u0000\\\\\x7f\""},
           {"a461ff6280",
            "\"a\xef\xbf\xbd"
            "b\xef\xbf\xbd\""},
           {"d40000", "null"},
           {"92d4000001", "[null,1]"},
           {"82a161d40000a16201", "{\"b\":1}"},
           {"81a161d40000", "{}"},
           {"d6ff00000001", "\"1970-01-01T00:00:01.000Z\""},
           {"d7ff3b9aca0000000001", "\"1970-01-01T00:00:01.250Z\""},
           {"c70cff0ee6b280ffffffffffffffff", "\"1969-12-31T23:59:59.250Z\""},
           {"d70000000000000003e9", "\"1970-01-01T00:00:01.001Z\""},
           {"d700ffffffffffffffff", "\"1969-12-31T23:59:59.999Z\""},
           {"d7007fffffffffffffff", "null"},
           {"d7008000000000000000", "null"},
           {"d7ffffffffff00000001", "null"},
           {"d40105", "[1,{\"_placeholder\":true,\"num\":0}]"},
           {"8401a16102a162c0a163c3a164", R"({"1":"a","2":"b","null":"c","true":"d"})"},
           {"81cb3fe000000000000007", R"({"0.5":7})"}}) {
    const auto args = Unpack(row.hex);
    ASSERT_TRUE(args) << row.hex;
    EXPECT_EQ(args->json, row.json) << row.hex;
    EXPECT_TRUE(base::ScanJson(args->json)) << row.hex;
  }
}

TEST(MsgpackJsonTest, BinaryBecomesAnAttachment) {
  const auto args = Unpack("82a16193c40101c40002a162c4020304");
  ASSERT_TRUE(args);
  EXPECT_EQ(args->json, R"({"a":[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1},2],)"
                        R"("b":{"_placeholder":true,"num":2}})");
  EXPECT_EQ(args->attachments, (std::vector<std::string>{"\x01", "", "\x03\x04"}));
  EXPECT_EQ(Unpack("92c400c400", {.max_attachments = 1}).error(),
            MsgpackError::kTooManyAttachments);
}

TEST(MsgpackJsonTest, RefusesWhatJsonCannotName) {
  for (const char* hex : {"819001", "81c40001", "81d4000001", "818001"}) {
    EXPECT_EQ(Unpack(hex).error(), MsgpackError::kBadKey) << hex;
  }
}

TEST(MsgpackJsonTest, RefusesAMapThatPlaysTheUnknownAttachment) {
  // [bytes, {_placeholder: true, num: 7}]
  EXPECT_EQ(Unpack("92c4010182ac5f706c616365686f6c646572c3a36e756d07").error(),
            MsgpackError::kBadPlaceholder);
  // Without attachments it is a map like any other.
  EXPECT_TRUE(Unpack("82ac5f706c616365686f6c646572c3a36e756d07"));
}

TEST(MsgpackJsonTest, ABufferInPlainJsonIsWrittenAsNodeWritesIt) {
  const std::string bytes = FromHex("81a161c4020aff");
  const auto value = ParseMsgpack(bytes);
  EXPECT_EQ(*UnpackJson(*value), R"({"a":{"type":"Buffer","data":[10,255]}})");
}

TEST(MsgpackJsonTest, PacksArguments) {
  struct Row {
    const char* json;
    const char* hex;
    size_t count;
  };
  for (const Row& row : std::vector<Row>{
           {"", "", 0},
           {"1", "01", 1},
           {" 1 , \"a\" ,null", "01a161c0", 3},
           {"{\"b\":[true,null]}", "81a16292c3c0", 1},
           {"[ ],{ }", "9080", 2},
           {"[[],[1,[2,3]],{\"a\":{}}]",
            "93909201920203"
            "81a16180",
            1},
           {"1.0,1e3,-0,0.5,-1", "01cd03e800cb3fe0000000000000ff", 5},
           {"9007199254740991", "cf001fffffffffffff", 1},
           {"9007199254740993", "cb4340000000000000", 1},
           {"18446744073709551615", "cb43f0000000000000", 1},
           {"1e400", "c0", 1},
           {"\"\\u00e9\\n\"", "a3c3a90a", 1},
           {"{\"a]}\":\"[{,:\\\"\"}", "81a3615d7da55b7b2c3a22", 1},
           {"{\"_placeholder\":true,\"num\":0}", "82ac5f706c616365686f6c646572c3a36e756d00", 1}}) {
    const PackedArgs packed = PackArgs({row.json, {}});
    EXPECT_EQ(ToHex(packed.bytes), row.hex) << row.json;
    EXPECT_EQ(packed.count, row.count) << row.json;
  }
}

TEST(MsgpackJsonTest, PacksAttachmentsWhereTheirPlaceholdersStand) {
  const PackedArgs packed =
      PackArgs({R"([{"num":1,"x":[{}],"_placeholder":true}],{"_placeholder":true,"num":0},[{}])",
                {"\x01", "\x02\x03"}});
  EXPECT_EQ(ToHex(packed.bytes), "91c4020203c401019180");
  EXPECT_EQ(packed.count, 3u);
  const PackedArgs foreign = PackArgs({R"({"_placeholder":true,"num":3})", {"\x01"}});
  EXPECT_EQ(ToHex(foreign.bytes), "82ac5f706c616365686f6c646572c3a36e756d03");
}

TEST(MsgpackJsonTest, RepeatedPlaceholdersDoNotMultiplyALargeAttachment) {
  Args args{"", {std::string(400'000, 'x')}};
  for (int i = 0; i < 1000; ++i) {
    args.json += i > 0 ? "," : "";
    args.json += R"({"_placeholder":true,"num":0})";
  }
  const PackedArgs packed = PackArgs(args);
  EXPECT_EQ(packed.count, 1000u);
  EXPECT_LT(packed.bytes.size(), 1'300'000u);
}

TEST(MsgpackJsonTest, ArgumentsSurviveTheWayThereAndBack) {
  const Args args{R"(1,{"a":[{"_placeholder":true,"num":0},0.1,"x"],"b":{"c":null}},)"
                  R"({"_placeholder":true,"num":1},[],{},-5,true)",
                  {"one", std::string(70'000, 'z')}};
  const PackedArgs packed = PackArgs(args);
  std::string bytes;
  MsgpackWriter(bytes).Array(packed.count);
  bytes += packed.bytes;
  const auto value = ParseMsgpack(bytes);
  ASSERT_TRUE(value);
  const auto back = UnpackArgs(value->items);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->json, args.json);
  EXPECT_EQ(back->attachments, args.attachments);
}

TEST(MsgpackJsonTest, DeepTextIsPackedWithoutRecursion) {
  const size_t depth = 100'000;
  const PackedArgs packed = PackArgs({std::string(depth, '[') + std::string(depth, ']'), {}});
  EXPECT_EQ(packed.bytes, std::string(depth - 1, '\x91') + '\x90');
}

}  // namespace
}  // namespace trackwire::socketio
