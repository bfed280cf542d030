// The index of rooms: joining, leaving, and visiting each member once.
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "base/check.h"
#include "socketio/room_index.h"

namespace trackwire::bench {
namespace {

struct Member final : socketio::RoomMember {
  uint64_t visits = 0;
};

/// Some members, each in the common room and in one of a tenth as many others.
struct House {
  explicit House(size_t members) {
    for (size_t i = 0; i < members; ++i) {
      people.push_back(std::make_unique<Member>());
      index.Join(*people.back(), "all");
      index.Join(*people.back(), "group-" + std::to_string(i % (members / 10)));
    }
  }
  ~House() {
    for (auto& member : people) index.LeaveAll(*member);
  }
  House(const House&) = delete;
  House& operator=(const House&) = delete;

  socketio::RoomIndex index;
  std::vector<std::unique_ptr<Member>> people;
};

void RoomJoinLeave(benchmark::State& state) {
  House house(static_cast<size_t>(state.range(0)));
  Member guest;
  for (auto _ : state) {
    CHECK(house.index.Join(guest, "all"));
    CHECK(house.index.Leave(guest, "all"));
  }
}
BENCHMARK(RoomJoinLeave)->Arg(100)->Arg(10'000);

void RoomArriveDepart(benchmark::State& state) {
  House house(static_cast<size_t>(state.range(0)));
  Member guest;
  for (auto _ : state) {
    house.index.Join(guest, "all");
    house.index.Join(guest, "group-1");
    house.index.Join(guest, "a room of its own");
    house.index.LeaveAll(guest);
  }
}
BENCHMARK(RoomArriveDepart)->Arg(10'000);

// Per member of two rooms that overlap, as an emit to both visits them.
void RoomVisitUnion(benchmark::State& state) {
  House house(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    house.index.NewRound();
    for (const char* name : {"group-1", "all"}) {
      const socketio::Room* room = house.index.Find(name);
      for (size_t i = 0; i < room->size(); ++i) {
        socketio::RoomMember& member = room->member(i);
        if (house.index.Mark(member)) ++static_cast<Member&>(member).visits;
      }
    }
  }
  CHECK(house.people[0]->visits == house.people[1]->visits);
  state.SetItemsProcessed(state.range(0) * state.iterations());
}
BENCHMARK(RoomVisitUnion)->Arg(100)->Arg(10'000);

void RoomFindAmongMany(benchmark::State& state) {
  House house(100'000);
  for (auto _ : state) {
    const socketio::Room* room = house.index.Find("group-4711");
    CHECK(room != nullptr);
    benchmark::DoNotOptimize(room);
  }
}
BENCHMARK(RoomFindAmongMany);

}  // namespace
}  // namespace trackwire::bench
