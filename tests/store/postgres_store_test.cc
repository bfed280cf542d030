#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "store/migration.h"
#include "store/postgres_schema.h"
#include "store/store_url.h"
#include "store/user_store.h"
#include "tests/store/contract.h"
#include "tests/support/postgres_server.h"

namespace trackwire::store {
namespace {

using namespace std::chrono_literals;
using test::PostgresServer;
using tracking::Id;

/// What is PostgreSQL's own: connections that are lost, and a server others use as well.
class PostgresStoreTest : public testing::Test {
 protected:
  PostgresStoreTest() : database_(Server().CreateDatabase()), url_(Server().Url(database_)) {}
  ~PostgresStoreTest() override { Server().DropDatabase(database_); }

  static PostgresServer& Server() { return PostgresServer::Shared(); }
  std::string Sql(const std::string& sql) { return Server().Query(database_, sql); }
  std::unique_ptr<Store> Open() {
    auto store = OpenStore(url_);
    EXPECT_TRUE(store) << store.error().detail;
    return std::move(*store);
  }
  void CutConnections() {
    Sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '" +
        database_ + "' AND pid <> pg_backend_pid()");
  }
  static WriteBatch BatchOf(std::vector<tracking::Position> positions) {
    WriteBatch batch;
    batch.positions = std::move(positions);
    return batch;
  }

  const std::string database_;
  const std::string url_;
};

TEST_F(PostgresStoreTest, ConnectsAgainAfterTheConnectionWasCut) {
  auto store = Open();
  auto history = std::move(*OpenHistory(url_));
  auto users = std::move(*OpenUserStore(url_));
  auto revisions = std::move(*OpenRevisions(url_));
  ASSERT_TRUE(store->UpsertTrackers({SomeTracker(Id("a"))}));
  for (int round = 0; round < 3; ++round) {
    CutConnections();
    const auto written = store->Write(BatchOf({At(Id("a"), std::chrono::seconds(round))}));
    ASSERT_TRUE(written) << "noticed while nothing was under way: " << written.error().detail;
    EXPECT_EQ(written->stored, 1u);
    HistoryQuery query;
    query.tracker = Id("a");
    EXPECT_EQ(history->Read(query)->size(), static_cast<size_t>(round + 1));
    EXPECT_TRUE(users->Users());
    EXPECT_EQ(revisions->Read()->trackers, 1u);
  }
}

TEST_F(PostgresStoreTest, ABatchThatIsCutInTheMiddleIsWrittenByTheNextAttempt) {
  auto store = Open();
  ASSERT_TRUE(store->UpsertTrackers({SomeTracker(Id("a"))}));
  // Every statement that writes a position ends the connection that made it.
  Sql("CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN "
      "PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$; "
      "CREATE TRIGGER cut AFTER INSERT ON positions FOR EACH STATEMENT EXECUTE FUNCTION cut()");
  WriteBatch batch = BatchOf({At(Id("a"), 1s)});
  batch.outbox = {{0, "k", "{}", kNow}};
  const auto failed = store->Write(batch);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "unavailable");
  EXPECT_TRUE(store->Outbox("")->empty()) << "all or nothing";
  Sql("DROP TRIGGER cut ON positions");
  const auto written = store->Write(batch);
  ASSERT_TRUE(written) << written.error().detail;
  EXPECT_EQ(written->stored, 1u);
  EXPECT_EQ(store->Outbox("")->size(), 1u);
}

TEST_F(PostgresStoreTest, AnErrorRollsBackAndLeavesTheConnectionUsable) {
  auto store = Open();
  ASSERT_TRUE(store->UpsertTrackers({SomeTracker(Id("a"))}));
  Sql("ALTER TABLE statuses ADD CONSTRAINT none CHECK (connectivity > 5)");
  WriteBatch batch = BatchOf({At(Id("a"), 1s)});
  batch.statuses = {{Id("a"), {}}};
  const auto failed = store->Write(batch);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "unavailable");
  EXPECT_FALSE(store->TrackerStates()->at(0).latest);
  Sql("ALTER TABLE statuses DROP CONSTRAINT none");
  EXPECT_EQ(store->Write(batch)->stored, 1u);
}

TEST_F(PostgresStoreTest, ABatchThatWasBrokenOffForAnotherIsTriedAgain) {
  auto store = Open();
  ASSERT_TRUE(store->UpsertTrackers({SomeTracker(Id("a"))}));
  Sql("CREATE SEQUENCE attempts; "
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "IF nextval('attempts') <= 2 THEN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; "
      "END IF; RETURN NULL; END $$; "
      "CREATE TRIGGER refuse AFTER INSERT ON positions FOR EACH STATEMENT "
      "EXECUTE FUNCTION refuse()");
  const auto written = store->Write(BatchOf({At(Id("a"), 1s)}));
  ASSERT_TRUE(written) << written.error().detail;
  EXPECT_EQ(written->stored, 1u);
  EXPECT_EQ(Sql("SELECT last_value FROM attempts"), "3");
  Sql("ALTER SEQUENCE attempts MINVALUE -1000 RESTART WITH -1000");
  const auto refused = store->Write(BatchOf({At(Id("a"), 2s)}));
  ASSERT_FALSE(refused) << "not for ever";
  EXPECT_EQ(refused.error().code, "unavailable");
}

