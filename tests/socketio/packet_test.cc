#include "socketio/packet.h"
#include "socketio/parser.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "socketio/encoder.h"
#include "socketio/namespace.h"

namespace trackwire::socketio {
namespace {

std::string Nested(int depth) {
  return "[\"e\"," + std::string(static_cast<size_t>(depth), '[') +
         std::string(static_cast<size_t>(depth), ']') + "]";
}

TEST(PacketTest, ReadsAllParts) {
  const auto packet = DecodePacket(R"(52-/admin,17["e",{"_placeholder":true,"num":1}])", {});
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->type, PacketType::kBinaryEvent);
  EXPECT_EQ(packet->attachments, 2u);
  EXPECT_EQ(packet->nsp, "/admin");
  EXPECT_EQ(packet->id, "17");
  EXPECT_EQ(packet->payload.text, R"(["e",{"_placeholder":true,"num":1}])");
}

TEST(PacketTest, AcceptsWhatClientsSend) {
  struct Row {
    const char* text;
    const char* nsp;
    const char* id;
    bool payload;
  };
  for (const Row& row : std::vector<Row>{
           {"0", "/", "", false},
           {"0{}", "/", "", true},
           {"0/admin,", "/admin", "", false},
           {"0/admin", "/admin", "", false},
           {"0/a?x=1,", "/a?x=1", "", false},
           {R"(0/admin,{"token":"x"})", "/admin", "", true},
           {"1", "/", "", false},
           {"1/admin,", "/admin", "", false},
           {"2", "/", "", false},
           {"2[1,2]", "/", "", true},
           {R"(2["error",{}])", "/", "", true},
           {R"(2/admin,456["e"])", "/admin", "456", true},
           {R"(299999999999999999999["x"])", "/", "99999999999999999999", true},
           {R"(2["e",{"__proto__":{"a":1}}])", "/", "", true},
           {R"(2["e",{"_placeholder":true,"num":"splice"}])", "/", "", true},
           {"3999[]", "/", "999", true},
           {"3[]", "/", "", true},
           {R"(51-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}])", "/", "",
            true},
           {R"(51-["x"])", "/", "", true},
           {R"(61-7[{"_placeholder":true,"num":0}])", "/", "7", true},
           {R"(4{"message":"x"})", "/", "", true},
       }) {
    const auto packet = DecodePacket(row.text, {});
    ASSERT_TRUE(packet) << row.text;
    EXPECT_EQ(packet->nsp, row.nsp) << row.text;
    EXPECT_EQ(packet->id, row.id) << row.text;
    EXPECT_EQ(packet->has_payload, row.payload) << row.text;
  }
  EXPECT_TRUE(DecodePacket("2" + Nested(63), {}));
}

TEST(PacketTest, RefusesEveryOddPacket) {
  struct Row {
    std::string text;
    PacketError error;
  };
  for (const Row& row : std::vector<Row>{
           {"", PacketError::kEmpty},
           {"7", PacketError::kBadType},
           {"abc", PacketError::kBadType},
           {"4", PacketError::kBadPayload},
           {"4[]", PacketError::kBadPayload},
           {"0[1]", PacketError::kBadPayload},
           {R"(0"s")", PacketError::kBadPayload},
           {"0null", PacketError::kBadPayload},
           {"0{bad", PacketError::kBadJson},
           {"1{}", PacketError::kBadPayload},
           {"2[]", PacketError::kBadPayload},
           {"2{}", PacketError::kBadPayload},
           {R"(2"s")", PacketError::kBadPayload},
           {"2[null]", PacketError::kBadPayload},
           {"2[true]", PacketError::kBadPayload},
           {"2[{}]", PacketError::kBadPayload},
           {"2[[]]", PacketError::kBadPayload},
           {R"(2["connect"])", PacketError::kReservedEvent},
           {R"(2["connect_error"])", PacketError::kReservedEvent},
           {R"(2["disconnect"])", PacketError::kReservedEvent},
           {R"(2["disconnecting"])", PacketError::kReservedEvent},
           {R"(2["newListener"])", PacketError::kReservedEvent},
           {R"(2["removeListener"])", PacketError::kReservedEvent},
           {R"(2["\u0063onnect"])", PacketError::kReservedEvent},
           {R"(21e3["x"])", PacketError::kBadJson},
           {R"(2-1["x"])", PacketError::kBadJson},
           {R"(2abc["x"])", PacketError::kBadJson},
           {R"(2["x"]y)", PacketError::kBadJson},
           {R"(2["x",])", PacketError::kBadJson},
           {R"(2["x",01])", PacketError::kBadJson},
           {"2[\"x\",\"\xff\"]", PacketError::kBadJson},
           {"2" + std::string(30, '9') + R"(["x"])", PacketError::kBadId},
           {"2" + Nested(64), PacketError::kBadJson},
           {"2" + Nested(100'000), PacketError::kBadJson},
           {"3", PacketError::kBadPayload},
           {"3{}", PacketError::kBadPayload},
           {R"(50-["x"])", PacketError::kBadAttachmentCount},
           {R"(511-["x"])", PacketError::kBadAttachmentCount},
           {R"(5["x"])", PacketError::kBadAttachmentCount},
           {R"(51.5-["x"])", PacketError::kBadAttachmentCount},
           {R"(5-1-["x"])", PacketError::kBadAttachmentCount},
           {R"(5-["x"])", PacketError::kBadAttachmentCount},
           {R"(51["x"])", PacketError::kBadAttachmentCount},
           {R"(599999999999999-["x"])", PacketError::kBadAttachmentCount},
           {"51-", PacketError::kBadPayload},
           {R"(51-["x",{"_placeholder":true}])", PacketError::kBadPlaceholder},
           {R"(51-["x",{"_placeholder":true,"num":-1}])", PacketError::kBadPlaceholder},
           {R"(51-["x",{"_placeholder":true,"num":5}])", PacketError::kBadPlaceholder},
           {R"(51-["x",{"_placeholder":true,"num":"splice"}])", PacketError::kBadPlaceholder},
           {R"(51-["x",{"_placeholder":true,"num":0.5}])", PacketError::kBadPlaceholder},
           {R"(61-[{"a":[{"num":1,"_placeholder":true}]}])", PacketError::kBadPlaceholder},
       }) {
    const auto packet = DecodePacket(row.text, {});
    ASSERT_FALSE(packet) << row.text.substr(0, 60);
    EXPECT_EQ(packet.error(), row.error) << row.text.substr(0, 60);
  }
}

TEST(PacketTest, CutAnywhereItNeverReadsBeyond) {
  const std::string whole = R"(52-/ns,1["e",{"_placeholder":true,"num":0},"\u00e9",-1.5e3])";
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::vector<char> exact(whole.begin(), whole.begin() + static_cast<long>(size));
    EXPECT_FALSE(DecodePacket({exact.data(), exact.size()}, {})) << size;
  }
  EXPECT_TRUE(DecodePacket(whole, {}));
}

TEST(PlaceholderTest, LooksEverywhereAndOnlyAtPlaceholders) {
  for (const char* good : {
           R"([{"_placeholder":true,"num":0}])",
           R"([{"_placeholder":false,"num":9}])",
           R"([{"_placeholder":"true"}])",
           R"([{"_placeholder":{"num":7}}])",
           R"(["_placeholder",true,"num",9])",
           R"([{"a":{"b":[{"num":1 , "_placeholder" : true}]}}])",
           R"([{"_placeholder":true,"num":7,"num":1}])",
           R"([{"_placeholder":true,"_placeholder":false}])",
           R"([{"k":"\"_placeholder\":true"}])",
       }) {
    EXPECT_TRUE(PlaceholdersValid(good, 2)) << good;
  }
  for (const char* bad : {
           R"([{"_placeholder":true,"num":2}])",
           R"([{"_placeholder":true,"num":null}])",
           R"([{"_placeholder":true,"num":[0]}])",
           R"([{"_placeholder":true,"num":0,"num":2}])",
           R"([{"_placeholder":false,"num":2,"_placeholder":true}])",
           R"([{"\u005fplaceholder":true,"num":2}])",
           R"([[[{"x":{"_placeholder":true}}]]])",
           R"([{"_placeholder":true,"num":{"num":0}}])",
           R"([{"_placeholder":true,"x":{"num":0}}])",
       }) {
    EXPECT_FALSE(PlaceholdersValid(bad, 2)) << bad;
  }
}

