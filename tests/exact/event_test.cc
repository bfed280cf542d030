#include "event.h"

#include <gtest/gtest.h>

namespace trackwire::exact {
namespace {

TEST(ExactEventTest, TakesAnEventApartByItsEnds) {
  const auto event = ParseEvent(R"(42["news",{"exact":[7,3,12],"a":"]\""},"ab.c.17-2"])");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->name, "news");
  EXPECT_EQ(event->body, R"(42["news",{"exact":[7,3,12],"a":"]\""},)");
  EXPECT_EQ(event->offset_text, "ab.c.17-2");
  EXPECT_EQ(event->offset.epoch, "ab.c");
  EXPECT_EQ(event->offset.place, (Offset{17, 2}));
  EXPECT_EQ(FindMark(event->body), (Mark{7, 3, 12}));
}

TEST(ExactEventTest, SeesThatThereIsNoOffset) {
  for (const char* packet :
       {"", "42", "42[\"", "42[\"]", "42[\"news\"]", "42[\"news\",{}]", "42[\"news\",\"\"]",
        "42[\"news\",\"x\"]", "42[\"news\",\"e.1\"]", "42[\"news\",\"e.1-\"]",
        "42[\"news\",\"e.1-2x\"]", "42[\"news\",\".1-2\"]", "43[\"news\",\"e.1-2\"]",
        "42[\"news\",\"e.1-2\"", "42[\"news\",\"e.-1-2\"]",
        "42[\"news\",\"e.99999999999999999999-2\"]"}) {
    EXPECT_FALSE(ParseEvent(packet)) << packet;
  }
}

TEST(ExactEventTest, SeesThatThereIsNoMark) {
  for (const char* body : {"", "\"exact\":[", "\"exact\":[1,2]", "\"exact\":[1,2,3",
                           "\"exact\":[1,,3]", "\"exact\":[-1,2,3]", "\"exact\":[1,2,3,4]"}) {
    EXPECT_FALSE(FindMark(body)) << body;
  }
}

TEST(ExactEventTest, OrdersOffsetsByTimeThenSequence) {
  EXPECT_LT((Offset{1, 9}), (Offset{2, 0}));
  EXPECT_LT((Offset{2, 0}), (Offset{2, 1}));
  EXPECT_EQ((Offset{2, 1}).ToString(), "2-1");
}

}  // namespace
}  // namespace trackwire::exact
