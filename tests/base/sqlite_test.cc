#include "base/sqlite.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "tests/support/temp_dir.h"

namespace trackwire::base {
namespace {

class SqliteTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteDb> Open(SqliteDb::Options options = {}) {
    auto db = SqliteDb::Open(path_, options);
    EXPECT_TRUE(db) << db.error().detail;
    return std::move(*db);
  }
  static int64_t Count(SqliteDb& db, const std::string& table) {
    auto statement = db.Prepare("SELECT count(*) FROM " + table);
    EXPECT_TRUE(statement);
    EXPECT_TRUE(*statement->Step());
    return statement->Int(0);
  }

  test::TempDir directory_;
  std::string path_ = directory_.File("x.db");
};

TEST_F(SqliteTest, KeepsEveryKindOfValue) {
  auto db = Open();
  ASSERT_TRUE(db->Execute("CREATE TABLE t(i, d, s, n)"));
  auto insert = db->Prepare("INSERT INTO t VALUES(?, ?, ?, ?)");
  const std::string text("a\0b", 3);
  insert->Bind(1, int64_t{-7}).Bind(2, 0.1).Bind(3, std::string_view(text)).BindNull(4);
  ASSERT_TRUE(insert->Run());
  insert->BindOptional(1, std::nullopt).BindOptional(2, 2.5).Bind(3, std::string_view());
  ASSERT_TRUE(insert->Run());
  auto rows = db->Prepare("SELECT i, d, s, n FROM t ORDER BY rowid");
  ASSERT_TRUE(*rows->Step());
  EXPECT_EQ(rows->Int(0), -7);
  EXPECT_EQ(rows->Double(1), 0.1);
  EXPECT_EQ(rows->Text(2), text);
  EXPECT_TRUE(rows->IsNull(3));
  ASSERT_TRUE(*rows->Step());
  EXPECT_EQ(rows->OptionalDouble(0), std::nullopt);
  EXPECT_EQ(rows->OptionalDouble(1), 2.5);
  EXPECT_FALSE(rows->IsNull(2)) << "an empty text is not NULL";
  EXPECT_FALSE(*rows->Step());
}

TEST_F(SqliteTest, ATransactionThatIsNotCommittedLeavesNothing) {
  auto db = Open();
  ASSERT_TRUE(db->Execute("CREATE TABLE t(i)"));
  {
    auto transaction = SqliteTransaction::Begin(*db);
    ASSERT_TRUE(db->Execute("INSERT INTO t VALUES(1)"));
  }
  EXPECT_EQ(Count(*db, "t"), 0);
  auto transaction = SqliteTransaction::Begin(*db);
  ASSERT_TRUE(db->Execute("INSERT INTO t VALUES(1)"));
  ASSERT_TRUE(transaction->Commit());
  EXPECT_EQ(Count(*db, "t"), 1);
}

TEST_F(SqliteTest, MigratesEachStepOnce) {
  constexpr std::array<const char*, 1> kFirst{"CREATE TABLE a(i); INSERT INTO a VALUES(1)"};
  constexpr std::array<const char*, 2> kBoth{kFirst[0], "INSERT INTO a VALUES(2)"};
  ASSERT_TRUE(Open()->Migrate("part", kFirst));
  ASSERT_TRUE(Open()->Migrate("part", kFirst));
  ASSERT_TRUE(Open()->Migrate("part", kBoth));
  auto db = Open();
  ASSERT_TRUE(db->Migrate("part", kBoth));
  EXPECT_EQ(Count(*db, "a"), 2);
  EXPECT_EQ(db->Migrate("part", kFirst).error().code, "too_new");
}

TEST_F(SqliteTest, AStepThatFailsIsNotDone) {
  constexpr std::array<const char*, 1> kBroken{"CREATE TABLE a(i); INSERT INTO b VALUES(1)"};
  auto db = Open();
  EXPECT_EQ(db->Migrate("part", kBroken).error().code, "unavailable");
  EXPECT_FALSE(db->Prepare("SELECT * FROM a"));
}

TEST_F(SqliteTest, SaysWhatIsWrongWithAFile) {
  EXPECT_EQ(SqliteDb::Open(directory_.File("no/x.db"), {}).error().code, "cannot_open");
  std::ofstream(path_) << std::string(4096, 'x');
  EXPECT_EQ(SqliteDb::Open(path_, {}).error().code, "corrupt");
}

TEST_F(SqliteTest, ABusyFileIsUnavailable) {
  auto one = Open();
  ASSERT_TRUE(one->Execute("CREATE TABLE t(i)"));
  SqliteDb::Options impatient;
  impatient.busy_timeout_ms = 0;
  auto two = Open(impatient);
  auto held = SqliteTransaction::Begin(*one);
  EXPECT_EQ(SqliteTransaction::Begin(*two).error().code, "unavailable");
}

}  // namespace
}  // namespace trackwire::base