TEST(EncoderTest, WritesPackets) {
  EXPECT_EQ(EventPayload("hello", "", ""), R"(["hello"])");
  EXPECT_EQ(EventPayload("hello", R"(48.8583701,{"a":1e5})", ""),
            R"(["hello",48.8583701,{"a":1e5}])");
  EXPECT_EQ(EventPayload("a\"b", "1", "5-0"), R"(["a\"b",1,"5-0"])");
  EXPECT_EQ(EventPayload("e", "", "5-0"), R"(["e","5-0"])");
  const std::vector<std::string> attachments = {"x"};
  const auto frames = TextParser().Encode({.type = PacketType::kEvent,
                                           .nsp = "/adm",
                                           .id = "3",
                                           .payload = R"(["e",{"_placeholder":true,"num":0}])",
                                           .attachments = &attachments},
                                          {});
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0]->payload(), R"(451-/adm,3["e",{"_placeholder":true,"num":0}])");
  EXPECT_EQ(frames[1]->payload(), "x");
  EXPECT_EQ(EncodePacket(PacketType::kEvent, "/", "12", 0, R"(["e"])"), R"(4212["e"])");
  EXPECT_EQ(EncodePacket(PacketType::kAck, "/", "7", 0, "[]"), "437[]");
  EXPECT_EQ(EncodePacket(PacketType::kDisconnect, "/adm", "", 0, ""), "41/adm,");
  EXPECT_EQ(EncodeEvent("/", "e", "1", "o", {})->payload(), R"(42["e",1,"o"])");
}

TEST(EncoderTest, ADeliveryHasBothForms) {
  const auto delivery = EncodeDelivery("/", {"e", {"1", {"bytes"}}, {"r"}, {"x"}}, "5-0");
  EXPECT_EQ(delivery->plain->payload(), R"(451-["e",1])");
  EXPECT_EQ(delivery->with_offset->payload(), R"(451-["e",1,"5-0"])");
  EXPECT_EQ(delivery->attachments.at(0)->payload(), "bytes");
  EXPECT_EQ(delivery->attachments.at(0)->kind(), net::FrameKind::kBinary);
  EXPECT_EQ(delivery->offset, "5-0");
  EXPECT_EQ(EncodeDelivery("/", {"e", {}, {}, {}}, "")->with_offset, nullptr);
}

}  // namespace
}  // namespace trackwire::socketio
