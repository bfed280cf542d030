#include "broker/redis/hearings.h"

#include <gtest/gtest.h>

namespace trackwire::broker {
namespace {

TEST(HearingsTest, NamesContentsByTheirNumberSinceTheTick) {
  Hearings here;
  EXPECT_FALSE(here.counting());
  here.Begin("1000");
  const std::string first = here.Count("a").value();
  EXPECT_EQ(first.size(), 16u);
  EXPECT_EQ(here.Count("a"), first + "2");
  EXPECT_NE(here.Count("b"), first);
  EXPECT_EQ(here.Count("a"), first + "3");
  here.Begin("2000");
  EXPECT_EQ(here.Count("a"), first) << "names begin anew";
  here.Stop();
  EXPECT_FALSE(here.counting());
}

TEST(HearingsTest, TwoListenersThatHeardATickAgree) {
  Hearings early;
  Hearings late;
  early.Begin("1");
  (void)early.Count("x");
  for (Hearings* one : {&early, &late}) one->Begin("2");
  for (const char* text : {"x", "y", "x", "x", ""}) EXPECT_EQ(early.Count(text), late.Count(text));
}

TEST(HearingsTest, FindsTheMark) {
  EXPECT_TRUE(IsMarked(R"({"a":1,"via":"inbox"})"));
  EXPECT_TRUE(IsMarked(R"( {"via" : "inbox" } )"));
  EXPECT_FALSE(IsMarked(R"({"a":{"via":"inbox"}})"));
  EXPECT_FALSE(IsMarked(R"({"a":"\"via\":\"inbox\""})"));
  EXPECT_FALSE(IsMarked(R"({"via":"road"})"));
  EXPECT_FALSE(IsMarked(R"({"via":1})"));
  EXPECT_FALSE(IsMarked(R"(["via","inbox"])"));
  EXPECT_FALSE(IsMarked(R"({"via":"inbox")"));
  EXPECT_FALSE(IsMarked("\xff\"via\""));
}

TEST(HearingsTest, MarksWithoutTouchingTheRest) {
  struct Case {
    const char* envelope;
    const char* key;
    const char* marked;
  };
  const Case cases[] = {
      {"{}", "", R"({"via":"inbox"})"},
      {"{ }\n", "", R"({ "via":"inbox"})"},
      {R"({"a":1})", "", R"({"a":1,"via":"inbox"})"},
      {R"( {"a":1 } )", "k\"", R"( {"a":1 ,"id":"k\"","via":"inbox"})"},
      {R"({"id":"k"})", "k", R"({"id":"k","via":"inbox"})"},
      {R"({})", "k", R"({"id":"k","via":"inbox"})"},
  };
  for (const Case& one : cases) {
    const auto mark = MarkOf(one.envelope, one.key);
    ASSERT_TRUE(mark) << one.envelope;
    const std::string marked = std::string(one.envelope).substr(0, mark->keep) + mark->rest;
    EXPECT_EQ(marked, one.marked);
    EXPECT_TRUE(IsMarked(marked));
  }
  for (const char* bad : {"", "[]", "1", "{", "{}}"}) EXPECT_FALSE(MarkOf(bad, "")) << bad;
}

}  // namespace
}  // namespace trackwire::broker
