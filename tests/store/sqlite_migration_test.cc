#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <barrier>
#include <fstream>
#include <sstream>
#include <thread>

#include "store/history.h"
#include "store/migration.h"
#include "store/revisions.h"
#include "store/store.h"
#include "store/user_store.h"
#include "tests/support/temp_dir.h"

namespace trackwire::store {
namespace {

using namespace std::chrono_literals;
using tracking::Id;

const WallTime kNow{std::chrono::milliseconds(1'700'000'000'000)};

/// A file as an earlier release has left it, with its data.
class SqliteMigrationTest : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    const std::string name = "sqlite_" + std::to_string(GetParam()) + ".sql";
    std::ifstream dump(std::string(TRACKWIRE_SOURCE_DIR) + "/tests/store/released/" + name);
    std::stringstream sql;
    sql << dump.rdbuf();
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(directory_.File("t.db").c_str(), &db), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(db, sql.str().c_str(), nullptr, nullptr, &message), SQLITE_OK)
        << message;
    sqlite3_free(message);
    sqlite3_close(db);
  }
  std::string url() const { return "sqlite://" + directory_.File("t.db"); }

  test::TempDir directory_;
};

TEST_P(SqliteMigrationTest, KeepsTrackersStatusesAndPositions) {
  auto store = OpenStore(url());
  ASSERT_TRUE(store) << store.error().detail;
  const auto states = *(*store)->TrackerStates();
  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(states[0].tracker.id, Id(int64_t{7}));
  EXPECT_EQ(states[0].tracker.name, GetParam() == 1 ? "Seven" : "Mine");
  EXPECT_EQ(states[0].tracker.edited.name, GetParam() > 1);
  EXPECT_EQ(states[0].tracker.offline_after, 42s);
  EXPECT_EQ(states[0].tracker.expected_interval, 0s);
  EXPECT_EQ(states[0].tracker.attributes_json, R"({"call_sign":"X1"})");
  EXPECT_EQ(states[0].status.connectivity, tracking::Connectivity::kOnline);
  EXPECT_EQ(states[0].status.motion_since, kNow + 1s);
  EXPECT_EQ(states[0].latest->fix.place.latitude, 33.6);
  EXPECT_EQ(states[0].last_seen_at, kNow + 9s);
  EXPECT_EQ(states[1].tracker.id, Id("7"));
  EXPECT_FALSE(states[1].latest);
  EXPECT_EQ((*store)->Clients()->size(), 2u);

  HistoryQuery query;
  query.tracker = Id(int64_t{7});
  const auto history = *(*OpenHistory(url()))->Read(query);
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(history[0].fix.battery_percent, 80.0);
  EXPECT_EQ(history[1].fix.battery_percent, std::nullopt);
}

TEST_P(SqliteMigrationTest, WhatWaitedInTheOutboxBelongsToNobodyByName) {
  auto store = OpenStore(url());
  const auto waiting = *(*store)->Outbox("");
  ASSERT_EQ(waiting.size(), 2u);
  EXPECT_EQ(waiting[1].envelope, "{\"a\":2}");
  EXPECT_EQ((*store)->Write({})->outbox_seq, waiting[1].seq);
  EXPECT_TRUE((*store)->Outbox("push")->empty());
}

TEST_P(SqliteMigrationTest, KeepsUsersAndRevisions) {
  auto users = OpenUserStore(url());
  ASSERT_TRUE(users) << users.error().detail;
  EXPECT_EQ((*users)->Users()->size(), GetParam() == 1 ? 0u : 1u);
  EXPECT_EQ((*OpenRevisions(url()))->Read()->trackers, GetParam() == 1 ? 0u : 5u);
}

TEST_P(SqliteMigrationTest, CanBeWrittenAfterwards) {
  auto store = OpenStore(url());
  ASSERT_TRUE((*store)->RemoveTracker(Id(int64_t{7})));
  ASSERT_TRUE((*store)->RemoveClient(Id("acme")));
  ASSERT_TRUE(OpenStore(url())) << "and opened again";
}

TEST_P(SqliteMigrationTest, IsToldOfBeforeItIsMade) {
  auto state = CheckSchema(url());
  ASSERT_TRUE(state) << state.error().detail;
  EXPECT_EQ(state->version, GetParam());
  EXPECT_EQ(static_cast<int>(state->missing.size()), state->newest - GetParam());
  EXPECT_EQ(CheckSchema(url())->version, GetParam()) << "looking changes nothing";
  std::vector<std::string> made;
  ASSERT_TRUE(MigrateStore(url(), [&](int, const std::string& what) { made.push_back(what); }));
  EXPECT_EQ(made, state->missing);
  EXPECT_TRUE(CheckSchema(url())->missing.empty());
  ASSERT_TRUE(MigrateStore(url(), [&](int, const std::string&) { FAIL() << "a step twice"; }));
}

TEST_P(SqliteMigrationTest, EachStepIsMadeOnceHoweverManyDoSo) {
  constexpr int kThreads = 4;
  std::barrier start(kThreads);
  std::atomic<int> steps{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      auto done = MigrateStore(url(), [&](int, const std::string&) { ++steps; });
      EXPECT_TRUE(done) << done.error().detail;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(steps, CheckSchema(url())->newest - GetParam());
}

TEST(SqliteSchemaTest, AFileThatIsNotThereHasNoVersionAndIsNotMade) {
  test::TempDir directory;
  const auto state = CheckSchema("sqlite://" + directory.File("t.db"));
  ASSERT_TRUE(state);
  EXPECT_EQ(state->version, 0);
  EXPECT_FALSE(std::filesystem::exists(directory.File("t.db")));
}

INSTANTIATE_TEST_SUITE_P(Releases, SqliteMigrationTest, testing::Values(1, 2));

}  // namespace
}  // namespace trackwire::store
