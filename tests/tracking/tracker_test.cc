#include "tracking/tracker.h"

#include <gtest/gtest.h>

namespace trackwire::tracking {
namespace {

using namespace std::chrono_literals;

Tracker Described() {
  Tracker tracker;
  tracker.id = Id("a");
  tracker.name = "Sea Breeze";
  tracker.category = "cargo";
  tracker.client_id = Id("acme");
  tracker.provider = "replay:x";
  tracker.external_id = "1";
  return tracker;
}

TrackerEdit EditOfAll() {
  TrackerEdit edit;
  edit.name = "Mine";
  edit.is_public = true;
  edit.sets_client = true;
  edit.category = "ferry";
  edit.offline_after = 30s;
  edit.expected_interval = 5s;
  return edit;
}

TEST(TrackerTest, AnEditChangesAndMarksWhatItNames) {
  Tracker tracker = Described();
  TrackerEdit edit;
  edit.category = "ferry";
  Apply(edit, tracker);
  EXPECT_EQ(tracker.category, "ferry");
  EXPECT_EQ(tracker.name, "Sea Breeze");
  EXPECT_TRUE(tracker.edited.category);
  EXPECT_FALSE(tracker.edited.name || tracker.edited.client || tracker.edited.is_public ||
               tracker.edited.offline_after || tracker.edited.expected_interval ||
               tracker.edited.source);
}

TEST(TrackerTest, WhatWasSetByHandStays) {
  Tracker known = Described();
  Apply(EditOfAll(), known);
  Tracker again = Described();
  again.attributes_json = R"({"n":2})";
  KeepEdits(known, again);
  EXPECT_EQ(again.name, "Mine");
  EXPECT_TRUE(again.is_public);
  EXPECT_EQ(again.client_id, std::nullopt);
  EXPECT_EQ(again.category, "ferry");
  EXPECT_EQ(again.offline_after, 30s);
  EXPECT_EQ(again.expected_interval, 5s);
  EXPECT_EQ(again.attributes_json, R"({"n":2})");
  EXPECT_TRUE(again.edited.offline_after);
}

TEST(TrackerTest, OneThatWasMovedIsDescribedByItsNewProviderAlone) {
  Tracker known = Described();
  TrackerEdit move;
  move.provider = "push";
  move.external_id = "imei";
  Apply(move, known);
  Tracker again = Described();
  again.name = "Renamed";
  KeepEdits(known, again);
  EXPECT_EQ(again.provider, "push");
  EXPECT_EQ(again.name, "Sea Breeze");

  Tracker by_new_provider = Described();
  by_new_provider.provider = "push";
  by_new_provider.name = "Renamed";
  KeepEdits(known, by_new_provider);
  EXPECT_EQ(by_new_provider.name, "Renamed");
  EXPECT_EQ(by_new_provider.external_id, "imei");
}

}  // namespace
}  // namespace trackwire::tracking
