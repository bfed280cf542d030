#include "notify/audience.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace trackwire::notify {
namespace {

using auth::Identity;
using tracking::Id;

/// Who gets what, said once more as the documents say it, for one person at a time.
bool NaiveRule(const ingest::Envelope& e, const tracking::Tracker* tracker,
               const VisibilityRules& rules, const Identity& who, const std::string& sid) {
  const auto of_client = [&](const Id& client) {
    for (const std::string& mine : who.clients) {
      if (mine == client.ToJson()) return true;
    }
    return false;
  };
  const bool admin = who.authenticated && who.is_admin();
  if (e.socket_id && *e.socket_id != sid) return false;
  if (e.client_id && !admin && !(who.authenticated && of_client(*e.client_id))) return false;
  if (e.tracker_id) {
    if (tracker == nullptr) return rules.unknown_trackers_public || admin;
    if (tracker->is_public || admin) return true;
    return who.authenticated && tracker->client_id && of_client(*tracker->client_id);
  }
  if (IsTrackerEvent(e.message_type) && !e.socket_id) return admin;
  if (e.socket_id || e.client_id) return true;
  for (const std::string& name : rules.public_events) {
    if (name == e.message_type) return true;
  }
  return who.authenticated;
}

class World {
 public:
  explicit World(uint32_t seed) : random_(seed) {}

  bool Maybe() { return Below(2) == 0; }
  uint32_t Below(uint32_t end) { return static_cast<uint32_t>(random_() % end); }
  Id Client() { return Maybe() ? Id(std::string("c") + std::to_string(Below(3))) : Id(int64_t(7)); }

  Identity Person() {
    Identity who;
    who.authenticated = Below(4) != 0;
    if (!who.authenticated) return who;
    if (Below(4) == 0) who.roles.emplace_back("admin");
    if (Maybe()) who.roles.emplace_back("user");
    for (uint32_t i = Below(3); i > 0; --i) who.clients.push_back(Client().ToJson());
    std::sort(who.clients.begin(), who.clients.end());
    return who;
  }
  tracking::Tracker Tracker() {
    tracking::Tracker tracker;
    tracker.id = Id(std::string("t"));
    if (Maybe()) tracker.client_id = Client();
    tracker.is_public = Below(3) == 0;
    return tracker;
  }
  ingest::Envelope Envelope() {
    static const char* const kTypes[] = {"tracker_location_updated", "tracker_status_change",
                                         "tracker_update_status", "news", "alert"};
    ingest::Envelope e;
    e.message_type = kTypes[Below(5)];
    e.notification = "{}";
    if (Below(3) == 0) e.socket_id = "sid" + std::to_string(Below(2));
    if (Maybe()) e.tracker_id = Id(std::string("t"));
    if (Below(3) == 0) e.client_id = Client();
    return e;
  }
  tracking::LatLon Place() {
    return {static_cast<double>(Below(21)) - 10, 170 + static_cast<double>(Below(11))};
  }
  tracking::BoundingBox Box() {
    const tracking::LatLon corner = Place();
    const auto side = static_cast<double>(1 + Below(9));
    const double east = corner.longitude + side;
    return {corner.longitude, corner.latitude, east > 180 ? east - 360 : east,
            corner.latitude + side};
  }
  VisibilityRules Rules() {
    VisibilityRules rules;
    rules.unknown_trackers_public = Maybe();
    if (Maybe()) rules.public_events = {"news"};
    return rules;
  }

