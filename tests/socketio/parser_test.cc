#include "socketio/parser.h"

#include <gtest/gtest.h>

#include "tests/socketio/server_harness.h"

namespace trackwire::socketio {
namespace {

using testing::EventClient;

constexpr char kSeparator = '\x1e';

/// A packet with its attachments in a single binary message, as parsers other than the default have
/// it: the text, and each attachment behind a separator.
class WholeParser final : public Parser {
 public:
  EncodedFrames Encode(const OutgoingPacket& packet,
                       const net::EncodedFrame::Options& options) const override {
    std::string message;
    for (const auto& frame : TextParser().Encode(packet, options)) {
      if (message.empty()) {
        message = frame->payload().substr(1);
      } else {
        message += kSeparator;
        message += frame->payload();
      }
    }
    return {net::EncodedFrame::Make(net::FrameKind::kBinary, message, options)};
  }

  Result<void, PacketError> Decode(net::FrameKind kind, std::string_view message,
                                   const PacketLimits& limits,
                                   IncomingPacket& packet) const override {
    if (kind != net::FrameKind::kBinary) return Err(PacketError::kBadType);
    size_t end = message.find(kSeparator);
    packet.text = message.substr(0, end);
    const auto read = DecodePacket(packet.text, limits);
    if (!read) return Err(read.error());
    packet.packet = *read;
    while (end != std::string_view::npos) {
      message.remove_prefix(end + 1);
      end = message.find(kSeparator);
      packet.attachments.emplace_back(message.substr(0, end));
    }
    return Ok();
  }
};

class ParserTest : public testing::ServerFixture {
 protected:
  void SetUp() override {
    ServerFixture::SetUp();
    Options options;
    options.parser = std::make_shared<WholeParser>();
    Namespace& nsp = Prepare(options);
    nsp.OnConnection([](Socket& socket) { socket.Join("room"); });
    nsp.On("echo", [](Socket& socket, const Event& event, AckFn ack) {
      Args args{std::string(event.args_json.substr(1, event.args_json.size() - 2)), {}};
      for (const auto bytes : event.attachments) args.attachments.emplace_back(bytes);
      if (ack) return ack(args);
      socket.nsp().Emit("echoed", args, {"room"});
    });
    nsp.OnAnyOutgoing([this](Socket&, const Event& event) {
      notes_.Add(std::string(event.name) + std::string(event.args_json) + " " +
                 std::to_string(event.attachments.size()));
    });
    Serve();
  }
};

INSTANTIATE_TEST_SUITE_P(Shards, ParserTest, ::testing::Values(1, 2));

TEST_P(ParserTest, AnotherOneReadsAndWritesEverything) {
  EventClient client = Client();
  client.SendBinary("0");
  EXPECT_EQ(client.Read().substr(0, 16), R"(binary:0{"sid":")");
  client.SendBinary("0/nowhere,");
  EXPECT_EQ(client.Read(), R"(binary:4/nowhere,{"message":"Invalid namespace"})");
  client.SendBinary(R"(27["echo",1])");
  EXPECT_EQ(client.Read(), "binary:37[1]");
  const std::string binary = R"(["echo",{"_placeholder":true,"num":0}])" + std::string("\x1e") + "ab";
  client.SendBinary("51-8" + binary);
  EXPECT_EQ(client.Read(), "binary:61-8" R"([{"_placeholder":true,"num":0}])" "\x1e" "ab");
  client.SendBinary("51-" + binary);
  EXPECT_EQ(client.Read(), "binary:51-" R"(["echoed",{"_placeholder":true,"num":0}])" "\x1e" "ab");
  EXPECT_EQ(notes_.Take(), R"(echoed[{"_placeholder":true,"num":0}] 1)");
}

TEST_P(ParserTest, WhatItRefusesEndsTheConnection) {
  EventClient client = Client();
  client.SendBinary("0");
  EXPECT_EQ(client.Read().substr(0, 7), "binary:");
  client.Send(R"(2["echo",1])");  // text
  EXPECT_EQ(client.Read(), "<closed>");
  EXPECT_EQ(Sum().parse_errors, 1u);
}

}  // namespace
}  // namespace trackwire::socketio