TEST_F(PostgresStoreTest, OddTextDoesNotKeepABatchOut) {
  auto store = Open();
  tracking::Tracker tracker = SomeTracker(Id("a"));
  tracker.name = std::string("x\0y\xff", 4);
  ASSERT_TRUE(store->UpsertTrackers({tracker}));
  EXPECT_EQ(store->TrackerStates()->at(0).tracker.name, "x\xef\xbf\xbdy\xef\xbf\xbd");
  auto position = At(Id("a"), 1s);
  position.fix.attributes_json = "{\"n\":\"\xc3\"}";
  EXPECT_EQ(store->Write(BatchOf({position}))->stored, 1u);
  EXPECT_EQ(store->TrackerStates()->at(0).latest->fix.attributes_json, "{\"n\":\"\xef\xbf\xbd\"}");
}

TEST_F(PostgresStoreTest, SaysWhoWaitsTooLongForALock) {
  auto store = Open();
  ASSERT_TRUE(store->UpsertTrackers({SomeTracker(Id("a"))}));
  auto target = PostgresTarget::Parse(url_);
  auto other = PostgresConnection::Open(*target);
  ASSERT_TRUE((*other)->Begin("BEGIN; SELECT * FROM trackers FOR UPDATE"));
  auto waiting = PostgresConnection::Open(*target);
  ASSERT_TRUE((*waiting)->Execute("SET lock_timeout = '50ms'"));
  const auto locked = (*waiting)->Query("SELECT * FROM trackers FOR UPDATE");
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().code, "unavailable");
  (*other)->Rollback();
  EXPECT_TRUE((*waiting)->Query("SELECT * FROM trackers FOR UPDATE"));
  EXPECT_EQ((*waiting)->Query("SHOW statement_timeout")->Text(0, 0), "30s");
}

TEST_F(PostgresStoreTest, RefusesADatabaseOfAnotherEncoding) {
  Server().Query("postgres", "CREATE DATABASE latin ENCODING LATIN1 LOCALE 'C' TEMPLATE template0");
  const auto opened = OpenStore(Server().Url("latin"));
  Server().DropDatabase("latin");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "cannot_open");
  EXPECT_NE(opened.error().detail.find("UTF8"), std::string::npos);
}

TEST_F(PostgresStoreTest, SaysWhatIsWrongWithoutThePassword) {
  for (const char* url : {"postgresql://ada:hunter2@/nowhere?host=/no/such/directory",
                          "postgresql://ada:hunter2@127.0.0.1:1/x"}) {
    const auto opened = OpenStore(url);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, "cannot_open") << url;
    EXPECT_EQ(opened.error().detail.find("hunter2"), std::string::npos) << opened.error().detail;
  }
  EXPECT_EQ(OpenStore("postgresql://ada:hunter%2@h/x").error().code, "bad_url");
  EXPECT_EQ(DescribeUrl("postgresql://ada:hunter2@db:5433/tracks?sslmode=require"),
            "postgresql://db:5433/tracks");
  EXPECT_EQ(DescribeUrl("postgres://ada:hunter%2@h/x"), "postgresql://(not a URL)");
  EXPECT_EQ(DescribeUrl("sqlite:x.db"), "sqlite:x.db");
}

/// Steps as later versions of the program may have them.
constexpr PostgresStep kLater[] = {
    {"all", "CREATE TABLE things(n bigint); INSERT INTO things VALUES(1)"},
    {"more", "ALTER TABLE things ADD COLUMN name text NOT NULL DEFAULT 'x'"},
    {"broken", "INSERT INTO things VALUES(2); SELECT 1 / 0"},
};

class PostgresMigrationTest : public PostgresStoreTest {
 protected:
  std::unique_ptr<PostgresConnection> Connect() {
    return std::move(*PostgresConnection::Open(*PostgresTarget::Parse(url_)));
  }
  static std::span<const PostgresStep> First(size_t count) {
    return std::span(kLater).first(count);
  }
};

