#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/store.h"
#include "tests/support/temp_dir.h"

namespace trackwire::store {
namespace {

using tracking::Id;
using tracking::Position;
using tracking::Tracker;

const WallTime kNow{std::chrono::milliseconds(1'700'000'000'000)};

TEST(OpenStoreTest, RefusesWhatIsNoStore) {
  test::TempDir directory;
  for (const char* url :
       {"", "sqlite:", "sqlite://", "mysql://x", "sqlite://relative/x.db", "trackwire.db"}) {
    auto opened = OpenStore(url);
    ASSERT_FALSE(opened) << url;
    EXPECT_EQ(opened.error().code, "bad_url") << url;
  }
  EXPECT_EQ(OpenStore("sqlite://" + directory.File("no/such.db")).error().code, "cannot_open");
  EXPECT_TRUE(OpenStore("sqlite::memory:"));
}

TEST(OpenStoreTest, RefusesTheFileOfALaterVersion) {
  test::TempDir directory;
  const std::string url = "sqlite://" + directory.File("t.db");
  ASSERT_TRUE(OpenStore(url));
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(directory.File("t.db").c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "UPDATE schema_versions SET version = 99", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(db);
  EXPECT_EQ(OpenStore(url).error().code, "too_new");
}

TEST(OpenStoreTest, TheFileOfAnEarlierVersionKeepsWhatItHas) {
  test::TempDir directory;
  const std::string url = "sqlite://" + directory.File("t.db");
  Tracker tracker;
  tracker.id = Id("a");
  WriteBatch batch;
  Position position;
  position.tracker_id = Id("a");
  position.fix.fix_time = kNow;
  batch.positions = {position};
  {
    auto store = OpenStore(url);
    ASSERT_TRUE((*store)->UpsertTrackers({tracker}));
    ASSERT_TRUE((*store)->Write(batch));
  }
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(directory.File("t.db").c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db,
                         "DROP TABLE marks; DROP TABLE removed_trackers; "
                         "UPDATE schema_versions SET version = 3 WHERE part = 'store'",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(db);

  auto store = OpenStore(url);
  ASSERT_TRUE(store) << store.error().detail;
  ASSERT_EQ((*store)->TrackerStates()->size(), 1u);
  EXPECT_TRUE((*store)->TrackerStates()->at(0).latest);
  EXPECT_EQ((*store)->Write(batch)->duplicates, 1u);
  ASSERT_TRUE((*store)->SetMark("x", "1"));
  EXPECT_EQ(*(*store)->Mark("x"), "1");
  ASSERT_TRUE((*store)->RemoveTracker(Id("a")));
  ASSERT_TRUE((*store)->UpsertTrackers({tracker}));
  EXPECT_EQ((*store)->Write(batch)->stored, 1u) << "as another, under another number";
  while (*(*store)->SweepRemoved(1)) {
  }
  EXPECT_EQ(*(*store)->Prune(kNow + std::chrono::hours(1), 10), 1u);
}

TEST(OpenStoreTest, AWriteThatFailsLeavesNothingBehind) {
  test::TempDir directory;
  const std::string url = "sqlite://" + directory.File("t.db");
  auto store = OpenStore(url);
  ASSERT_TRUE(store);
  Tracker tracker;
  tracker.id = Id("a");
  ASSERT_TRUE((*store)->UpsertTrackers({tracker}));
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(directory.File("t.db").c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db,
                         "CREATE TRIGGER no BEFORE INSERT ON statuses BEGIN "
                         "SELECT RAISE(ABORT, 'broken'); END",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  WriteBatch batch;
  Position position;
  position.tracker_id = Id("a");
  position.fix.fix_time = kNow;
  batch.positions = {position};
  batch.statuses = {{Id("a"), {}}};
  const auto failed = (*store)->Write(batch);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "unavailable");
  EXPECT_EQ(failed.error().detail, "broken");
  ASSERT_EQ(sqlite3_exec(db, "DROP TRIGGER no", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
  const auto states = (*store)->TrackerStates();
  ASSERT_TRUE(states) << states.error().detail;
  EXPECT_FALSE(states->at(0).latest);
  const auto outcome = (*store)->Write(batch);
  ASSERT_TRUE(outcome) << outcome.error().detail;
  EXPECT_EQ(outcome->stored, 1u);
}

}  // namespace
}  // namespace trackwire::store
