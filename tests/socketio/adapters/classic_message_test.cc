#include "socketio/adapters/classic_message.h"

#include <gtest/gtest.h>

#include "socketio/msgpack_json.h"
#include "tests/socketio/hex.h"

namespace trackwire::socketio {
namespace {

// Bytes that npm's packages were seen to send.
constexpr const char* kToAll =
    "93a6426e4e4b424b83a47479706502a46461746194a16501a16181a16292c3c0a36e7370a12f83a5726f6f6d7390a66578"
    "6365707490a5666c61677380";
constexpr const char* kEmitter =
    "93a7656d697474657283a47479706502a46461746193a16501c40109a36e7370a12f83a5726f6f6d7391a27231a5666c61"
    "677380a665786365707490";

const MsgpackLimits kLimits;

TEST(ClassicMessageTest, ReadsABroadcastOfAServer) {
  const auto got = DecodeClassicBroadcast(FromHex(kToAll), kLimits);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->uid, "BnNKBK");
  EXPECT_EQ(got->nsp, "/");
  EXPECT_EQ(got->broadcast.event, "e");
  EXPECT_EQ(got->broadcast.args.json, R"(1,"a",{"b":[true,null]})");
  EXPECT_TRUE(got->broadcast.rooms.empty());
  EXPECT_FALSE(got->broadcast.is_volatile);
  EXPECT_TRUE(got->broadcast.compress);
}

TEST(ClassicMessageTest, ReadsABroadcastOfTheEmitter) {
  const auto got = DecodeClassicBroadcast(FromHex(kEmitter), kLimits);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->uid, "emitter");
  EXPECT_EQ(got->broadcast.rooms, std::vector<std::string>{"r1"});
  EXPECT_EQ(got->broadcast.args.json, R"(1,{"_placeholder":true,"num":0})");
  EXPECT_EQ(got->broadcast.args.attachments, std::vector<std::string>{"\x09"});
}

TEST(ClassicMessageTest, WritesTheVeryBytesOfAServer) {
  const Broadcast broadcast{"e", {R"(1,"a",{"b":[true,null]})", {}}, {}, {}};
  EXPECT_EQ(ToHex(EncodeClassicBroadcast("BnNKBK", "/", broadcast)), kToAll);
}

TEST(ClassicMessageTest, FlagsGoOutAndComeBack) {
  Broadcast broadcast{"e", {"", {}}, {"r"}, {"x", "y"}};
  broadcast.is_volatile = true;
  broadcast.compress = false;
  const auto got = DecodeClassicBroadcast(EncodeClassicBroadcast("u", "/n", broadcast), kLimits);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->nsp, "/n");
  EXPECT_EQ(got->broadcast.except, (std::vector<std::string>{"x", "y"}));
  EXPECT_TRUE(got->broadcast.is_volatile);
  EXPECT_FALSE(got->broadcast.compress);
}

TEST(ClassicMessageTest, NumbersMayNameRooms) {
  std::string bytes;
  MsgpackWriter to(bytes);
  to.Array(3);
  to.String("u");
  to.Map(1);
  to.Key("data").Array(1);
  to.String("e");
  to.Map(1);
  to.Key("rooms").Array(2);
  to.Int(7);
  to.String("r");
  const auto got = DecodeClassicBroadcast(bytes, kLimits);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->broadcast.rooms, (std::vector<std::string>{"7", "r"}));
}

