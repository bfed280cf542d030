// Random trackers, people, choices, notifications and changes of hands over several shards: each
// socket gets exactly what a naive reading of the rules says, live and after coming back.
#include <gmock/gmock.h>

#include <map>
#include <random>
#include <set>

#include "tests/notify/subscribe_scene.h"

namespace trackwire::notify {
namespace {

using tracking::Id;

struct Box {
  double west, south, east, north;
};

/// One person with a connection, and what they should get by the rules.
struct Person {
  bool admin = false;
  std::set<std::string> clients;  // names
  std::unique_ptr<Guest> guest;
  bool chooses = false;
  std::set<std::string> trackers;
  std::set<std::string> of_clients;
  std::optional<Box> box;
  bool away = false;
  std::vector<std::string> expected;
};

struct Thing {
  std::string client;  // empty: nobody's
  bool is_public = false;
  std::optional<std::pair<double, double>> place;  // latitude, longitude
};

/// A notification of the past, to be judged again by who comes back.
struct Said {
  std::string tracker;  // empty: none
  bool located = false;
  std::optional<std::pair<double, double>> place;
  std::string text;     // as a client shows it
  bool open = false;    // for everybody
};

class World : public SubscribeScene {
 protected:
  static constexpr int kTrackers = 8;
  static constexpr int kClients = 3;

  void SetUp() override {
    Pipeline::Options options;
    options.shards = 3;
    options.rules.public_events = {"news"};
    pipeline_ = std::make_unique<Pipeline>(options);
    for (int i = 0; i < kTrackers; ++i) ChangeHands("t" + std::to_string(i));
  }

  uint32_t Below(uint32_t end) { return static_cast<uint32_t>(random_() % end); }
  std::string SomeTracker() { return "t" + std::to_string(Below(kTrackers)); }
  std::string SomeClient() { return "c" + std::to_string(Below(kClients)); }
  /// Coarse, so that places and edges of boxes meet often, on both sides of the antimeridian.
  double SomeLongitude() {
    const double longitude = 170 + 2.5 * Below(9);
    return longitude > 180 ? longitude - 360 : longitude;
  }
  double SomeLatitude() { return 80 + 2.5 * Below(5); }

  // The rules, naively.
  static bool MaySeeIt(const Person& who, const Thing& thing) {
    if (thing.is_public || who.admin) return true;
    return !thing.client.empty() && who.clients.contains(thing.client);
  }
  static bool Inside(const Box& box, std::pair<double, double> place) {
    const auto [latitude, longitude] = place;
    if (latitude < box.south || latitude > box.north) return false;
    // Around the world in both directions.
    const double east = box.west <= box.east ? box.east : box.east + 360;
    for (const double turn : {-360.0, 0.0, 360.0}) {
      if (longitude + turn >= box.west && longitude + turn <= east) return true;
    }
    return false;
  }
  bool Gets(const Person& who, const Said& said) const {
    if (said.tracker.empty()) return said.open || who.admin || !who.clients.empty();
    const Thing& thing = things_.at(said.tracker);
    if (!MaySeeIt(who, thing)) return false;
    if (!who.chooses || who.trackers.contains(said.tracker)) return true;
    if (!thing.client.empty() && who.of_clients.contains(thing.client)) return true;
    const auto place = said.located ? said.place : thing.place;
    return who.box && place && Inside(*who.box, *place);
  }

  void Enter(bool admin) {
    auto person = std::make_unique<Person>();
    person->admin = admin;
    if (!admin) {
      for (uint32_t i = Below(3); i > 0; --i) person->clients.insert(SomeClient());
    }
    std::vector<std::string> ids;
    for (const std::string& client : person->clients) ids.push_back("\"" + client + "\"");
    const std::string user = "u" + std::to_string(people_.size());
    const bool named = admin || !ids.empty();
    person->guest = Join(!named ? ""
                                : pipeline_->Token(user, admin ? std::vector<std::string>{"admin"}
                                                               : std::vector<std::string>{},
                                                   ids));
    people_.push_back(std::move(person));
  }

  void ChangeHands(const std::string& tracker) {
    Thing& thing = things_[tracker];
    thing.client = Below(4) == 0 ? "" : SomeClient();
    thing.is_public = Below(4) == 0;
    pipeline_->Know(TrackerOf(tracker, thing.client, thing.is_public));
    ++changes_;
  }

  void Tell() {
    Said said;
    const int n = ++number_;
    switch (Below(8)) {
      case 0:
        said.open = Below(2) == 0;
        said.text = said.open ? "news" : "memo";
        pipeline_->Say(said.text, n);
        said.text += "{\"n\":" + std::to_string(n) + "}";
        break;
      case 1:
      case 2:
        said.tracker = SomeTracker();
        Status(said.tracker, n);
        said.text = "tracker_status_change{\"n\":" + std::to_string(n) + "}";
        break;
      default:
        said.tracker = SomeTracker();
        said.located = true;
        said.place = {SomeLatitude(), SomeLongitude()};
        Locate("\"" + said.tracker + "\"", said.place->first, said.place->second, n);
        things_[said.tracker].place = said.place;
        said.text = "n" + std::to_string(n);
    }
    for (auto& person : people_) {
      if (!person->away && Gets(*person, said)) person->expected.push_back(said.text);
    }
    said_.push_back(std::move(said));
  }

