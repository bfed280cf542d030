#pragma once

#include <array>

namespace trackwire::store {

/// The steps of the schema in order: what is released is never changed, only added to.
///
/// Ids stand as their JSON text, so that 7 and "7" stay apart. Times are milliseconds since the
/// epoch. The latest position has a table of its own, so that a snapshot reads nothing else. The
/// lists of a user are JSON arrays. An outbox entry belongs to a producer; those of the first two
/// versions to the one without a name. A revision rises with every change to its part, in the same
/// transaction, so that other processes notice.
inline constexpr std::array<const char*, 5> kSqliteSchema{R"sql(
  CREATE TABLE clients(
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE trackers(
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    client_id TEXT,
    is_public INTEGER NOT NULL,
    provider TEXT NOT NULL,
    external_id TEXT NOT NULL,
    offline_after_s INTEGER NOT NULL,
    attributes TEXT NOT NULL
  );
  CREATE TABLE statuses(
    tracker INTEGER PRIMARY KEY REFERENCES trackers(no),
    connectivity INTEGER NOT NULL,
    motion INTEGER NOT NULL,
    connectivity_since INTEGER NOT NULL,
    motion_since INTEGER NOT NULL
  );
  CREATE TABLE positions(
    tracker INTEGER NOT NULL,
    fix_time INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    latitude REAL NOT NULL,
    longitude REAL NOT NULL,
    altitude REAL, accuracy REAL, speed REAL, course REAL, heading REAL, battery REAL,
    valid INTEGER,
    motion INTEGER NOT NULL,
    source TEXT NOT NULL,
    attributes TEXT NOT NULL,
    PRIMARY KEY(tracker, fix_time)
  ) WITHOUT ROWID;
  CREATE INDEX positions_by_time ON positions(fix_time);
  CREATE TABLE latest_positions(
    tracker INTEGER PRIMARY KEY,
    fix_time INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    latitude REAL NOT NULL,
    longitude REAL NOT NULL,
    altitude REAL, accuracy REAL, speed REAL, course REAL, heading REAL, battery REAL,
    valid INTEGER,
    motion INTEGER NOT NULL,
    source TEXT NOT NULL,
    attributes TEXT NOT NULL,
    seen_at INTEGER NOT NULL
  );
  CREATE TABLE outbox(
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    envelope TEXT NOT NULL,
    created_at INTEGER NOT NULL
  );
)sql",
                                                         R"sql(
  CREATE TABLE users(
    folded_name TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    roles TEXT NOT NULL,
    clients TEXT NOT NULL,
    permissions TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    tokens_valid_from INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE revisions(
    part TEXT PRIMARY KEY,
    number INTEGER NOT NULL
  ) WITHOUT ROWID;
  INSERT INTO revisions(part, number) VALUES('users', 0), ('trackers', 0);
  ALTER TABLE trackers ADD COLUMN edited INTEGER NOT NULL DEFAULT 0;
)sql",
                                                         R"sql(
  ALTER TABLE trackers ADD COLUMN expected_interval_s INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX trackers_by_client ON trackers(client_id);
  ALTER TABLE outbox ADD COLUMN producer TEXT NOT NULL DEFAULT '';
  CREATE INDEX outbox_by_producer ON outbox(producer, seq);
  CREATE TABLE ingest_tokens(
    digest TEXT PRIMARY KEY,
    tracker INTEGER NOT NULL REFERENCES trackers(no),
    created_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX ingest_tokens_by_tracker ON ingest_tokens(tracker);
)sql",
                                                         R"sql(
  CREATE TABLE marks(
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) WITHOUT ROWID;
)sql",
                                                         R"sql(
  CREATE TABLE removed_trackers(
    no INTEGER PRIMARY KEY
  );
)sql"};

/// What each of them does, for people.
inline constexpr std::array<const char*, kSqliteSchema.size()> kSqliteSteps{
    "clients, trackers, positions", "users, changes by hand",
    "tokens for ingestion, intervals of trackers, outboxes apart by producer",
    "marks of how far somebody has come", "removed trackers whose history is still there"};

}  // namespace trackwire::store