/// Requests as servers were seen to write them, each also written by us.
TEST(ClassicMessageTest, WritesAndReadsRequests) {
  ClassicRequest request;
  request.uid = "BnNKBK";
  const auto expect = [&](const std::string& text) {
    EXPECT_EQ(EncodeClassicRequest(request), text);
    const auto got = DecodeClassicRequest(text, kLimits);
    ASSERT_TRUE(got) << text;
    EXPECT_EQ(EncodeClassicRequest(*got), text);
  };
  request.type = ClassicRequestType::kFetch;
  request.request_id = "UrxZPh";
  request.filter = {{"r1"}, {}};
  expect(
      R"({"uid":"BnNKBK","requestId":"UrxZPh","type":5,"opts":{"rooms":["r1"],"except":[]}})");
  request.type = ClassicRequestType::kServerSideEmit;
  request.request_id = "PpvWNa";
  request.arguments_json = R"(["ping2",1])";
  expect(R"({"uid":"BnNKBK","requestId":"PpvWNa","type":6,"data":["ping2",1]})");
  request.request_id.clear();
  expect(R"({"uid":"BnNKBK","type":6,"data":["ping2",1]})");
  request.type = ClassicRequestType::kJoin;
  request.rooms = {"r9"};
  expect(
      R"({"uid":"BnNKBK","type":2,"opts":{"rooms":["r1"],"except":[]},"rooms":["r9"]})");
  request.type = ClassicRequestType::kDisconnect;
  request.close = true;
  expect(R"({"uid":"BnNKBK","type":4,"opts":{"rooms":["r1"],"except":[]},"close":true})");
  request.type = ClassicRequestType::kAllRooms;
  request.request_id = "abcdef";
  expect(R"({"uid":"BnNKBK","requestId":"abcdef","type":1})");
}

