#include "socketio/adapters/python_message.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trackwire::socketio {
namespace {

using Method = PythonMessage::Method;
using Error = PythonMessageError;

Result<PythonMessage, Error> Decode(const std::string& text) {
  return DecodePythonMessage(text, 1'000'000);
}

TEST(PythonMessageTest, ReadsAnEmit) {
  const auto message =
      Decode(R"({"method":"emit","event":"e","data":[1,{"b":true}],"binary":false,"namespace":"/",)"
             R"("room":"r1","skip_sid":["a","b"],"callback":["r1","/",7],"host_id":"h"})");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->method, Method::kEmit);
  EXPECT_EQ(message->event, "e");
  EXPECT_EQ(message->args.json, R"(1,{"b":true})");
  EXPECT_EQ(message->rooms, (std::vector<std::string>{"r1"}));
  EXPECT_EQ(message->except, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(message->callback->id, 7);
  EXPECT_EQ(message->callback->room, "r1");
  EXPECT_EQ(message->host_id, "h");
}

TEST(PythonMessageTest, DataOfEveryShapeBecomesArguments) {
  struct Row {
    const char* data;
    const char* json;
  };
  for (const Row& row : std::vector<Row>{{"[]", ""},
                                         {"[ ]", ""},
                                         {"null", ""},
                                         {"[null]", "null"},
                                         {"[[1,2]]", "[1,2]"},
                                         {"[1,2]", "1,2"},
                                         {"\"x\"", "\"x\""},
                                         {"{\"a\":1}", "{\"a\":1}"},
                                         {"7", "7"}}) {
    const auto message = Decode(R"({"method":"emit","event":"e","data":)" + std::string(row.data) +
                                R"(,"namespace":"/chat","room":null})");
    ASSERT_TRUE(message) << row.data;
    EXPECT_EQ(message->args.json, row.json) << row.data;
    EXPECT_EQ(message->nsp, "/chat");
    EXPECT_TRUE(message->rooms.empty());
  }
}

TEST(PythonMessageTest, BinaryComesAsBase64BesideTheArguments) {
  const auto message = Decode(R"({"method":"emit","event":"e","binary":true,)"
                              R"("data":[[{"_placeholder":true,"num":0},1],"AQID"]})");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->args.json, R"({"_placeholder":true,"num":0},1)");
  EXPECT_EQ(message->args.attachments, (std::vector<std::string>{"\x01\x02\x03"}));
}

TEST(PythonMessageTest, ReadsTheOtherMethods) {
  EXPECT_EQ(Decode(R"({"method":"disconnect","sid":"s","namespace":"/"})")->sid, "s");
  const auto enter = Decode(R"({"method":"enter_room","sid":"s","room":"r","host_id":"h"})");
  EXPECT_EQ(enter->method, Method::kEnterRoom);
  EXPECT_EQ(enter->room, "r");
  EXPECT_EQ(Decode(R"({"method":"leave_room","sid":"s","room":"r"})")->method, Method::kLeaveRoom);
  EXPECT_EQ(Decode(R"({"method":"close_room","room":"r"})")->room, "r");
  const auto callback =
      Decode(R"({"method":"callback","host_id":"h","sid":"r","id":9,"args":["a",{}]})");
  EXPECT_EQ(callback->id, 9);
  EXPECT_EQ(callback->args.json, R"("a",{})");
}

TEST(PythonMessageTest, RefusesWhatIsWrong) {
  struct Row {
    std::string text;
    Error error;
  };
  for (const Row& row : std::vector<Row>{
           {std::string("\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94.", 14), Error::kPickle},
           {"\x80", Error::kPickle},
           {"", Error::kBadJson},
           {"[]", Error::kBadJson},
           {"{", Error::kBadJson},
           {"\xff\xfe", Error::kBadJson},
           {"{}", Error::kMissingField},
           {R"({"method":7})", Error::kBadField},
           {R"({"method":"evaluate"})", Error::kUnknownMethod},
           {R"({"method":"emit"})", Error::kMissingField},
           {R"({"method":"emit","event":1.5})", Error::kBadField},
           {R"({"method":"emit","event":"disconnect"})", Error::kBadField},
           {R"({"method":"emit","event":"e","room":{}})", Error::kBadField},
           {R"({"method":"emit","event":"e","room":[1]})", Error::kBadField},
           {R"({"method":"emit","event":"e","skip_sid":7})", Error::kBadField},
           {R"({"method":"emit","event":"e","callback":["r"]})", Error::kBadField},
           {R"({"method":"emit","event":"e","callback":["r","/","x"]})", Error::kBadField},
           {R"({"method":"emit","event":"e","binary":true,"data":[]})", Error::kBadField},
           {R"({"method":"emit","event":"e","binary":true,"data":[[1],"%"]})",
            Error::kBadAttachment},
           {R"({"method":"emit","event":"e","binary":true,)"
            R"("data":[[{"_placeholder":true,"num":1}],"AQID"]})",
            Error::kBadAttachment},
           {R"({"method":"enter_room","sid":"s"})", Error::kMissingField},
           {R"({"method":"callback","host_id":"h","sid":"r"})", Error::kMissingField},
           {R"({"method":"callback","sid":"r","id":1})", Error::kMissingField},
           {R"({"method":"emit","event":"e","data":)" + std::string(100, '[') +
                std::string(100, ']') + "}",
            Error::kBadJson}}) {
    const auto message = Decode(row.text);
    ASSERT_FALSE(message) << row.text;
    EXPECT_EQ(ToString(message.error()), std::string(ToString(row.error))) << row.text;
  }
  EXPECT_EQ(DecodePythonMessage(std::string(2000, ' '), 1000).error(), Error::kTooLarge);
}

TEST(PythonMessageTest, WritesArgumentsSoThatOldAndNewManagersReadThem) {
  struct Row {
    Args args;
    const char* data;
  };
  for (const Row& row :
       std::vector<Row>{{{"", {}}, R"("binary":false,"data":null)"},
                        {{"1", {}}, R"("binary":false,"data":1)"},
                        {{"{\"a\":[1]}", {}}, R"("binary":false,"data":{"a":[1]})"},
                        {{"[1,2]", {}}, R"("binary":false,"data":[[1,2]])"},
                        {{"null", {}}, R"("binary":false,"data":[null])"},
                        {{"1,\"x\"", {}}, R"("binary":false,"data":[1,"x"])"},
                        {{R"({"_placeholder":true,"num":0})", {"\x01\x02"}},
                         R"("binary":true,"data":[[{"_placeholder":true,"num":0}],"AQI="])"}}) {
    PythonMessage message;
    message.event = "e";
    message.args = row.args;
    const std::string text = EncodePythonMessage(message);
    EXPECT_NE(text.find(row.data), std::string::npos) << text;
    const auto back = Decode(text);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(back->args.json, row.args.json);
    EXPECT_EQ(back->args.attachments, row.args.attachments);
  }
}

TEST(PythonMessageTest, WritesAnEmitWhole) {
  PythonMessage message;
  message.host_id = "h";
  message.event = "e";
  message.args.json = "1";
  message.rooms = {"a", "b"};
  message.callback = {"a", "/", 3};
  EXPECT_EQ(EncodePythonMessage(message),
            R"({"method":"emit","host_id":"h","namespace":"/","event":"e","binary":false,"data":1,)"
            R"("room":["a","b"],"skip_sid":null,"callback":["a","/",3]})");
}

}  // namespace
}  // namespace trackwire::socketio