 private:
  std::mt19937 random_;
};

TEST(AudienceTest, AgreesWithTheRuleForEverybody) {
  World world(1);
  int received = 0;
  for (int round = 0; round < 50'000; ++round) {
    const ingest::Envelope envelope = world.Envelope();
    const tracking::Tracker tracker = world.Tracker();
    const bool known = envelope.tracker_id && world.Maybe();
    const VisibilityRules rules = world.Rules();
    const Identity who = world.Person();
    const std::string sid = "sid" + std::to_string(world.Below(2));
    const Audience audience = AudienceOf(envelope, known ? &tracker : nullptr, rules);
    const bool expected = NaiveRule(envelope, known ? &tracker : nullptr, rules, who, sid);
    received += expected ? 1 : 0;
    ASSERT_EQ(audience.Admits(who, nullptr, sid), expected)
        << envelope.message_type << " in round " << round;
  }
  EXPECT_GT(received, 5'000);
  EXPECT_LT(received, 45'000);
}

TEST(AudienceTest, ShowsInSnapshotsWhatItLetsThroughInEvents) {
  World world(2);
  for (int round = 0; round < 10'000; ++round) {
    const tracking::Tracker tracker = world.Tracker();
    const Identity who = world.Person();
    ingest::Envelope envelope;
    envelope.message_type = "tracker_location_updated";
    envelope.tracker_id = tracker.id;
    ASSERT_EQ(AudienceOf(envelope, &tracker, {}).Admits(who, nullptr, "s"), MaySee(who, tracker));
  }
}

bool Share(const std::vector<std::string>& some, const std::vector<std::string>& others) {
  return std::any_of(some.begin(), some.end(), [&](const std::string& room) {
    return std::find(others.begin(), others.end(), room) != others.end();
  });
}

/// Whether the rooms, and the check where there is one, let somebody of a view have a notification.
bool Reaches(const Audience& audience, const std::vector<View>& views, const Identity& who,
             View view, const tracking::Selection* selection, const std::string& sid) {
  const auto mine = RoomsOf(who, view, selection);
  ChoiceCounts counts;
  if (selection != nullptr) counts = {1, 1, 1, 1, {}};
  if (selection != nullptr && selection->box) counts.levels[tracking::LevelOf(*selection->box)] = 1;
  const bool of_views = std::find(views.begin(), views.end(), view) != views.end();
  const bool checked = of_views && audience.Admits(who, selection, sid);
  if (NeedsCheck(audience)) {
    const bool in_a_room = Share(mine, RoomsOf(audience, views)) ||
                           Share(mine, ChosenRoomsOf(audience, views, counts));
    return checked && (in_a_room || !audience.socket_sid.empty());
  }
  if (Share(mine, RoomsOf(audience, views))) return true;
  return checked && Share(mine, ChosenRoomsOf(audience, views, counts));
}

TEST(AudienceTest, PutsIntoItsRoomsExactlyWhoIsInIt) {
  World world(3);
  int received = 0;
  int withheld = 0;
  for (int round = 0; round < 50'000; ++round) {
    const ingest::Envelope envelope = world.Envelope();
    const tracking::Tracker tracker = world.Tracker();
    const Identity who = world.Person();
    const std::string sid = "sid" + std::to_string(world.Below(2));
    auto audience = AudienceOf(envelope, world.Maybe() ? &tracker : nullptr, world.Rules());
    if (audience.subject && world.Maybe()) audience.subject->place = world.Place();
    tracking::Selection chosen;
    if (world.Maybe()) chosen.trackers.insert(Id(std::string("t")));
    if (world.Maybe()) chosen.clients.insert(world.Client());
    if (world.Maybe()) chosen.box = world.Box();
    const tracking::Selection* selection = world.Maybe() ? &chosen : nullptr;
    const auto view = static_cast<View>(world.Below(3));
    const std::vector<View> views = world.Maybe() ? std::vector<View>{0, 2} : std::vector<View>{1};
    const bool of_views = std::find(views.begin(), views.end(), view) != views.end();
    const bool expected = of_views && audience.Admits(who, selection, sid);
    (expected ? received : withheld) += 1;
    ASSERT_EQ(Reaches(audience, views, who, view, selection, sid), expected)
        << envelope.message_type << " in round " << round;
  }
  EXPECT_GT(received, 5'000);
  EXPECT_GT(withheld, 5'000);
}

TEST(AudienceTest, GivesAnonymousVisitorsTheRoomOfEverybodyAlone) {
  Identity forged;
  forged.roles = {"admin"};
  forged.clients = {"\"acme\""};
  EXPECT_EQ(RoomsOf(forged, 0, nullptr).size(), 1u) << "not authenticated, whatever else it says";
  EXPECT_EQ(RoomsOf(forged, 0, nullptr), RoomsOf(Identity(), 0, nullptr));
  EXPECT_FALSE(forged.is_admin());
}

}  // namespace
}  // namespace trackwire::notify
