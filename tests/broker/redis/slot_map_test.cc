#include "broker/redis/slot_map.h"

#include <gtest/gtest.h>

namespace trackwire::broker {
namespace {

RespValue Read(std::string_view bytes) {
  RespReader reader;
  std::vector<RespValue> values;
  EXPECT_TRUE(reader.Feed(bytes, values));
  return values.at(0);
}

TEST(RedisSlotTest, IsTheChecksumOfTheKeyOrItsTag) {
  EXPECT_EQ(RedisSlot("123456789"), 0x31C3 % 16384);
  EXPECT_EQ(RedisSlot(""), 0);
  EXPECT_EQ(RedisSlot("{tw}:a"), RedisSlot("tw"));
  EXPECT_EQ(RedisSlot("a{tw}b{x}"), RedisSlot("tw"));
  EXPECT_EQ(RedisSlot("a{b{c}"), RedisSlot("b{c"));
  EXPECT_NE(RedisSlot("{}a"), RedisSlot("{}b"));
  EXPECT_NE(RedisSlot("{a"), RedisSlot("a"));
}

TEST(RedisSlotMapTest, KnowsWhoOwnsWhat) {
  auto map = RedisSlotMap::Parse(
      Read("*2\r\n*3\r\n:0\r\n:8000\r\n*3\r\n$1\r\na\r\n:7000\r\n$1\r\nx\r\n"
           "*4\r\n:8001\r\n:16383\r\n*2\r\n$0\r\n\r\n:7001\r\n*2\r\n$1\r\nr\r\n:7009\r\n"),
      "asked");
  ASSERT_TRUE(map);
  EXPECT_TRUE(map->complete());
  EXPECT_EQ(map->OwnerOf(8000)->ToString(), "a:7000");
  EXPECT_EQ(map->OwnerOf(8001)->ToString(), "asked:7001");
  map->Move(3, {"b", 7002});
  EXPECT_EQ(map->OwnerOf(3)->ToString(), "b:7002");
  EXPECT_EQ(map->masters().size(), 3u);
}

TEST(RedisSlotMapTest, KnowsWhatNobodyOwns) {
  const auto map = RedisSlotMap::Parse(
      Read("*1\r\n*3\r\n:1\r\n:16383\r\n*2\r\n$1\r\na\r\n:7000\r\n"), "asked");
  ASSERT_TRUE(map);
  EXPECT_FALSE(map->complete());
  EXPECT_EQ(map->OwnerOf(0), nullptr);
}

TEST(RedisSlotMapTest, RefusesWhatIsNoMap) {
  for (const char* bytes :
       {":1\r\n", "-ERR\r\n", "*1\r\n:1\r\n", "*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n+a\r\n:1\r\n",
        "*1\r\n*3\r\n:-1\r\n:1\r\n*2\r\n+a\r\n:1\r\n", "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n+a\r\n:0\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n+a\r\n:65536\r\n", "*1\r\n*2\r\n:0\r\n:1\r\n"}) {
    EXPECT_FALSE(RedisSlotMap::Parse(Read(bytes), "asked")) << bytes;
  }
}

TEST(RedisRedirectTest, NamesSlotAndNode) {
  const auto moved = ParseRedirect("MOVED 3999 127.0.0.1:6381", "asked");
  ASSERT_TRUE(moved);
  EXPECT_FALSE(moved->ask);
  EXPECT_EQ(moved->slot, 3999);
  EXPECT_EQ(moved->address.ToString(), "127.0.0.1:6381");
  EXPECT_TRUE(ParseRedirect("ASK 1 h:1", "asked")->ask);
  EXPECT_EQ(ParseRedirect("MOVED 1 ::1:6381", "asked")->address.ToString(), "[::1]:6381");
  EXPECT_EQ(ParseRedirect("MOVED 1 :6381", "asked")->address.ToString(), "asked:6381");
  for (const char* error : {"", "ERR", "MOVED", "MOVED ", "MOVED x h:1", "MOVED 1", "MOVED 1 h",
                            "MOVED 1 h:", "MOVED 1 h:0", "MOVED 1 h:65536", "MOVED 16384 h:1",
                            "MOVED 1 h:1 x", "ASK -1 h:1", "MOVED 1:1"}) {
    EXPECT_FALSE(ParseRedirect(error, "asked")) << error;
  }
}

}  // namespace
}  // namespace trackwire::broker
