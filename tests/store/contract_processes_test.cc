#include <array>
#include <atomic>
#include <barrier>
#include <thread>

#include "tests/store/contract.h"

namespace trackwire::store {
namespace {

using namespace std::chrono_literals;
using tracking::Id;
using tracking::Position;
using tracking::Tracker;

/// What store.h promises to several processes on one database: each has a store of its own.
class ProcessesContract : public ContractTest {
 protected:
  static std::vector<Tracker> Fleet(int size) {
    std::vector<Tracker> fleet;
    for (int i = 0; i < size; ++i) fleet.push_back(SomeTracker(Id(int64_t{i})));
    return fleet;
  }
};

/// Runs `work(n)` on as many threads at once.
template <typename Work>
void AtOnce(int threads, Work work) {
  std::barrier start(threads);
  std::vector<std::thread> running;
  for (int n = 0; n < threads; ++n) {
    running.emplace_back([&, n] {
      start.arrive_and_wait();
      work(n);
    });
  }
  for (std::thread& thread : running) thread.join();
}

TEST_P(ProcessesContract, WhatOneRegistersAnotherWrites) {
  auto other = Open();
  ASSERT_TRUE(other->CreateTracker(SomeTracker(Id("new"))));
  EXPECT_EQ(Write({At(Id("new"), 1s)}).stored, 1u);
  ASSERT_TRUE(other->RemoveTracker(Id("new")));
  EXPECT_EQ(Write({At(Id("new"), 2s)}).unknown, 1u);
  EXPECT_TRUE(store_->TrackerStates()->empty());
}

TEST_P(ProcessesContract, TwoWritersOfTheSameTrackersLoseNothingAndDoubleNothing) {
  constexpr int kTrackers = 40;
  constexpr int kRounds = 15;
  Register(Fleet(kTrackers));
  std::array<std::atomic<size_t>, 3> sums{};
  std::atomic<int> failures{0};
  AtOnce(3, [&](int writer) {
    auto store = Open();
    for (int round = 0; round < kRounds; ++round) {
      WriteBatch batch;
      batch.producer = std::to_string(writer);
      // Each in an order of its own: it must not matter.
      for (int i = 0; i < kTrackers; ++i) {
        const Id id(int64_t{writer == 1 ? kTrackers - 1 - i : (i * 7 + writer) % kTrackers});
        batch.positions.push_back(At(id, std::chrono::seconds(round), writer));
        batch.statuses.push_back({id, {tracking::Connectivity::kOnline, {}, kNow, kNow}});
      }
      batch.outbox = {{0, std::to_string(round), "{}", kNow}};
      auto outcome = store->Write(batch);
      if (!outcome) {
        ++failures;
        ADD_FAILURE() << outcome.error().detail;
        continue;
      }
      sums[0] += outcome->stored;
      sums[1] += outcome->duplicates;
      sums[2] += outcome->unknown;
    }
  });
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(sums[0], size_t{kTrackers} * kRounds) << "each fix time once";
  EXPECT_EQ(sums[1], size_t{kTrackers} * kRounds * 2);
  EXPECT_EQ(sums[2], 0u);
  const auto states = *store_->TrackerStates();
  ASSERT_EQ(states.size(), size_t{kTrackers});
  for (const auto& state : states) {
    EXPECT_EQ(state.latest->fix.fix_time, kNow + std::chrono::seconds(kRounds - 1));
    EXPECT_EQ(History(state.tracker.id).size(), size_t{kRounds});
  }
  for (const char* writer : {"0", "1", "2"}) {
    EXPECT_EQ(store_->Outbox(writer)->size(), size_t{kRounds});
  }
}

TEST_P(ProcessesContract, NothingIsWrittenForATrackerThatIsRemovedMeanwhile) {
  constexpr int kRounds = 12;
  AtOnce(2, [&](int who) {
    auto store = Open();
    for (int round = 0; round < kRounds; ++round) {
      if (who == 0) {
        EXPECT_TRUE(store->UpsertTrackers({SomeTracker(Id("a")), SomeTracker(Id("b"))}));
        const auto removed = store->RemoveTracker(Id("a"));
        EXPECT_TRUE(removed) << removed.error().detail;
      } else {
        WriteBatch batch;
        for (int i = 0; i < 30; ++i) {
          batch.positions.push_back(At(Id("a"), std::chrono::milliseconds(round * 100 + i)));
        }
        batch.statuses = {{Id("a"), {}}};
        const auto written = store->Write(batch);
        EXPECT_TRUE(written) << written.error().detail;
      }
    }
  });
  EXPECT_EQ(store_->TrackerStates()->size(), 1u);
  while (*store_->SweepRemoved(1'000)) {
  }
  EXPECT_EQ(*store_->Prune(kNow + 1h, 1), 0u) << "no history without a tracker";
}

TEST_P(ProcessesContract, AClientIsNotRemovedWhileItIsGivenATracker) {
  constexpr int kRounds = 12;
  AtOnce(2, [&](int who) {
    auto store = Open();
    for (int round = 0; round < kRounds; ++round) {
      if (who == 0) {
        (void)store->CreateClient({Id("c"), "C"});
        (void)store->RemoveClient(Id("c"));
      } else {
        Tracker tracker = SomeTracker(Id(int64_t{round}));
        tracker.client_id = Id("c");
        (void)store->CreateTracker(tracker);
      }
    }
  });
  const auto states = *store_->TrackerStates();
  if (!states.empty()) {
    EXPECT_EQ(store_->Clients()->size(), 1u) << "the one of the trackers";
  }
  for (const auto& state : states) ASSERT_TRUE(store_->RemoveTracker(state.tracker.id));
  (void)store_->RemoveClient(Id("c"));
  EXPECT_TRUE(store_->Clients()->empty());
}

TEST_P(ProcessesContract, ManyDescribeTheSameTrackersAtOnce) {
  std::atomic<int> failures{0};
  AtOnce(3, [&](int who) {
    auto store = Open();
    for (int round = 0; round < 5; ++round) {
      std::vector<Tracker> fleet = Fleet(50);
      if (who == 1) std::reverse(fleet.begin(), fleet.end());
      if (!store->UpsertTrackers(fleet)) ++failures;
    }
  });
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(store_->TrackerStates()->size(), 50u);
}

TEST_P(ProcessesContract, ATrackerIsCreatedByOneOnly) {
  std::atomic<int> created{0};
  std::atomic<int> refused{0};
  AtOnce(4, [&](int) {
    auto store = Open();
    const auto done = store->CreateTracker(SomeTracker(Id("a")));
    if (done) {
      ++created;
    } else if (done.error().code == "exists") {
      ++refused;
    }
  });
  EXPECT_EQ(created, 1);
  EXPECT_EQ(refused, 3);
}

TEST_P(ProcessesContract, OpenedForTheFirstTimeByManyAtOnce) {
  const auto fresh = GetParam().make();
  AtOnce(6, [&](int) {
    auto opened = OpenStore(fresh->url());
    EXPECT_TRUE(opened) << opened.error().detail;
  });
}

TEST_P(ProcessesContract, TheLatestOfAHundredThousandTrackersInOneQuery) {
  constexpr int kTrackers = 100'000;
  constexpr int kBatch = 20'000;
  Register(Fleet(kTrackers));
  for (int from = 0; from < kTrackers; from += kBatch) {
    std::vector<Position> batch;
    for (int i = from; i < from + kBatch; ++i) {
      batch.push_back(At(Id(int64_t{i}), std::chrono::milliseconds(i), i / 2000.0));
    }
    ASSERT_EQ(Write(batch).stored, size_t{kBatch});
  }
  const auto states = store_->TrackerStates();
  ASSERT_TRUE(states) << states.error().detail;
  ASSERT_EQ(states->size(), size_t{kTrackers});
  int64_t sum = 0;
  for (const auto& state : *states) sum += (state.latest->fix.fix_time - kNow).count();
  EXPECT_EQ(sum, int64_t{kTrackers} * (kTrackers - 1) / 2);
}

INSTANTIATE_TEST_SUITE_P(Backends, ProcessesContract, testing::ValuesIn(Backends()), BackendName);

}  // namespace
}  // namespace trackwire::store
