#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/history.h"
#include "store/ingest_tokens.h"
#include "store/revisions.h"
#include "store/store.h"
#include "tests/store/backends.h"

namespace trackwire::store {

inline const WallTime kNow{std::chrono::milliseconds(1'700'000'000'000)};

inline tracking::Tracker SomeTracker(tracking::Id id) {
  tracking::Tracker tracker;
  tracker.id = std::move(id);
  tracker.name = "Sea Breeze";
  tracker.category = "cargo";
  return tracker;
}

/// A position `after` kNow.
inline tracking::Position At(const tracking::Id& id, std::chrono::milliseconds after,
                             double latitude = 1) {
  tracking::Position position;
  position.tracker_id = id;
  position.fix.place = {latitude, 2};
  position.fix.fix_time = kNow + after;
  position.received_at = kNow + after + std::chrono::milliseconds(5);
  return position;
}

/// An open store on an empty database, for every kind of database.
class ContractTest : public testing::TestWithParam<BackendKind> {
 protected:
  void SetUp() override {
    backend_ = GetParam().make();
    Reopen();
  }
  void Reopen() {
    store_.reset();
    store_ = Open();
    ASSERT_TRUE(store_);
  }
  std::unique_ptr<Store> Open() {
    auto opened = OpenStore(backend_->url());
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? std::move(*opened) : nullptr;
  }
  std::unique_ptr<HistoryReader> OpenReader() { return std::move(*OpenHistory(backend_->url())); }
  std::unique_ptr<IngestTokenStore> OpenTokens() {
    return std::move(*OpenIngestTokens(backend_->url()));
  }
  uint64_t Revision() { return (*OpenRevisions(backend_->url()))->Read()->trackers; }

  void Register(const std::vector<tracking::Tracker>& trackers) {
    ASSERT_TRUE(store_->UpsertTrackers(trackers));
  }
  WriteOutcome Write(std::vector<tracking::Position> positions) {
    WriteBatch batch;
    batch.positions = std::move(positions);
    auto outcome = store_->Write(batch);
    EXPECT_TRUE(outcome) << outcome.error().detail;
    return outcome.value_or(WriteOutcome{});
  }
  /// Of the only tracker, or of one that must be there.
  tracking::TrackerState State() { return store_->TrackerStates()->at(0); }
  tracking::TrackerState State(const tracking::Id& id) {
    const auto states = store_->TrackerStates();
    for (const auto& state : *states) {
      if (state.tracker.id == id) return state;
    }
    ADD_FAILURE() << "no tracker " << id.ToJson();
    return {};
  }
  std::vector<tracking::Position> History(const tracking::Id& id) {
    HistoryQuery all;
    all.tracker = id;
    return *OpenReader()->Read(all);
  }
  /// Fix times in milliseconds after kNow.
  static std::vector<int64_t> Offsets(const std::vector<tracking::Position>& positions) {
    std::vector<int64_t> offsets;
    for (const auto& position : positions) {
      offsets.push_back((position.fix.fix_time - kNow).count());
    }
    return offsets;
  }
  std::vector<int64_t> HistoryOffsets(const tracking::Id& id) { return Offsets(History(id)); }

  std::unique_ptr<Backend> backend_;
  std::unique_ptr<Store> store_;
};

}  // namespace trackwire::store
