#include "socketio/room_index.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>
#include <set>

namespace trackwire::socketio {
namespace {

struct Member final : RoomMember {
  int number = 0;
};

std::set<int> MembersOf(const RoomIndex& index, const std::string& name) {
  std::set<int> numbers;
  if (const Room* room = index.Find(name)) {
    for (size_t i = 0; i < room->size(); ++i) {
      EXPECT_TRUE(numbers.insert(static_cast<Member&>(room->member(i)).number).second);
    }
  }
  return numbers;
}

TEST(RoomIndexTest, JoinsOnceAndForgetsEmptyRooms) {
  RoomIndex index;
  Member member;
  EXPECT_TRUE(index.Join(member, "a"));
  EXPECT_FALSE(index.Join(member, "a"));
  EXPECT_TRUE(index.Contains(member, "a"));
  EXPECT_FALSE(index.Leave(member, "b"));
  EXPECT_TRUE(index.Leave(member, "a"));
  EXPECT_FALSE(index.Leave(member, "a"));
  EXPECT_EQ(index.room_count(), 0u);
  EXPECT_EQ(index.Find("a"), nullptr);
}

TEST(RoomIndexTest, MarksOnceARound) {
  RoomIndex index;
  Member member;
  index.NewRound();
  EXPECT_FALSE(index.Marked(member));
  EXPECT_TRUE(index.Mark(member));
  EXPECT_FALSE(index.Mark(member));
  index.NewRound();
  EXPECT_TRUE(index.Mark(member));
}

/// Does what the index does, slowly.
struct Model {
  std::map<std::string, std::set<int>> rooms;

  bool Join(int member, const std::string& room) { return rooms[room].insert(member).second; }
  bool Leave(int member, const std::string& room) {
    const bool was = rooms[room].erase(member) > 0;
    if (rooms[room].empty()) rooms.erase(room);
    return was;
  }
  std::set<std::string> RoomsOf(int member) const {
    std::set<std::string> names;
    for (const auto& [name, members] : rooms) {
      if (members.count(member) > 0) names.insert(name);
    }
    return names;
  }
};

class RoomIndexProperty : public ::testing::TestWithParam<int> {};

TEST_P(RoomIndexProperty, BehavesAsTheModel) {
  const int room_count = GetParam();
  RoomIndex index;
  Model model;
  std::deque<Member> members(25);
  for (int i = 0; i < 25; ++i) members[static_cast<size_t>(i)].number = i;
  std::mt19937 random(static_cast<unsigned>(room_count));
  for (int step = 0; step < 20'000; ++step) {
    const int number = static_cast<int>(random() % members.size());
    Member& member = members[static_cast<size_t>(number)];
    const std::string room = "room" + std::to_string(random() % static_cast<unsigned>(room_count));
    switch (random() % 32) {
      case 0:
        index.LeaveAll(member);
        for (const std::string& name : model.RoomsOf(number)) model.Leave(number, name);
        break;
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
      case 6:
      case 7:
      case 8:
      case 9:
      case 10:
        ASSERT_EQ(index.Leave(member, room), model.Leave(number, room));
        break;
      default:
        ASSERT_EQ(index.Join(member, room), model.Join(number, room));
    }
    if (step % 500 != 0) continue;
    ASSERT_EQ(index.room_count(), model.rooms.size());
    for (const auto& [name, expected] : model.rooms) ASSERT_EQ(MembersOf(index, name), expected);
    for (const Member& each : members) {
      const auto names = index.RoomsOf(each);
      const std::set<std::string> unique(names.begin(), names.end());
      ASSERT_EQ(unique.size(), names.size());
      ASSERT_EQ(unique, model.RoomsOf(each.number));
      for (const std::string& name : unique) ASSERT_TRUE(index.Contains(each, name));
    }
  }
}

// Below and above the number of rooms at which a member gets a table of its own.
INSTANTIATE_TEST_SUITE_P(Rooms, RoomIndexProperty, ::testing::Values(1, 7, 40, 300));

}  // namespace
}  // namespace trackwire::socketio
