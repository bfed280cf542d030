#include "socketio/adapters/cluster_message.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "tests/socketio/hex.h"

namespace trackwire::socketio {
namespace {

using Type = ClusterMessageType;
using Error = ClusterMessageError;

StreamFields Entry(const std::string& type, const std::string& data) {
  return {{"uid", "0123456789abcdef"}, {"nsp", "/"}, {"type", type}, {"data", data}};
}

TEST(ClusterMessageTest, ReadsABroadcastInJson) {
  const auto message = DecodeStreamEntry(
      Entry("3",
            R"({"packet":{"type":2,"data":["e",1,{"a":null}],"nsp":"/"},"opts":{"rooms":["r",7],)"
            R"("except":["s"],"flags":{"volatile":true}}})"),
      {});
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, Type::kBroadcast);
  EXPECT_EQ(message->event, "e");
  EXPECT_EQ(message->args.json, R"(1,{"a":null})");
  EXPECT_EQ(message->filter.rooms, (std::vector<std::string>{"r", "7"}));
  EXPECT_EQ(message->filter.except, (std::vector<std::string>{"s"}));
  EXPECT_TRUE(message->is_volatile);
  EXPECT_EQ(message->request_id, "");
}

TEST(ClusterMessageTest, ReadsABroadcastWithBinaryInBase64) {
  ClusterMessage sent;
  sent.uid = "0123456789abcdef";
  sent.nsp = "/";
  sent.type = Type::kBroadcast;
  sent.event = "b";
  sent.args = {R"({"x":{"_placeholder":true,"num":0}},1)", {std::string("\0\xff", 2)}};
  const StreamFields fields = EncodeStreamEntry(sent);
  ASSERT_EQ(fields[3].first, "data");
  EXPECT_NE(fields[3].second[0], '{');
  const std::string bytes = *base::Base64Decode(fields[3].second);
  EXPECT_NE(ToHex(bytes).find("a178c40200ff"), std::string::npos) << "bytes stand as binary";
  const auto message = DecodeStreamEntry(fields, {});
  ASSERT_TRUE(message);
  EXPECT_EQ(message->args.json, sent.args.json);
  EXPECT_EQ(message->args.attachments, sent.args.attachments);
}

TEST(ClusterMessageTest, WritesWhatTheNpmAdapterReads) {
  ClusterMessage message;
  message.uid = "0123456789abcdef";
  message.nsp = "/chat";
  message.type = Type::kBroadcast;
  message.event = "e";
  message.args.json = "1";
  message.filter = {{"r"}, {}};
  EXPECT_EQ(EncodeStreamEntry(message),
            (StreamFields{{"uid", "0123456789abcdef"},
                          {"nsp", "/chat"},
                          {"type", "3"},
                          {"data", R"({"packet":{"type":2,"data":["e",1]},)"
                                   R"("opts":{"rooms":["r"],"except":[],"flags":{}}})"}}));
}

TEST(ClusterMessageTest, EveryTypeSurvivesBothForms) {
  std::vector<ClusterMessage> messages;
  for (int type = 1; type <= 13; ++type) {
    ClusterMessage& message = messages.emplace_back();
    message.uid = "u";
    message.nsp = "/";
    message.type = static_cast<Type>(type);
    message.request_id = "0123456789abcdef";
    message.filter = {{"a"}, {"b"}};
    message.timeout = std::chrono::milliseconds(250);
    message.event = "e";
    message.args.json = message.type == Type::kServerSideEmit ? "\"e\",2" : "{\"v\":2.5}";
    message.rooms = {"x", "y"};
    message.close = true;
    message.sockets = {{"sid", R"({"auth":{}})", {"sid", "r"}, R"({"n":1})"}};
    message.client_count = 3;
  }
  for (const ClusterMessage& sent : messages) {
    const auto entry = DecodeStreamEntry(EncodeStreamEntry(sent), {});
    const auto binary = DecodeClusterMessage(EncodeClusterMessage(sent), {});
    ASSERT_TRUE(entry && binary) << static_cast<int>(sent.type);
    for (const ClusterMessage& read : {*entry, *binary}) {
      EXPECT_EQ(read.type, sent.type);
      EXPECT_EQ(EncodeClusterMessage(read),
                EncodeClusterMessage(*DecodeClusterMessage(EncodeClusterMessage(read), {})));
    }
    if (sent.type == Type::kFetchSocketsResponse) {
      ASSERT_EQ(binary->sockets.size(), 1u);
      EXPECT_EQ(binary->sockets[0].data_json, R"({"n":1})");
      EXPECT_EQ(binary->sockets[0].rooms, (std::vector<std::string>{"sid", "r"}));
    }
    if (sent.type == Type::kBroadcast) {
      EXPECT_EQ(entry->timeout, sent.timeout);
    }
    if (sent.type == Type::kDisconnectSockets) {
      EXPECT_TRUE(binary->close);
    }
    if (sent.type == Type::kBroadcastClientCount) {
      EXPECT_EQ(binary->client_count, 3u);
    }
    if (sent.type == Type::kSocketsJoin) {
      EXPECT_EQ(entry->rooms, sent.rooms);
    }
    if (sent.type == Type::kServerSideEmit) {
      EXPECT_EQ(binary->args.json, "\"e\",2");
    }
  }
}

TEST(ClusterMessageTest, RefusesWhatIsWrong) {
  struct Row {
    const char* type;
    std::string data;
    Error error;
  };
  for (const Row& row : std::vector<Row>{
           {"", "{}", Error::kBadField},
           {"x", "{}", Error::kBadField},
           {"0", "{}", Error::kBadField},
           {"14", "{}", Error::kBadField},
           {"99999999999999999999", "{}", Error::kBadField},
           {"3", "", Error::kMissingField},
           {"3", "{", Error::kBadEncoding},
           {"3", "%%%", Error::kBadEncoding},
           {"3", "wQ==", Error::kBadMsgpack},
           {"3", "kA==", Error::kBadField},
           {"3", "{}", Error::kMissingField},
           {"3", R"({"opts":[]})", Error::kBadField},
           {"3", R"({"opts":{"rooms":"r"}})", Error::kBadField},
           {"3", R"({"opts":{"rooms":[{}]}})", Error::kBadField},
           {"3", R"({"opts":{}})", Error::kBadPacket},
           {"3", R"({"opts":{},"packet":{"type":3,"data":["e"]}})", Error::kBadPacket},
           {"3", R"({"opts":{},"packet":{"type":2,"data":[]}})", Error::kBadPacket},
           {"3", R"({"opts":{},"packet":{"type":2,"data":["connect"]}})", Error::kBadPacket},
           {"3", R"({"opts":{},"packet":{"type":2,"data":[{}]}})", Error::kBadPacket},
           {"3", R"({"opts":{},"packet":{"type":2,"data":{"0":"e"}}})", Error::kBadPacket},
           {"4", R"({"opts":{},"rooms":"r"})", Error::kBadField},
           {"7", R"({"opts":{}})", Error::kMissingField},
           {"7", R"({"opts":{},"requestId":7})", Error::kBadField},
           {"8", R"({"requestId":"a","sockets":[{}]})", Error::kMissingField},
           {"8", R"({"requestId":"a","sockets":7})", Error::kMissingField},
           {"9", R"({"packet":"x"})", Error::kBadPacket},
           {"11", R"({"requestId":"a","clientCount":-1})", Error::kBadField}}) {
    const auto message = DecodeStreamEntry(Entry(row.type, row.data), {});
    ASSERT_FALSE(message) << row.type << ' ' << row.data;
    EXPECT_EQ(ToString(message.error()), std::string(ToString(row.error))) << row.data;
  }
  EXPECT_EQ(DecodeStreamEntry({}, {}).error(), Error::kBadField);
  EXPECT_EQ(DecodeStreamEntry(Entry("3", std::string(2000, '{')), {.max_bytes = 1000}).error(),
            Error::kTooLarge);
  EXPECT_EQ(DecodeClusterMessage(FromHex("93010203"), {}).error(), Error::kBadField);
  EXPECT_EQ(DecodeClusterMessage("", {}).error(), Error::kBadMsgpack);
}

TEST(ClusterMessageTest, TheFirstOfSeveralArguments) {
  EXPECT_EQ(FirstArgument({"{\"a\":[1,2]},3", {}}).json, "{\"a\":[1,2]}");
  EXPECT_EQ(FirstArgument({"", {}}).json, "");
}

TEST(ClusterMessageTest, TheSocketsOfALargeServerAreWithinTheLimits) {
  ClusterMessage sent;
  sent.uid = "0123456789abcdef";
  sent.nsp = "/";
  sent.type = Type::kFetchSocketsResponse;
  sent.request_id = "1";
  std::string headers;  // as many as a browser sends
  for (int i = 0; i < 16; ++i) {
    headers += (i == 0 ? "\"h" : ",\"h") + std::to_string(i) + R"(":"some value of a header")";
  }
  RemoteSocket socket;
  socket.sid = "abcdefghijklmnopqrst";
  socket.handshake_json = R"({"headers":{)" + headers +
                          R"(},"time":"t","address":"a","xdomain":false,"secure":false,"issued":1,)"
                          R"("url":"u","query":{"EIO":"4","transport":"websocket","t":"x"},"auth":{}})";
  socket.rooms = {socket.sid, "a", "b", "c"};
  sent.sockets.assign(10'000, socket);
  const auto message = DecodeClusterMessage(EncodeClusterMessage(sent), {});
  ASSERT_TRUE(message) << ToString(message.error());
  EXPECT_EQ(message->sockets.size(), 10'000u);
}

}  // namespace
}  // namespace trackwire::socketio
