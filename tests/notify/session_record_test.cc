#include "notify/session_record.h"

#include <gtest/gtest.h>

#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::notify {
namespace {

SessionValue Full() {
  SessionValue value;
  value.identity.authenticated = true;
  value.identity.user = "Ada \"the\" \xC3\x84rztin\n";
  value.identity.roles = {"user", "a,b"};
  value.identity.permissions = {"notifications:publish"};
  value.identity.clients = {"\"acme\"", "7"};
  value.identity.expires_at = base::ParseTime("2026-11-23T06:41:34.250Z");
  value.identity.token_id = "sha256:abc";
  value.identity.from_login = true;
  value.address = "2001:db8::1";
  value.transport = "polling";
  value.gateway = "north-7";
  value.connected_at = *base::ParseTime("2026-11-23T05:00:00Z");
  value.selection_json = R"({"bbox":[1,2,3.50,4],"trackers":["a",1]})";
  return value;
}

TEST(SessionRecordTest, ComesBackAsItWas) {
  const SessionValue before = Full();
  const std::string json = EncodeSessionValue(before);
  EXPECT_TRUE(base::ScanJson(json)) << json;
  const auto after = DecodeSessionValue(json);
  ASSERT_TRUE(after) << json;
  EXPECT_EQ(after->identity, before.identity);
  EXPECT_EQ(after->address, before.address);
  EXPECT_EQ(after->transport, before.transport);
  EXPECT_EQ(after->gateway, before.gateway);
  EXPECT_EQ(after->connected_at, before.connected_at);
  EXPECT_EQ(after->selection_json, before.selection_json) << "byte for byte";
}

TEST(SessionRecordTest, AVisitorsRecordIsShort) {
  const auto value = DecodeSessionValue(EncodeSessionValue({}));
  ASSERT_TRUE(value);
  EXPECT_EQ(value->identity, auth::Identity());
  EXPECT_EQ(value->selection_json, "");
}

TEST(SessionRecordTest, WhatOthersWroteDoesNoHarm) {
  for (const char* text : {"", "null", "[]", "{", "x", "{\"user\":}"}) {
    EXPECT_FALSE(DecodeSessionValue(text)) << text;
  }
  const auto odd = DecodeSessionValue(
      R"({"user":7,"roles":"all","clients":[{"a":1},2],"expires_at":"soon","connected_at":0,"new":{}})");
  ASSERT_TRUE(odd);
  EXPECT_FALSE(odd->identity.authenticated);
  EXPECT_EQ(odd->identity.user, "");
  EXPECT_TRUE(odd->identity.roles.empty());
  EXPECT_FALSE(odd->identity.expires_at);
}

TEST(SessionRecordTest, APrivateIdNamesItsRecordAndHoldsASecret) {
  const std::string pid = MakePid("public-id");
  const PidParts parts = SplitPid(pid);
  EXPECT_EQ(parts.sid, "public-id");
  EXPECT_GE(parts.secret.size(), 24u);
  EXPECT_NE(MakePid("public-id"), pid);
  EXPECT_EQ(SplitPid("no secret").secret, "");
}

TEST(SessionRecordTest, NothingThatAClientShowsProvesTheUnprovable) {
  for (const std::string secret : {"", "none", "none:", " "}) {
    for (const std::string fingerprint : {"", "anonymous", "user:none"}) {
      EXPECT_NE(ProofOf(secret, fingerprint), kNoProof);
    }
  }
}

}  // namespace
}  // namespace trackwire::notify