  void Choose(Person& who) {
    const bool more = Below(3) != 0;
    std::string trackers, clients, box;
    for (uint32_t i = Below(3); i > 0; --i) {
      const std::string id = SomeTracker();
      trackers += (trackers.empty() ? "\"" : ",\"") + id + "\"";
      if (!more) who.trackers.erase(id);
      if (more && MaySeeIt(who, things_.at(id))) who.trackers.insert(id);
    }
    for (uint32_t i = Below(2); i > 0; --i) {
      const std::string id = SomeClient();
      clients += (clients.empty() ? "\"" : ",\"") + id + "\"";
      bool visible = who.clients.contains(id);
      bool exists = false;
      for (const auto& [name, thing] : things_) {
        exists |= thing.client == id;
        visible |= thing.client == id && MaySeeIt(who, thing);
      }
      visible |= who.admin && exists;
      if (!more) who.of_clients.erase(id);
      if (more && visible) who.of_clients.insert(id);
    }
    std::string request = "\"trackers\":[" + trackers + "],\"clients\":[" + clients + "]";
    if (Below(2) == 0) {
      const double south = SomeLatitude();
      const Box asked{SomeLongitude(), south, SomeLongitude(), south + 2.5 * Below(3)};
      if (asked.north > 90) return Ask(who, more, request);
      request += ",\"bbox\":[" + std::to_string(asked.west) + "," + std::to_string(asked.south) +
                 "," + std::to_string(asked.east) + "," + std::to_string(asked.north) + "]";
      who.box = more ? std::optional<Box>(asked) : std::nullopt;
    }
    Ask(who, more, request);
  }
  void Ask(Person& who, bool more, const std::string& request) {
    const std::string answer =
        who.guest->Ask(more ? "subscribe" : "unsubscribe", "{" + request + "}");
    ASSERT_THAT(answer, ::testing::StartsWith("{\"granted\"")) << request;
    if (more) {
      who.chooses = true;
    } else if (!who.chooses) {
      who.trackers.clear();
      who.of_clients.clear();
      who.box.reset();
    }
    if (!more && NamesNothing(request)) {
      // Named nothing: everything goes.
      who.trackers.clear();
      who.of_clients.clear();
      who.box.reset();
    }
  }
  static bool NamesNothing(const std::string& request) {
    return request == R"("trackers":[],"clients":[])";
  }

  /// Reads what has come; the person has been told a last word.
  void Check(Person& who) {
    const int last = ++number_;
    const std::string word = "news{\"n\":" + std::to_string(last) + "}";
    pipeline_->Say("news", last);
    for (auto& person : people_) {
      if (!person->away) person->expected.push_back(word);
    }
    said_.push_back({"", false, std::nullopt, word, true});
    std::vector<std::string> got;
    for (;;) {
      const std::string event = who.guest->Next();
      ASSERT_NE(event, "<closed>");
      if (event.rfind("trackers_changed", 0) == 0 || event.rfind("session", 0) == 0) continue;
      got.push_back(Short(event));
      if (event == word) break;
    }
    ASSERT_EQ(got, who.expected) << (who.chooses ? "chooses" : "all") << " " << who.admin;
    received_ += got.size();
    who.expected.clear();
  }
  static std::string Short(const std::string& event) {
    if (event.rfind("tracker_location_updated", 0) != 0) return event;
    const size_t at = event.rfind("\"n\":") + 4;
    return "n" + event.substr(at, event.find('}', at) - at);
  }

  void Leave(Person& who) {
    Check(who);
    who.guest->Cut();
    who.away = true;
    left_at_[&who] = said_.size();
  }
  void Return(Person& who) {
    // By what is known now.
    for (size_t i = left_at_[&who]; i < said_.size(); ++i) {
      if (Gets(who, said_[i])) who.expected.push_back(said_[i].text);
    }
    who.guest->Return();
    who.away = false;
    ++returns_;
    Check(who);
  }

  std::mt19937 random_{4};
  std::map<std::string, Thing> things_;
  std::vector<std::unique_ptr<Person>> people_;
  std::vector<Said> said_;
  std::map<Person*, size_t> left_at_;
  int number_ = 0;
  int changes_ = 0;
  int returns_ = 0;
  size_t received_ = 0;
};

using SubscribePropertyTest = World;

TEST_F(SubscribePropertyTest, EverySocketGetsExactlyWhatTheRulesSay) {
  for (int i = 0; i < 12; ++i) Enter(i % 4 == 0);
  for (int step = 0; step < 4'000 && !HasFatalFailure(); ++step) {
    Person& who = *people_[Below(static_cast<uint32_t>(people_.size()))];
    const uint32_t dice = Below(100);
    if (dice < 70) {
      Tell();
    } else if (dice < 80) {
      if (!who.away) Choose(who);
    } else if (dice < 88) {
      ChangeHands(SomeTracker());
    } else if (dice < 94) {
      who.away ? Return(who) : Leave(who);
    } else if (!who.away) {
      Check(who);
    }
  }
  for (auto& person : people_) {
    if (HasFatalFailure()) return;
    person->away ? Return(*person) : Check(*person);
  }
  EXPECT_GT(received_, 5'000u);
  EXPECT_GT(changes_, 100);
  EXPECT_GT(returns_, 50);
}

}  // namespace
}  // namespace trackwire::notify