TEST_F(PostgresMigrationTest, MakesEachStepOnceHoweverManyDoSo) {
  constexpr int kThreads = 5;
  std::barrier start(kThreads);
  std::atomic<int> steps{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      auto db = Connect();
      start.arrive_and_wait();
      auto done = MigratePostgres(*db, First(2), [&](int, const std::string&) { ++steps; });
      EXPECT_TRUE(done) << done.error().detail;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(steps, 2);
  EXPECT_EQ(Sql("SELECT n, name FROM things"), "1|x");
  EXPECT_EQ(Sql("SELECT version FROM schema_versions WHERE part = 'store'"), "2");
}

TEST_F(PostgresMigrationTest, MigratesAnEmptyDatabaseByItselfAndNoOther) {
  auto db = Connect();
  ASSERT_TRUE(RequirePostgres(*db, First(1)));
  EXPECT_EQ(Sql("SELECT n FROM things"), "1");
  const auto outdated = RequirePostgres(*db, First(2));
  ASSERT_FALSE(outdated);
  EXPECT_EQ(outdated.error().code, "outdated");
  EXPECT_NE(outdated.error().detail.find("trackwire migrate"), std::string::npos);
  ASSERT_TRUE(MigratePostgres(*db, First(2), {}));
  EXPECT_TRUE(RequirePostgres(*db, First(2)));
  EXPECT_EQ(RequirePostgres(*db, First(1)).error().code, "too_new");
  EXPECT_EQ(MigratePostgres(*db, First(1), {}).error().code, "too_new");
}

TEST_F(PostgresMigrationTest, AStepThatFailsLeavesANewDatabaseEmpty) {
  auto db = Connect();
  ASSERT_FALSE(MigratePostgres(*db, First(3), {}));
  EXPECT_EQ(CheckPostgres(*db, First(3))->version, 0);
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0");
}

TEST_F(PostgresMigrationTest, AStepThatFailsLeavesNothingBehindAndGoesOnLater) {
  auto db = Connect();
  ASSERT_TRUE(MigratePostgres(*db, First(1), {}));
  const auto failed = MigratePostgres(*db, First(3), {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().detail, "division by zero");
  EXPECT_EQ(Sql("SELECT count(*) FROM things"), "1");
  const auto state = CheckPostgres(*db, First(3));
  EXPECT_EQ(state->version, 2);
  EXPECT_EQ(state->missing, std::vector<std::string>{"broken"});
  EXPECT_TRUE(MigratePostgres(*Connect(), First(2), {})) << "the lock is free again";
}

TEST_F(PostgresMigrationTest, LooksWithoutChangingAnything) {
  const auto empty = CheckSchema(url_);
  ASSERT_TRUE(empty) << empty.error().detail;
  EXPECT_EQ(empty->version, 0);
  EXPECT_EQ(static_cast<int>(empty->missing.size()), empty->newest);
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0");
  int last = 0;
  ASSERT_TRUE(MigrateStore(url_, [&](int version, const std::string&) { last = version; }));
  EXPECT_EQ(last, empty->newest);
  EXPECT_TRUE(CheckSchema(url_)->missing.empty());
}

TEST_F(PostgresMigrationTest, AStoreOfALaterVersionIsRefused) {
  Open();
  Sql("UPDATE schema_versions SET version = 99");
  EXPECT_EQ(OpenStore(url_).error().code, "too_new");
  EXPECT_EQ(OpenUserStore(url_).error().code, "too_new");
}

/// A server of its own, to be stopped.
TEST(PostgresOutageTest, CallsFailAtOnceAndGoOnWhenTheServerIsBack) {
  PostgresServer server;
  const std::string database = server.CreateDatabase();
  auto store = std::move(*OpenStore(server.Url(database)));
  ASSERT_TRUE(store->UpsertTrackers({SomeTracker(Id("a"))}));
  WriteBatch batch;
  batch.positions = {At(Id("a"), 1s)};
  ASSERT_TRUE(store->Write(batch));
  server.Stop();
  EXPECT_EQ(store->Write(batch).error().code, "unavailable");
  EXPECT_EQ(store->TrackerStates().error().code, "unavailable");
  EXPECT_EQ(OpenStore(server.Url(database)).error().code, "cannot_open");
  server.Restart();
  const auto again = store->Write(batch);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->duplicates, 1u) << "what was committed is still there";
}

TEST(PostgresOutageTest, AServerThatSaysNothingIsGivenUp) {
  PostgresServer server;
  auto target = PostgresTarget::Parse(server.Url("postgres") + "&connect_timeout=2");
  auto db = std::move(*PostgresConnection::Open(*target));
  ASSERT_TRUE(db->Query("SELECT 1"));
  server.Pause();
  db->SetPatience(100ms);
  EXPECT_EQ(db->Query("SELECT 1").error().detail, "the server does not answer");
  EXPECT_EQ(db->Query("SELECT 1").error().code, "unavailable") << "nor can one connect";
  server.Resume();
  db->SetPatience(30s);
  const auto again = db->Query("SELECT 1");
  EXPECT_TRUE(again) << again.error().detail;
}

}  // namespace
}  // namespace trackwire::store
