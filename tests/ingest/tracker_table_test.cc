#include "ingest/tracker_table.h"

#include <gtest/gtest.h>

#include "base/json_scanner.h"
#include "ingest/envelope.h"
#include "ingest/tracker_check.h"

namespace trackwire::ingest {
namespace {

using namespace std::chrono_literals;
using tracking::Id;
using tracking::TrackerState;
using Taken = FixOutcome;
using List = std::vector<std::string>;

const WallTime kNow{std::chrono::milliseconds(1'700'000'000'000)};

TrackerState State(const std::string& id, const std::string& provider = "replay:x") {
  TrackerState state;
  state.tracker.id = Id(id);
  state.tracker.provider = provider;
  state.tracker.offline_after = 600s;
  return state;
}

class TrackerTableTest : public testing::Test {
 protected:
  static FixReport Report(const std::string& id, WallTime fix_time, double latitude = 1) {
    FixReport report;
    report.tracker_id = Id(id);
    report.fix.place = {latitude, 2};
    report.fix.fix_time = fix_time;
    report.fix.source = "replay:x";
    return report;
  }
  /// What came of it: `accepted`, `late` and so on, or the code of the error.
  std::string Take(const FixReport& report, WallTime now) {
    derived_ = {};
    auto taken = table_.Take(report, now, 2min, derived_);
    if (!taken) return taken.error().code;
    switch (*taken) {
      case Taken::kAccepted: return "accepted";
      case Taken::kLate: return "late";
      case Taken::kDuplicate: return "duplicate";
      case Taken::kLastWill: return "last_will";
      case Taken::kContact: break;
    }
    return "contact";
  }
  void Register(const std::vector<TrackerState>& states, WallTime now = kNow) {
    derived_ = {};
    table_.Register(states, now, derived_);
  }
  /// What is to be told: `a:online(contact)`, `a@<milliseconds after kNow>`.
  List Told() const {
    List out;
    for (const store::OutboxEntry& entry : derived_.batch.outbox) {
      const auto envelope = ParseEnvelope(entry.envelope, 100'000);
      const auto body = *base::ScanJson(envelope->notification);
      const auto text = [&](const char* name) {
        return base::DecodeJsonString(base::FindMember(body, name)->text);
      };
      const std::string id = envelope->tracker_id->ToText();
      out.push_back(envelope->message_type == "tracker_status_change"
                        ? id + ":" + text("status") + "(" + text("reason") + ")"
                        : id + "@" + text("fix_time").substr(17, 6));
    }
    return out;
  }
  List Keys() const {
    List keys;
    for (const store::OutboxEntry& entry : derived_.batch.outbox) keys.push_back(entry.key);
    return keys;
  }

  tracking::StatusOptions options_;
  TrackerTable table_{options_, std::nullopt};
  Derived derived_;
};

TEST_F(TrackerTableTest, AScopeKnowsTheTrackersOfItsProviderAlone) {
  TrackerTable scoped(options_, "replay:x");
  scoped.Register({State("a"), State("b", "push")}, kNow, derived_);
  EXPECT_EQ(scoped.size(), 1u);
  EXPECT_TRUE(scoped.Take(Report("a", kNow), kNow, 2min, derived_));
  EXPECT_EQ(scoped.Take(Report("b", kNow), kNow, 2min, derived_).error().code, "unknown_tracker");
  derived_ = {};
  scoped.SetProvider("push", false, kNow, derived_);
  EXPECT_TRUE(derived_.batch.empty());
  scoped.Register({State("a", "push")}, kNow, derived_);
  EXPECT_EQ(scoped.size(), 0u) << "it went over to another provider";
}

TEST_F(TrackerTableTest, WhoWasMovedByHandIsNotTakenBack) {
  TrackerTable scoped(options_, "replay:x");
  TrackerState moved = State("a", "push");
  moved.tracker.edited.source = true;
  scoped.Register({moved}, kNow, derived_);
  tracking::Tracker described = State("a").tracker;
  scoped.KeepEdits(described);
  EXPECT_EQ(described.provider, "push");
  Register({moved});
  EXPECT_EQ(Take(Report("a", kNow), kNow), "other_provider") << "in one process, too";
  FixReport own = Report("a", kNow);
  own.fix.source = "push:osmand";
  EXPECT_EQ(Take(own, kNow), "accepted");
}

TEST_F(TrackerTableTest, TheNameOfAProviderIsNotTheBeginningOfAnother) {
  TrackerState moved = State("a", "replay:x");
  moved.tracker.edited.source = true;
  Register({moved});
  FixReport former = Report("a", kNow);
  former.fix.source = "replay:x2";
  EXPECT_EQ(Take(former, kNow), "other_provider");
  EXPECT_EQ(Take(Report("a", kNow), kNow), "accepted");
}

TEST_F(TrackerTableTest, WhatIsReplacedGoesOnAndWhatIsNotNamedIsGone) {
  Register({State("a"), State("b")});
  Take(Report("a", kNow), kNow);
  derived_ = {};
  table_.Replace({State("a"), State("c")}, kNow, derived_);
  EXPECT_TRUE(derived_.batch.empty());
  EXPECT_EQ(table_.size(), 2u);
  EXPECT_EQ(Take(Report("b", kNow), kNow), "unknown_tracker");
  EXPECT_EQ(Take(Report("a", kNow), kNow), "duplicate") << "its latest position is known";
}

TEST_F(TrackerTableTest, OneThatIsGoneIsNotMissed) {
  Register({State("a"), State("b")});
  Take(Report("a", kNow), kNow);
  Take(Report("b", kNow), kNow);
  table_.Remove(Id("a"));
  derived_ = {};
  table_.Tick(kNow + 1h, derived_);
  EXPECT_EQ(Told(), List{"b:offline(timeout)"});
}

TEST_F(TrackerTableTest, AShorterPatienceCountsAtOnce) {
  Register({State("a")});
  Take(Report("a", kNow), kNow);
  TrackerState hasty = State("a");
  hasty.tracker.offline_after = 60s;
  Register({hasty});
  table_.Tick(kNow + 59s, derived_);
  EXPECT_EQ(Told(), List{});
  table_.Tick(kNow + 60s, derived_);
  EXPECT_EQ(Told(), List{"a:offline(timeout)"});
}

TEST_F(TrackerTableTest, WhatAProviderRepeatsIsNoContact) {
  Register({State("a")});
  Take(Report("a", kNow), kNow);
  derived_ = {};
  table_.Tick(kNow + 600s, derived_);
  EXPECT_EQ(Told(), List{"a:offline(timeout)"});
  EXPECT_EQ(Take(Report("a", kNow), kNow + 601s), "duplicate");
  EXPECT_EQ(Told(), List{});
  FixReport pushed = Report("a", kNow);
  pushed.pushed = true;
  EXPECT_EQ(Take(pushed, kNow + 602s), "duplicate");
  EXPECT_EQ(Told(), List{"a:online(contact)"}) << "the tracker itself spoke";
  EXPECT_EQ(derived_.batch.contacts.at(0).at, kNow + 602s);
}

TEST_F(TrackerTableTest, AnOldFixOfAProviderTellsThePlaceButNotThatItIsOnline) {
  Register({State("a")});
  EXPECT_EQ(Take(Report("a", kNow - 600s), kNow), "accepted");
  EXPECT_EQ(Told(), List{"a@20.000"});
  FixReport pushed = Report("a", kNow - 599s);
  pushed.pushed = true;
  EXPECT_EQ(Take(pushed, kNow), "accepted");
  EXPECT_EQ(Told(), (List{"a:online(contact)", "a@21.000"})) << "sent late, but now, by itself";
}

TEST_F(TrackerTableTest, ASignOfLifeKeepsThePlaceAndBringsWhatIsSaidBesides) {
  Register({State("a")});
  FixReport alarm;
  alarm.tracker_id = Id("a");
  alarm.has_place = false;
  EXPECT_EQ(Take(alarm, kNow), "contact");
  EXPECT_EQ(Told(), List{"a:online(contact)"});
  Take(Report("a", kNow), kNow);
  alarm.fix.attributes_json = R"({"alarm":"sos"})";
  alarm.fix.battery_percent = 7;
  EXPECT_EQ(Take(alarm, kNow + 10s), "contact");
  EXPECT_EQ(Told(), List{"a@20.000"}) << "the time of the place stays";
  EXPECT_NE(derived_.batch.outbox.at(0).envelope.find(R"("attributes":{"alarm":"sos"})"),
            std::string::npos);
  EXPECT_TRUE(derived_.batch.positions.empty());
  const store::Contact& contact = derived_.batch.contacts.at(0);
  EXPECT_EQ(contact.attributes_json, alarm.fix.attributes_json);
  EXPECT_EQ(contact.battery_percent, 7);
  alarm.fix = {};
  EXPECT_EQ(Take(alarm, kNow + 20s), "contact");
  EXPECT_EQ(Told(), List{}) << "nothing but that it lives";
}

TEST_F(TrackerTableTest, ALastWillIsToldOnceAndIsNoContact) {
  Register({State("a"), State("b")});
  FixReport fix = Report("a", kNow);
  fix.pushed = true;
  Take(fix, kNow);
  FixReport will;
  will.tracker_id = Id("a");
  will.has_place = false;
  will.last_will = will.pushed = true;
  EXPECT_EQ(Take(will, kNow + 10s), "last_will");
  EXPECT_EQ(Told(), List{"a:offline(last_will)"});
  EXPECT_TRUE(derived_.batch.contacts.empty());
  EXPECT_EQ(derived_.batch.statuses.size(), 1u);
  EXPECT_EQ(Take(will, kNow + 11s), "last_will");
  EXPECT_TRUE(derived_.batch.empty()) << "it is known";
  fix.fix.fix_time = kNow + 20s;
  Take(fix, kNow + 20s);
  EXPECT_EQ(Told(), (List{"a:online(contact)", "a@40.000"}));
  will.fix.fix_time = kNow + 19s;
  EXPECT_EQ(Take(will, kNow + 30s), "last_will");
  EXPECT_TRUE(derived_.batch.empty()) << "it has been heard since";
  will.tracker_id = Id("b");
  Take(will, kNow + 30s);
  EXPECT_EQ(Told(), List{"b:offline(last_will)"}) << "who was never heard is known to be gone";
}

TEST_F(TrackerTableTest, WhatAProviderSaysOfALastWillIsOrderedByItsOwnTimes) {
  Register({State("a")});
  Take(Report("a", kNow), kNow + 30s);
  FixReport will = Report("a", kNow + 20s);
  will.has_place = false;
  will.last_will = true;
  Take(will, kNow + 60s);
  EXPECT_EQ(Told(), List{"a:offline(last_will)"}) << "asked at 30 s, gone since 20 s";
  EXPECT_EQ(Take(Report("a", kNow + 10s), kNow + 60s), "accepted");
  EXPECT_EQ(Told(), List{"a@30.000"}) << "before it was gone";
  Take(Report("a", kNow + 50s), kNow + 90s);
  EXPECT_EQ(Told(), (List{"a:online(contact)", "a@10.000"}));
  Take(will, kNow + 120s);
  EXPECT_TRUE(derived_.batch.empty()) << "the source repeats itself";
}

TEST_F(TrackerTableTest, WhatOthersHaveToldIsStoredAndNotToldAgain) {
  Register({State("a", kToldProvider), State("b", kPushProvider), State("c")});
  const auto told = [](const char* id, WallTime at) {
    FixReport report = Report(id, at);
    report.fix.source = "theirs";
    report.told = true;
    report.told_motion = tracking::Motion::kMoving;
    return report;
  };
  EXPECT_EQ(Take(told("a", kNow), kNow), "accepted");
  EXPECT_EQ(Told(), List{}) << "its status too is for others to tell";
  EXPECT_EQ(derived_.batch.positions.at(0).motion, tracking::Motion::kMoving);
  EXPECT_EQ(Take(told("a", kNow), kNow + 1s), "duplicate");
  EXPECT_TRUE(derived_.batch.empty());
  EXPECT_EQ(Take(told("a", kNow - 1s), kNow + 1s), "late");
  EXPECT_EQ(derived_.batch.positions.size(), 1u);
  EXPECT_EQ(Take(told("a", kNow + 3min), kNow), "future_fix_time");
  EXPECT_EQ(Take(told("b", kNow), kNow), "accepted");
  EXPECT_EQ(Told(), List{"b:online(contact)"}) << "one that is registered has a status of ours";
  EXPECT_EQ(Take(told("c", kNow), kNow), "other_provider");
  EXPECT_EQ(Take(told("d", kNow), kNow), "unknown_tracker");
  derived_ = {};
  table_.Tick(kNow + 24h, derived_);
  EXPECT_EQ(Told(), List{"b:offline(timeout)"});
}

TEST_F(TrackerTableTest, WhoHasThoseThatPushHasThoseThatOthersTellOf) {
  TrackerTable scoped(options_, kPushProvider);
  scoped.Register({State("a", kToldProvider), State("b", kPushProvider), State("c")}, kNow,
                  derived_);
  EXPECT_EQ(scoped.size(), 2u);
  TrackerTable other(options_, "replay:x");
  other.Register({State("a", kToldProvider), State("c")}, kNow, derived_);
  EXPECT_EQ(other.size(), 1u);
}

TEST_F(TrackerTableTest, APingFromTheSamePlaceIsNoFix) {
  Register({State("a")});
  Take(Report("a", kNow), kNow);
  FixReport ping = Report("a", kNow + 60s);
  ping.is_ping = true;
  EXPECT_EQ(Take(ping, kNow + 60s), "contact");
  ping.fix.place.latitude = 1.001;
  EXPECT_EQ(Take(ping, kNow + 60s), "accepted");
}

TEST_F(TrackerTableTest, WhatWaitedIsOfWhenItWasReceived) {
  Register({State("a")});
  FixReport waited = Report("a", kNow - 700s);
  waited.pushed = true;
  waited.received_at = kNow - 650s;
  EXPECT_EQ(Take(waited, kNow), "accepted");
  EXPECT_EQ(Told(), List{"a@40.000"}) << "silence since would count";
  EXPECT_EQ(derived_.batch.positions.at(0).received_at, kNow - 650s);
}

TEST_F(TrackerTableTest, OneWhoComesToAProviderFollowsIt) {
  Register({State("a", "traccar:office"), State("b", "push")});
  FixReport report = Report("a", kNow);
  Take(report, kNow);
  report.tracker_id = Id("b");
  Take(report, kNow);
  derived_ = {};
  table_.SetProvider("traccar:office", false, kNow, derived_);
  EXPECT_EQ(Told(), List{"a:unknown(provider_down)"});
  Register({State("b", "traccar:office")}, kNow + 1s);
  EXPECT_EQ(Told(), List{"b:unknown(provider_down)"});
  Register({State("a", "push")}, kNow + 2s);
  EXPECT_EQ(Told(), List{"a:online(contact)"}) << "heard a moment ago";
}

TEST_F(TrackerTableTest, OneThatIsMadeAgainSaysWhereItIsEvenIfThatWasSaidBefore) {
  Register({State("a")});
  ASSERT_EQ(Take(Report("a", kNow), kNow), "accepted");
  const std::string before = Keys().back();
  Take(Report("a", kNow + 1s), kNow + 1s);
  const std::string later = Keys().back();
  table_.Remove(Id("a"));
  Register({State("a")}, kNow + 5s);
  ASSERT_EQ(Take(Report("a", kNow), kNow + 5s), "accepted");
  EXPECT_NE(Keys().back(), before);
  Take(Report("a", kNow + 1s), kNow + 6s);
  EXPECT_EQ(Keys().back(), later) << "and then the key is made of what it says alone";
}

TEST_F(TrackerTableTest, TwoWhoFindTheSameEndOfAStateMakeTheSameKey) {
  TrackerState state = State("a");
  state.status = {tracking::Connectivity::kOnline, tracking::Motion::kStopped, kNow - 1h,
                  kNow - 1h};
  state.last_seen_at = kNow;
  Register({state});
  table_.Tick(kNow + 600s, derived_);
  const List first = Keys();
  TrackerTable other(options_, std::nullopt);
  derived_ = {};
  other.Register({state}, kNow + 1s, derived_);
  other.Tick(kNow + 700s, derived_);
  EXPECT_EQ(Keys(), first);
  EXPECT_EQ(first.size(), 1u);
}

}  // namespace
}  // namespace trackwire::ingest
