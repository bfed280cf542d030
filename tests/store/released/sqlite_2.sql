-- A store as the release with version 2 of the schema has written it.
BEGIN TRANSACTION;
CREATE TABLE clients(
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL
  ) WITHOUT ROWID;
INSERT INTO "clients" VALUES('"acme"','Acme');
INSERT INTO "clients" VALUES('9','Bay Ferries');
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
INSERT INTO "latest_positions" VALUES(1,1700000005000,1700000005100,33.6,-117.35,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2,'replay:x','',1700000009000);
CREATE TABLE outbox(
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    envelope TEXT NOT NULL,
    created_at INTEGER NOT NULL
  );
INSERT INTO "outbox" VALUES(1,'k1','{"a":1}',1700000000000);
INSERT INTO "outbox" VALUES(2,'k2','{"a":2}',1700000001000);
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
INSERT INTO "positions" VALUES(1,1700000000000,1700000000100,33.5,-117.25,12.5,3.0,4.5,90.0,91.0,80.0,1,1,'replay:x','{"n":1}');
INSERT INTO "positions" VALUES(1,1700000005000,1700000005100,33.6,-117.35,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2,'replay:x','');
CREATE TABLE revisions(
    part TEXT PRIMARY KEY,
    number INTEGER NOT NULL
  ) WITHOUT ROWID;
INSERT INTO "revisions" VALUES('trackers',5);
INSERT INTO "revisions" VALUES('users',0);
CREATE TABLE schema_versions(part TEXT PRIMARY KEY, version INTEGER NOT NULL);
INSERT INTO "schema_versions" VALUES('store',2);
CREATE TABLE statuses(
    tracker INTEGER PRIMARY KEY REFERENCES trackers(no),
    connectivity INTEGER NOT NULL,
    motion INTEGER NOT NULL,
    connectivity_since INTEGER NOT NULL,
    motion_since INTEGER NOT NULL
  );
INSERT INTO "statuses" VALUES(1,1,2,1700000000000,1700000001000);
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
  , edited INTEGER NOT NULL DEFAULT 0);
INSERT INTO "trackers" VALUES(1,'7','Mine','cargo','"acme"',1,'replay:x','ext-7',42,'{"call_sign":"X1"}',1);
INSERT INTO "trackers" VALUES(2,'"7"','Text seven','car',NULL,0,'replay:x','',600,'',0);
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
INSERT INTO "users" VALUES('ada','Ada','$argon2id$x','["admin"]','["acme"]','[]',0,1700000000000,1700000000000,1700000000000);
CREATE INDEX positions_by_time ON positions(fix_time);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('outbox',2);
COMMIT;
