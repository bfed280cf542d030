#include "broker/embedded/embedded_broker.h"

#include <sqlite3.h>

#include <fstream>

#include "tests/broker/backends.h"

namespace trackwire::broker {
namespace {

class EmbeddedBrokerTest : public testing::Test {
 protected:
  void SetUp() override { loop_.Start(); }
  void TearDown() override {
    broker_.reset();
    loop_.Stop();
  }
  Result<std::vector<Appended>> Append(const std::string& text) {
    return test::Await<Result<std::vector<Appended>>>([&](auto done) {
      broker_->log().Append({{text, "", {}}}, [done](auto result) { done(std::move(result)); });
    });
  }
  bool Open(EmbeddedOptions options) {
    auto opened = OpenEmbeddedBroker(std::move(options), loop_, clock_);
    if (!opened) {
      error_ = opened.error();
      return false;
    }
    broker_ = std::move(*opened);
    return true;
  }
  bool Ready() {
    bool ready = false;
    loop_.Run([&] { ready = broker_->health().ready; });
    return ready;
  }

  BrokerHealth Health() {
    BrokerHealth health;
    loop_.Run([&] { health = broker_->health(); });
    return health;
  }
  /// With a connection of its own, as another program.
  static void Execute(const std::string& path, const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10'000);
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(db);
    sqlite3_close(db);
  }

  test::TempDir directory_;
  net::Loop loop_{"control"};
  test::SharedClock clock_;
  std::unique_ptr<Broker> broker_;
  Error error_;
};

TEST_F(EmbeddedBrokerTest, ASecondProcessIsRefused) {
  EmbeddedOptions options;
  options.path = directory_.File("b.db");
  ASSERT_TRUE(Open(options));
  const auto second = OpenEmbeddedBroker(options, loop_, clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "in_use");
  broker_.reset();
  EXPECT_TRUE(Open(options));
}

TEST_F(EmbeddedBrokerTest, SaysWhyAFileCannotBeOpened) {
  EmbeddedOptions options;
  options.path = directory_.File("missing/b.db");
  EXPECT_FALSE(Open(options));
  EXPECT_EQ(error_.code, "cannot_open");
  options.path = directory_.File("text.db");
  std::ofstream(options.path) << std::string(5000, 'x');
  EXPECT_FALSE(Open(options));
  EXPECT_EQ(error_.code, "corrupt");
}

TEST_F(EmbeddedBrokerTest, InMemoryReadsWhatLeftTheWindow) {
  EmbeddedOptions options;
  options.max_memory_bytes = 0;
  ASSERT_TRUE(Open(options));
  LogOffset start;
  loop_.Run([&] { start = broker_->log().tail_offset(); });
  ASSERT_TRUE(Append("a"));
  const LogOffset end = (*Append("b"))[0].offset;
  const auto found = test::Await<Result<std::vector<LogEntryPtr>>>([&](auto done) {
    loop_.Post([=, this] {
      broker_->log().Read(start, end, 10, 1000, [done](auto r) { done(std::move(r)); });
    });
  });
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[1]->envelope, "b");
}

TEST_F(EmbeddedBrokerTest, EveryFreshLogHasAnEpochOfItsOwn) {
  ASSERT_TRUE(Open({}));
  const std::string first = (*Append("a"))[0].offset.epoch;
  broker_.reset();
  ASSERT_TRUE(Open({}));
  EXPECT_NE((*Append("a"))[0].offset.epoch, first);
}

TEST_F(EmbeddedBrokerTest, FailingStorageIsSaidAndGotOver) {
  EmbeddedOptions options;
  options.path = directory_.File("b.db");
  ASSERT_TRUE(Open(options));
  ASSERT_TRUE(Append("a"));
  // A second connection takes the table away: every write fails as a broken disk would.
  sqlite3* vandal = nullptr;
  ASSERT_EQ(sqlite3_open(options.path.c_str(), &vandal), SQLITE_OK);
  sqlite3_busy_timeout(vandal, 10'000);
  ASSERT_EQ(sqlite3_exec(vandal, "ALTER TABLE log RENAME TO hidden", nullptr, nullptr, nullptr),
            SQLITE_OK);
  EXPECT_EQ(Append("b").error().code, "unavailable");
  EXPECT_FALSE(Ready());
  broker_->sessions().Save({"key", "proof", "owner", "kept"});
  ASSERT_EQ(sqlite3_exec(vandal, "ALTER TABLE hidden RENAME TO log", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(vandal);
  EXPECT_TRUE(Append("c"));
  EXPECT_TRUE(Ready());
  broker_.reset();
  ASSERT_TRUE(Open(options));
  EXPECT_TRUE((test::Await<Result<SessionRecord, TakeOverError>>(
      [&](auto done) { broker_->sessions().TakeOver("key", "proof", "x", done); })));
}

TEST_F(EmbeddedBrokerTest, KnowsTheSizeOfTheLogWithoutReadingIt) {
  EmbeddedOptions options;
  options.path = directory_.File("b.db");
  ASSERT_TRUE(Open(options));
  ASSERT_TRUE(Append("\xc3\xa9t\xc3\xa9"));
  ASSERT_TRUE(Append("abc"));
  broker_.reset();
  // What is said at the start is what was counted: an entry put in behind its back is not seen.
  Execute(options.path, "INSERT INTO log(id, envelope) VALUES(1, 'unseen')");
  ASSERT_TRUE(Open(options));
  EXPECT_EQ(Health().log_entries, 2u);
  EXPECT_EQ(Health().log_bytes, 8u);
}

TEST_F(EmbeddedBrokerTest, CountsTheLogOfAnOlderFileOnce) {
  EmbeddedOptions options;
  options.path = directory_.File("b.db");
  ASSERT_TRUE(Open(options));
  ASSERT_TRUE(Append("\xc3\xa9t\xc3\xa9"));
  ASSERT_TRUE(Append("abc"));
  broker_.reset();
  Execute(options.path,
          "DELETE FROM broker_state WHERE name IN ('log_entries', 'log_bytes');"
          "ALTER TABLE sessions DROP COLUMN proof;"
          "DROP TABLE tasks;"
          "DROP TABLE revocations;"
          "UPDATE schema_versions SET version = 1 WHERE part = 'broker'");
  ASSERT_TRUE(Open(options));
  EXPECT_EQ(Health().log_entries, 2u);
  EXPECT_EQ(Health().log_bytes, 8u);
}

}  // namespace
}  // namespace trackwire::broker