TEST(ClassicMessageTest, ABroadcastWithAcknowledgementsIsMessagePack) {
  ClassicRequest request;
  request.type = ClassicRequestType::kBroadcast;
  request.uid = "BnNKBK";
  request.request_id = "abcdef";
  request.nsp = "/chat";
  request.timeout = std::chrono::milliseconds(1'000);
  request.broadcast = {"q", {R"({"_placeholder":true,"num":0})", {"b"}}, {"r"}, {}};
  const auto got = DecodeClassicRequest(EncodeClassicRequest(request), kLimits);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->request_id, "abcdef");
  EXPECT_EQ(got->nsp, "/chat");
  EXPECT_EQ(got->timeout, std::chrono::milliseconds(1'000));
  EXPECT_EQ(got->broadcast.args.attachments, std::vector<std::string>{"b"});
}

TEST(ClassicMessageTest, OldRequestsNameOneSocket) {
  const auto join =
      DecodeClassicRequest(R"({"type":2,"requestId":"i","sid":"s","room":"r"})", kLimits);
  ASSERT_TRUE(join);
  EXPECT_EQ(join->sid, "s");
  EXPECT_EQ(join->rooms, std::vector<std::string>{"r"});
  const auto end = DecodeClassicRequest(R"({"type":4,"requestId":"i","sid":"s"})", kLimits);
  ASSERT_TRUE(end);
  EXPECT_FALSE(end->close);
}

TEST(ClassicMessageTest, WritesAndReadsAnswers) {
  EXPECT_EQ(EncodeClassicServerSideAnswer("PpvWNa", "\"pong\""),
            R"({"type":6,"requestId":"PpvWNa","data":"pong"})");
  EXPECT_EQ(EncodeClassicClientCount("i", 1), R"({"type":8,"requestId":"i","clientCount":1})");
  EXPECT_EQ(EncodeClassicDone("i"), R"({"requestId":"i"})");
  EXPECT_EQ(EncodeClassicSids("i", {"a", "b"}), R"({"requestId":"i","sockets":["a","b"]})");
  EXPECT_EQ(EncodeClassicRooms("i", {"r"}), R"({"requestId":"i","rooms":["r"]})");
  const std::string sockets =
      R"({"requestId":"i","sockets":[{"id":"s","handshake":{"a":1},"rooms":["r"],"data":{}}]})";
  const auto got = DecodeClassicResponse(sockets, kLimits);
  ASSERT_TRUE(got && got->sockets);
  EXPECT_EQ(EncodeClassicSockets("i", *got->sockets), sockets);
}

TEST(ClassicMessageTest, AnAcknowledgementIsItsFirstValue) {
  const auto read = [](const Args& answer) {
    const auto got = DecodeClassicResponse(EncodeClassicAck("i", answer), kLimits);
    EXPECT_TRUE(got);
    EXPECT_EQ(got->kind, ClassicResponse::Kind::kBroadcastAck);
    return got->answer;
  };
  EXPECT_EQ(read({R"({"a":[1]},2)", {}}).json, R"({"a":[1]})");
  EXPECT_EQ(read({"", {}}).json, "");
  EXPECT_EQ(read({R"({"_placeholder":true,"num":0})", {"xyz"}}).attachments.at(0), "xyz");
}

struct BadCase {
  const char* what;
  std::string text;
  ClassicError error;
};

TEST(ClassicMessageTest, RefusesBadRequests) {
  const std::vector<BadCase> cases = {
      {"nothing", "", ClassicError::kBadMsgpack},
      {"an array", "\x90", ClassicError::kBadMsgpack},
      {"no end", "{", ClassicError::kBadJson},
      {"two values", "{}{}", ClassicError::kBadJson},
      {"no type", "{}", ClassicError::kMissingField},
      {"a type that is text", R"({"type":"5"})", ClassicError::kMissingField},
      {"an unknown type", R"({"type":10})", ClassicError::kUnknownType},
      {"an answer's type", R"({"type":8})", ClassicError::kUnknownType},
      {"a broadcast in JSON", R"({"type":7,"requestId":"i"})", ClassicError::kUnknownType},
      {"fetch without id", R"({"type":5,"opts":{}})", ClassicError::kBadField},
      {"fetch of whom?", R"({"type":5,"requestId":"i"})", ClassicError::kBadField},
      {"join of whom?", R"({"type":2,"rooms":["r"]})", ClassicError::kBadField},
      {"rooms that are text", R"({"type":2,"opts":{},"rooms":"r"})", ClassicError::kBadField},
      {"a room that is none", R"({"type":2,"opts":{},"rooms":[[]]})", ClassicError::kBadField},
      {"options that are none", R"({"type":4,"opts":[]})", ClassicError::kBadField},
      {"an event without name", R"({"type":6,"data":[]})", ClassicError::kBadField},
      {"an event called 1", R"({"type":6,"data":[1]})", ClassicError::kBadField},
      {"an id that is a number", R"({"type":1,"requestId":1})", ClassicError::kBadField},
      {"a long id", R"({"type":1,"requestId":")" + std::string(129, 'i') + "\"}",
       ClassicError::kBadField},
  };
  for (const BadCase& one : cases) {
    const auto got = DecodeClassicRequest(one.text, kLimits);
    ASSERT_FALSE(got) << one.what;
    EXPECT_EQ(got.error(), one.error) << one.what << ": " << ToString(got.error());
  }
  MsgpackLimits small;
  small.max_bytes = 10;
  EXPECT_EQ(DecodeClassicRequest(R"({"type":1,"requestId":"i"})", small).error(),
            ClassicError::kTooLarge);
}

TEST(ClassicMessageTest, RefusesBadAnswers) {
  for (const char* text : {"", "{", "{}", R"({"requestId":7})", R"({"requestId":"i","sockets":1})",
                           R"({"requestId":"i","sockets":[null]})",
                           R"({"requestId":"i","sockets":[{"id":7}]})",
                           R"({"type":8,"requestId":"i"})",
                           R"({"type":8,"requestId":"i","clientCount":-1})"}) {
    EXPECT_FALSE(DecodeClassicResponse(text, kLimits)) << text;
  }
}

TEST(ClassicMessageTest, RefusesEachBroadcastThatEndsTooSoon) {
  for (const char* hex : {kToAll, kEmitter}) {
    const std::string whole = FromHex(hex);
    for (size_t size = 0; size < whole.size(); ++size) {
      const std::string cut(whole.data(), size);
      EXPECT_FALSE(DecodeClassicBroadcast(cut, kLimits)) << size;
    }
  }
}

TEST(ClassicMessageTest, RefusesEventsThatProgramsMayNotSend) {
  const Broadcast reserved{"disconnect", {"", {}}, {}, {}};
  const auto got = DecodeClassicBroadcast(EncodeClassicBroadcast("u", "/", reserved), kLimits);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error(), ClassicError::kBadPacket);
}

}  // namespace
}  // namespace trackwire::socketio
