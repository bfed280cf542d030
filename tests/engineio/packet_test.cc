#include "engineio/packet.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace trackwire::engineio {
namespace {

TEST(PacketTest, ReadsEveryType) {
  const PacketType types[] = {PacketType::kOpen, PacketType::kClose,   PacketType::kPing,
                              PacketType::kPong, PacketType::kMessage, PacketType::kUpgrade,
                              PacketType::kNoop};
  for (int i = 0; i < 7; ++i) {
    const std::string text = std::to_string(i) + "data";
    const auto packet = DecodePacket(text);
    ASSERT_TRUE(packet) << text;
    EXPECT_EQ(packet->type, types[i]);
    EXPECT_EQ(packet->data(), "data");
    EXPECT_EQ(packet->kind, net::FrameKind::kText);
  }
}

TEST(PacketTest, RefusesWhatIsNoPacket) {
  struct Row {
    std::string text;
    DecodeError error;
  };
  for (const Row& row : std::vector<Row>{{"", DecodeError::kEmpty},
                                         {"7", DecodeError::kBadType},
                                         {"a", DecodeError::kBadType},
                                         {" 4", DecodeError::kBadType},
                                         {"\xff", DecodeError::kBadType},
                                         {"bAQ=", DecodeError::kBadBase64},
                                         {"b!!!!", DecodeError::kBadBase64}}) {
    const auto packet = DecodePacket(row.text);
    ASSERT_FALSE(packet) << row.text;
    EXPECT_EQ(packet.error(), row.error) << row.text;
  }
}

TEST(PacketTest, ReadsBinaryFromBase64) {
  const auto packet = DecodePacket("bAQIDBA==");
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->type, PacketType::kMessage);
  EXPECT_EQ(packet->kind, net::FrameKind::kBinary);
  EXPECT_EQ(packet->data(), std::string("\x01\x02\x03\x04"));
  EXPECT_EQ(DecodePacket("b")->data(), "");
}

std::optional<std::vector<std::string>> ReadAll(std::string_view body) {
  if (!PayloadReader::Check(body)) return std::nullopt;
  std::vector<std::string> all;
  PayloadReader reader(body);
  for (Packet packet; reader.Next(packet); packet = {}) {
    const bool binary = packet.kind == net::FrameKind::kBinary;
    all.push_back((binary ? "b:" : std::to_string(static_cast<int>(packet.type)) + ":") +
                  std::string(packet.data()));
  }
  return all;
}

TEST(PayloadTest, ReadsPacketsInOrder) {
  using All = std::vector<std::string>;
  EXPECT_EQ(ReadAll("4hello"), (All{"4:hello"}));
  EXPECT_EQ(ReadAll("4a\x1e"
                    "4b\x1e"
                    "bAQ==\x1e"
                    "3"),
            (All{"4:a", "4:b", "b:\x01", "3:"}));
  EXPECT_EQ(ReadAll("4\xe2\x82\xac"), (All{"4:\xe2\x82\xac"}));
}

TEST(PayloadTest, FailsWhole) {
  for (const std::string body : {"", "\x1e", "4a\x1e",
                                 "\x1e"
                                 "4a",
                                 "4a\x1e\x1e"
                                 "4b",
                                 "4a\x1e"
                                 "x",
                                 "4a\x1e"
                                 "b=",
                                 "4\xff", "abc"}) {
    EXPECT_FALSE(PayloadReader::Check(body)) << body;
  }
}

TEST(PayloadTest, WritesWhatItReads) {
  PayloadWriter writer(100);
  EXPECT_TRUE(writer.Add(*EncodeMessage(net::FrameKind::kText, "one")));
  EXPECT_TRUE(writer.Add(*EncodeMessage(net::FrameKind::kBinary, std::string("\0\1", 2))));
  EXPECT_TRUE(writer.Add(*EncodeMessage(net::FrameKind::kText, "")));
  EXPECT_EQ(writer.Take(),
            "4one\x1e"
            "bAAE=\x1e"
            "4");
}

TEST(PayloadTest, EndsBeforeTheLimitButTakesOneLongPacket) {
  PayloadWriter writer(10);
  EXPECT_TRUE(writer.Add(*EncodeMessage(net::FrameKind::kText, "0123456789abc")));
  EXPECT_FALSE(writer.Add(*EncodeMessage(net::FrameKind::kText, "")));
  EXPECT_EQ(writer.Take(), "40123456789abc");

  PayloadWriter exact(8);
  EXPECT_TRUE(exact.Add(*EncodeMessage(net::FrameKind::kText, "abc")));
  EXPECT_TRUE(exact.Add(*EncodeMessage(net::FrameKind::kText, "de")));
  EXPECT_FALSE(exact.Add(*EncodeMessage(net::FrameKind::kText, "")));

  PayloadWriter binary(9);
  EXPECT_TRUE(binary.Add(*EncodeMessage(net::FrameKind::kText, "ab")));
  EXPECT_TRUE(binary.Add(*EncodeMessage(net::FrameKind::kBinary, "123")));
  EXPECT_EQ(binary.Take().size(), 9u);
}

}  // namespace
}  // namespace trackwire::engineio
