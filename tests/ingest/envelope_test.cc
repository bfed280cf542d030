#include "ingest/envelope.h"

#include <gtest/gtest.h>

namespace trackwire::ingest {
namespace {

using tracking::Id;

std::string CodeOf(std::string_view text, size_t max_bytes = 10'000) {
  const auto parsed = ParseEnvelope(text, max_bytes);
  return parsed ? "fine" : parsed.error().code;
}

TEST(EnvelopeTest, KeepsTheNotificationByteForByte) {
  const std::string notification = "{ \"latitude\" : 48.8583701,\"x\":1.50 ,\"\\u0061\":[ ]}";
  const std::string text =
      " {\"notification\":" + notification + " , \"message_type\":\"my_event\"} ";
  const auto parsed = ParseEnvelope(text, 1000);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->notification, notification);
  EXPECT_EQ(parsed->message_type, "my_event");
  EXPECT_FALSE(parsed->socket_id);
  EXPECT_FALSE(parsed->tracker_id);
  EXPECT_FALSE(parsed->client_id);
  EXPECT_EQ(parsed->id, "");
}

TEST(EnvelopeTest, ReadsEveryAddress) {
  const auto parsed = ParseEnvelope(
      R"({"message_type":"e","notification":{},"socket_id":"s","tracker_id":7,"client_id":"7",)"
      R"("id":"k"})",
      1000);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->socket_id, "s");
  EXPECT_EQ(parsed->tracker_id, Id(int64_t{7}));
  EXPECT_EQ(parsed->client_id, Id("7"));
  EXPECT_EQ(parsed->id, "k");
}

TEST(EnvelopeTest, NullAddressesAreAbsent) {
  const auto parsed = ParseEnvelope(
      R"({"message_type":"e","notification":{"tracker_id":"n"},"socket_id":null,)"
      R"("tracker_id":null,"client_id":null,"id":null})",
      1000);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->tracker_id, Id("n")) << "falls back to the notification";
  EXPECT_FALSE(parsed->socket_id);
}

TEST(EnvelopeTest, TheLastOfAMemberWrittenTwiceCounts) {
  const auto parsed = ParseEnvelope(
      R"({"message_type":"a","message\u005ftype":"b","notification":{},"notification":{"x":1}})",
      1000);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->message_type, "b");
  EXPECT_EQ(parsed->notification, R"({"x":1})");
}

TEST(EnvelopeTest, AnIntegerKeyIsItsDigits) {
  EXPECT_EQ(ParseEnvelope(R"({"message_type":"e","notification":{},"id":12})", 1000)->id, "12");
}

TEST(EnvelopeTest, SaysWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "bad_json"},
      {"{", "bad_json"},
      {"[]", "not_an_object"},
      {"3", "not_an_object"},
      {R"({"notification":{}})", "missing_message_type"},
      {R"({"message_type":null,"notification":{}})", "missing_message_type"},
      {R"({"message_type":3,"notification":{}})", "bad_message_type"},
      {R"({"message_type":"","notification":{}})", "bad_message_type"},
      {R"({"message_type":"a\n","notification":{}})", "bad_message_type"},
      {R"({"message_type":"e"})", "missing_notification"},
      {R"({"message_type":"e","notification":null})", "missing_notification"},
      {R"({"message_type":"e","notification":[1]})", "bad_notification"},
      {R"({"message_type":"e","notification":{},"socket_id":3})", "bad_socket_id"},
      {R"({"message_type":"e","notification":{},"socket_id":""})", "bad_socket_id"},
      {R"({"message_type":"e","notification":{},"tracker_id":1.5})", "bad_tracker_id"},
      {R"({"message_type":"e","notification":{"tracker_id":[]}})", "bad_tracker_id"},
      {R"({"message_type":"e","notification":{},"client_id":true})", "bad_client_id"},
      {R"({"message_type":"e","notification":{},"id":{}})", "bad_id"},
      {R"({"message_type":"e","notification":{},"id":""})", "bad_id"},
      {R"({"message_type":"e","notification":{},"id":1.5})", "bad_id"},
      {R"({"message_type":")" + std::string(129, 'x') + R"(","notification":{}})",
       "bad_message_type"},
      {R"({"message_type":"e","notification":{"x":01}})", "bad_json"},
  };
  for (const auto& [text, code] : cases) EXPECT_EQ(CodeOf(text), code) << text;
}

TEST(EnvelopeTest, RefusesReservedNames) {
  for (const char* name : {"connect", "connect_error", "disconnect", "disconnecting",
                           "newListener", "removeListener"}) {
    EXPECT_EQ(CodeOf(R"({"notification":{},"message_type":")" + std::string(name) + "\"}"),
              "bad_message_type");
  }
  EXPECT_EQ(CodeOf(R"({"notification":{},"message_type":"connected"})"), "fine");
}

TEST(EnvelopeTest, TheSizeLimitIsExact) {
  const std::string text = R"({"message_type":"e","notification":{}})";
  EXPECT_EQ(CodeOf(text, text.size()), "fine");
  EXPECT_EQ(CodeOf(text, text.size() - 1), "too_large");
}

TEST(EnvelopeTest, DeepNestingIsRefused) {
  std::string deep(100, '[');
  deep += std::string(100, ']');
  EXPECT_EQ(CodeOf(R"({"message_type":"e","notification":{"x":)" + deep + "}}"), "bad_json");
}

TEST(EnvelopeTest, ReadsBackWhatItMakes) {
  const std::string made = MakeEnvelope("e\"v", R"({"a":1})", Id("t\\"), "k\"");
  const auto parsed = ParseEnvelope(made, 1000);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->message_type, "e\"v");
  EXPECT_EQ(parsed->notification, R"({"a":1})");
  EXPECT_EQ(parsed->tracker_id, Id("t\\"));
  EXPECT_EQ(parsed->id, "k\"");
}

}  // namespace
}  // namespace trackwire::ingest
