#include "engineio/slab.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace trackwire::engineio {
namespace {

struct Thing {
  Thing(uint32_t s, uint32_t g, int v, int* alive)
      : slot(s), generation(g), value(v), count(alive) {
    ++*count;
  }
  ~Thing() { --*count; }
  uint32_t slot;
  uint32_t generation;
  int value;
  int* count;
};

TEST(SlabTest, KeepsObjectsAtTheirPlaceAndForgetsOldGenerations) {
  int alive = 0;
  {
    Slab<Thing> slab;
    std::map<std::pair<uint32_t, uint32_t>, std::pair<Thing*, int>> model;
    std::vector<std::pair<uint32_t, uint32_t>> erased;
    std::mt19937 random(7);
    for (int step = 0; step < 20'000; ++step) {
      if (model.empty() || random() % 5 < 3) {
        Thing& thing = slab.Emplace(step, &alive);
        model[{thing.slot, thing.generation}] = {&thing, step};
      } else {
        auto victim = std::next(model.begin(), static_cast<long>(random() % model.size()));
        slab.Erase(victim->first.first, victim->first.second);
        erased.push_back(victim->first);
        model.erase(victim);
      }
    }
    EXPECT_EQ(slab.size(), model.size());
    for (const auto& [key, expected] : model) {
      ASSERT_EQ(slab.Find(key.first, key.second), expected.first);
      EXPECT_EQ(expected.first->value, expected.second);
    }
    for (const auto& key : erased) EXPECT_EQ(slab.Find(key.first, key.second), nullptr);
    EXPECT_EQ(slab.Find(1'000'000, 1), nullptr);
    size_t visited = 0;
    slab.ForEach([&](Thing& thing) {
      ++visited;
      slab.Erase(thing.slot, thing.generation);
    });
    EXPECT_EQ(visited, model.size());
    slab.Emplace(1, &alive);
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace trackwire::engineio
