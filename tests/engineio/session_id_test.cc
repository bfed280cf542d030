#include "engineio/session_id.h"

#include <gtest/gtest.h>

#include <set>

namespace trackwire::engineio {
namespace {

TEST(SessionIdTest, ComesBackFromItsText) {
  const SessionId id = SessionId::Make(513, 70'000, 9, 0xFFEEDDCC);
  const std::string text = id.ToString();
  EXPECT_EQ(text.size(), 40u);
  EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789-_"),
            std::string::npos);
  const auto parsed = SessionId::Parse(text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->shard, 513);
  EXPECT_EQ(parsed->slot, 70'000u);
  EXPECT_EQ(parsed->generation, 9u);
  EXPECT_EQ(parsed->owner, 0xFFEEDDCCu);
  EXPECT_TRUE(parsed->Equals(id));
}

TEST(SessionIdTest, RefusesOtherTexts) {
  const std::string good = SessionId::Make(0, 0, 1).ToString();
  EXPECT_FALSE(SessionId::Parse(""));
  EXPECT_FALSE(SessionId::Parse("__proto__"));
  EXPECT_FALSE(SessionId::Parse(good + "A"));
  EXPECT_FALSE(SessionId::Parse(good.substr(1)));
  std::string broken = good;
  broken[3] = '!';
  EXPECT_FALSE(SessionId::Parse(broken));
}

TEST(SessionIdTest, AnyDifferenceMakesItAnother) {
  const SessionId id = SessionId::Make(1, 2, 3);
  for (size_t i = 0; i < id.secret.size(); ++i) {
    SessionId other = id;
    other.secret[i] = static_cast<char>(other.secret[i] ^ 1);
    EXPECT_FALSE(id.Equals(other)) << i;
  }
  SessionId other = id;
  other.generation = 4;
  EXPECT_FALSE(id.Equals(other));
  other = id;
  other.owner = 1;
  EXPECT_FALSE(id.Equals(other));
}

TEST(SessionIdTest, SecretsDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(SessionId::Make(0, 0, 1).ToString());
  EXPECT_EQ(seen.size(), 1000u);
}

}  // namespace
}  // namespace trackwire::engineio
