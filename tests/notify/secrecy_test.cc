// For random rules, trackers, people and notifications, through the real pipeline and real sockets:
// no socket ever receives a field or a tracker that it may not see, and each receives exactly what
// the rules give it, in order, once, byte for byte; who has chosen, nothing but of that.
#include <gtest/gtest.h>

#include "tests/notify/pipeline.h"
#include "tests/notify/secrecy_model.h"

namespace trackwire::notify {
namespace {

using secrecy::Fields;
using secrecy::kFields;
using secrecy::Known;
using secrecy::Node;
using secrecy::Notice;
using secrecy::Person;

/// Whether a hidden name stands anywhere in a value, by a look at each of its names.
bool Leaks(base::JsonValue value, const Fields& hidden) {
  if (value.is_array()) {
    base::JsonArrayReader items(value);
    while (auto item = items.Next()) {
      if (Leaks(*item, hidden)) return true;
    }
  }
  if (!value.is_object()) return false;
  base::JsonObjectReader members(value);
  while (auto member = members.Next()) {
    const std::string name = NormalFieldName(base::DecodeJsonString(member->raw_key));
    for (const size_t field : hidden) {
      if (name == NormalFieldName(kFields[field])) return true;
    }
    if (Leaks(member->value, hidden)) return true;
  }
  return false;
}

bool Leaks(std::string_view json, const Fields& hidden) {
  const auto value = base::ScanJson(json);
  EXPECT_TRUE(value) << json;
  return value && Leaks(*value, hidden);
}

/// One who is connected, or away and may come back.
struct Seat {
  Person who;
  bool resumes = true;  ///< takes part in recovery
  std::unique_ptr<Guest> guest;
  bool away = false;
  bool chooses = false;  ///< has chosen once, and gets some of what it may see
  std::set<std::string> known;  ///< trackers that they may see or could see
  std::vector<const Notice*> missed;
  std::vector<std::string> expected;
};

struct Totals {
  size_t received = 0;
  size_t withheld = 0;
  size_t filtered = 0;
  size_t replayed = 0;
  size_t snapshots = 0;
  size_t became = 0;
  size_t chose = 0;
  size_t positions = 0;
};

/// One world from its beginning to its end.
class Round {
 public:
  Round(uint32_t seed, Totals& totals) : chance_(seed), totals_(totals), pipeline_(MakeUp()) {
    for (int i = 0; i < 5; ++i) Tell(TrackerId(i));
  }

  void Play() {
    for (int i = 0; i < 8; ++i) Enter();
    for (int step = 0; step < 6; ++step) {
      for (uint32_t i = 1 + chance_.Below(8); i > 0; --i) Publish();
      Mark();
      for (Seat& seat : seats_) LookAtSnapshot(seat.who);
      // Whoever belongs to whom changes while nothing is under way.
      if (chance_.OneIn(2)) Tell(TrackerId(chance_.Below(5)));
      for (Seat& seat : seats_) {
        if (chance_.OneIn(3)) {
          seat.away ? Return(seat) : Leave(seat);
        } else if (!seat.away && chance_.OneIn(4)) {
          BecomeAnother(seat);
        } else if (!seat.away && chance_.OneIn(6)) {
          Choose(seat);
        }
      }
      Mark();
    }
    for (Seat& seat : seats_) {
      if (seat.away) Return(seat);
    }
    Mark();
  }

 private:
  Pipeline::Options MakeUp() {
    laws_.hidden_from_all = chance_.SomeFields();
    for (const char* role : {"anonymous", "user", "clerk", "admin"}) {
      if (!chance_.OneIn(3)) laws_.hidden_from[role] = chance_.SomeFields();
    }
    laws_.unknown_public = chance_.OneIn(2);
    laws_.news_public = chance_.OneIn(2);
    Pipeline::Options options;
    options.shards = static_cast<uint16_t>(1 + chance_.Below(2));
    options.rules.unknown_trackers_public = laws_.unknown_public;
    options.rules.public_events = {"mark"};
    if (laws_.news_public) options.rules.public_events.emplace_back("news");
    for (const size_t field : laws_.hidden_from_all) {
      options.fields.hidden_fields.push_back(kFields[field]);
    }
    for (const auto& [role, fields] : laws_.hidden_from) {
      for (const size_t field : fields) {
        options.fields.hidden_from.push_back(role + "=" + kFields[field]);
      }
    }
    return options;
  }

  static std::string TrackerId(uint32_t number) {
    return number == 0 ? "42" : "\"t" + std::to_string(number) + "\"";
  }

  /// The store learns something about a tracker.
  void Tell(const std::string& id) {
    Known known;
    if (!chance_.OneIn(3)) known.client = chance_.Client();
    known.is_public = chance_.OneIn(3);
    known.attributes = chance_.Object(2);
    tracking::Tracker tracker;
    tracker.id = *tracking::Id::FromJson(id);
    tracker.name = "a tracker";
    if (!known.client.empty()) tracker.client_id = tracking::Id::FromJson(known.client);
    tracker.is_public = known.is_public;
    tracker.attributes_json = known.attributes.Write();
    pipeline_.Know(tracker);
    history_.emplace_back(id, known);
    laws_.trackers[id] = std::move(known);
    NoteKnown();
  }

  std::string TokenOf(const Person& who) const {
    return who.signed_in() ? pipeline_.Token(who.user, who.roles, who.clients) : "";
  }

  void Enter() {
    Seat& seat = seats_.emplace_back();
    seat.who = chance_.Someone("p" + std::to_string(seats_.size()));
    seat.resumes = !chance_.OneIn(4);
    Connect(seat);
  }
  void Connect(Seat& seat) {
    seat.guest = std::make_unique<Guest>(pipeline_.port(), TokenOf(seat.who),
                                         seat.resumes ? "" : ",\"recovery\":false");
    seat.chooses = false;
    const std::string session = seat.guest->Next();
    ASSERT_NE(session.find("\"recovered\":false"), std::string::npos) << session;
  }

  void Leave(Seat& seat) {
    seat.guest->Cut();
    seat.away = true;
  }
  void Return(Seat& seat) {
    seat.away = false;
    if (!seat.resumes) {
      seat.missed.clear();
      return Connect(seat);
    }
    if (seat.who.signed_in() && chance_.OneIn(3)) {
      // What they may see now counts, also for what happened before.
      TakeToken(seat, seat.who.user);
    }
    const std::string sid = seat.guest->sid();
    seat.guest->Return();
    ASSERT_EQ(seat.guest->sid(), sid) << "did not get its place back";
    for (const Notice* notice : seat.missed) Expect(seat, *notice);
    totals_.replayed += seat.missed.size();
    seat.missed.clear();
  }

  void TakeToken(Seat& seat, std::string user) {  // a copy: it may be that of `seat`
    do {
      seat.who = chance_.Someone(user);
    } while (!seat.who.signed_in());
    seat.guest->set_token(TokenOf(seat.who));
  }

  /// Presents another token on the open connection.
  void BecomeAnother(Seat& seat) {
    ++totals_.became;
    TakeToken(seat, seat.who.signed_in() ? seat.who.user : "late" + std::to_string(++number_));
    NoteKnown();
    seat.guest->Tell("authenticate", "{\"token\":\"" + TokenOf(seat.who) + "\"}");
    std::string session = seat.guest->Next();
    while (session.rfind("trackers_changed{", 0) == 0) {
      CheckNews(seat, std::string_view(session).substr(session.find('{')));
      session = seat.guest->Next();
    }
    ASSERT_NE(session.find("\"reason\":\"authenticated\""), std::string::npos) << session;
  }

  /// Chooses some trackers and clients, whether or not they may be seen.
  void Choose(Seat& seat) {
    ++totals_.chose;
    seat.chooses = true;
    std::string wish = R"({"trackers":[)" + TrackerId(chance_.Below(7)) + "," +
                       TrackerId(chance_.Below(7)) + "],\"clients\":[" + chance_.Client() + "]";
    if (chance_.OneIn(2)) wish += R"(,"bbox":[1.5,1,2.5,2])";
    const std::string answer = seat.guest->Ask("subscribe", wish + "}");
    EXPECT_FALSE(Leaks(answer, laws_.HiddenFrom(seat.who))) << answer;
    const auto value = base::ScanJson(answer);
    ASSERT_TRUE(value && base::FindMember(*value, "positions")) << answer;
    base::JsonArrayReader positions(*base::FindMember(*value, "positions"));
    while (auto position = positions.Next()) {
      ++totals_.positions;
      const auto id = base::FindMember(*position, "tracker_id");
      ASSERT_TRUE(id) << answer;
      EXPECT_TRUE(laws_.MaySee(seat.who, std::string(id->text))) << answer;
    }
  }

  Notice MakeNotice() {
    static const char* const kTypes[] = {"tracker_location_updated", "tracker_location_updated",
                                         "tracker_status_change", "news", "memo"};
    Notice notice;
    notice.type = kTypes[chance_.Below(5)];
    notice.body = chance_.Object();
    if (chance_.OneIn(2)) notice.tracker = TrackerId(chance_.Below(7));
    if (chance_.OneIn(5)) notice.client = chance_.Client();
    if (chance_.OneIn(5)) notice.socket = SomeSid();
    return notice;
  }
  std::string SomeSid() { return seats_[chance_.Below(8)].guest->sid(); }

  static void Add(Node& object, const std::string& name, const std::string& text) {
    Node::Member member;
    member.raw_name = "\"" + name + "\"";
    member.colon = ":";
    member.value.emplace_back().text = text;
    object.members.insert(object.members.begin(), std::move(member));
  }

  void Publish() {
    Notice& notice = *notices_.emplace_back(std::make_unique<Notice>(MakeNotice()));
    Add(notice.body, "n", std::to_string(++number_));
    if (notice.type == "tracker_location_updated" && notice.tracker) {
      Add(notice.body, "fix_time", "\"2026-01-01T00:00:00." + std::to_string(100 + number_) + "Z\"");
      Add(notice.body, "longitude", "2.0");
      Add(notice.body, "latitude", "1.50");
      if (!notice.client && !notice.socket &&
          (laws_.trackers.count(*notice.tracker) > 0 || laws_.unknown_public)) {
        if (laws_.trackers.count(*notice.tracker) == 0) laws_.trackers[*notice.tracker].is_public = true;
        positions_[*notice.tracker] = notice.body;
      }
    }
    std::string envelope = "{\"message_type\":\"" + notice.type + "\"";
    if (notice.tracker) envelope += ",\"tracker_id\":" + *notice.tracker;
    if (notice.client) envelope += ",\"client_id\":" + *notice.client;
    if (notice.socket) envelope += ",\"socket_id\":\"" + *notice.socket + "\"";
    envelope += ",\"notification\":" + notice.body.Write() + "}";
    ASSERT_TRUE(pipeline_.Take(envelope)) << envelope;
    Hand(notice);
  }

  /// Something for everybody, so that what has not come by then does not come.
  void Mark() {
    Notice& notice = *notices_.emplace_back(std::make_unique<Notice>());
    notice.type = "mark";
    notice.body.kind = Node::Kind::kObject;
    Add(notice.body, "n", std::to_string(++number_));
    const std::string mark = "mark{\"n\":" + std::to_string(number_) + "}";
    ASSERT_TRUE(
        pipeline_.Take("{\"message_type\":\"mark\",\"notification\":" + notice.body.Write() + "}"));
    Hand(notice);
    for (Seat& seat : seats_) {
      if (!seat.away) Collect(seat, mark);
    }
  }

  void Hand(const Notice& notice) {
    for (Seat& seat : seats_) {
      if (seat.away) {
        seat.missed.push_back(&notice);
      } else {
        Expect(seat, notice);
      }
    }
  }
  void Expect(Seat& seat, const Notice& notice) {
    if (!laws_.Gets(seat.who, seat.guest->sid(), notice)) {
      ++totals_.withheld;
      return;
    }
    const std::string whole = notice.body.Write();
    const std::string mine = notice.body.Write(laws_.HiddenFrom(seat.who));
    totals_.filtered += mine != whole ? 1 : 0;
    seat.expected.push_back(notice.type + mine);
  }

  void Collect(Seat& seat, const std::string& last) {
    const Fields hidden = laws_.HiddenFrom(seat.who);
    std::vector<std::string> received;
    NoteKnown();
    while (received.empty() || received.back() != last) {
      std::string event = seat.guest->Next();
      const size_t brace = event.find('{');
      ASSERT_NE(brace, std::string::npos) << "instead of an event: " << event;
      EXPECT_FALSE(Leaks(std::string_view(event).substr(brace), hidden)) << event;
      if (event.rfind("session{", 0) == 0) continue;
      if (event.rfind("trackers_changed{", 0) == 0) {
        CheckNews(seat, std::string_view(event).substr(brace));
        continue;
      }
      received.push_back(std::move(event));
    }
    if (seat.chooses) {
      auto next = seat.expected.begin();
      for (const std::string& event : received) {
        next = std::find(next, seat.expected.end(), event);
        ASSERT_NE(next, seat.expected.end()) << event << " is not its, or not now";
        ++next;
      }
    } else {
      EXPECT_EQ(received, seat.expected);
    }
    totals_.received += received.size();
    seat.expected.clear();
    EXPECT_EQ(seat.guest->offset().empty(), !seat.resumes);
  }

  /// Nobody is told of a tracker that they never could see.
  static void CheckNews(const Seat& seat, std::string_view json) {
    const auto value = base::ScanJson(json);
    ASSERT_TRUE(value) << json;
    const auto list = base::FindMember(*value, "trackers");
    ASSERT_TRUE(list) << json;
    if (list->is_null()) return;
    base::JsonArrayReader trackers(*list);
    while (auto id = trackers.Next()) EXPECT_EQ(seat.known.count(std::string(id->text)), 1u) << json;
  }
  /// Also counts what they could have seen before they came or came back.
  void NoteKnown() {
    for (Seat& seat : seats_) {
      for (uint32_t i = 0; i < 7; ++i) {
        if (laws_.MaySee(seat.who, TrackerId(i))) seat.known.insert(TrackerId(i));
      }
      for (const auto& [id, known] : history_) {
        if (secrecy::Laws::MaySee(seat.who, known)) seat.known.insert(id);
      }
    }
  }

  void LookAtSnapshot(const Person& who) {
    ++totals_.snapshots;
    const Fields hidden = laws_.HiddenFrom(who);
    const std::string snapshot = pipeline_.Snapshot(who.identity());
    EXPECT_FALSE(Leaks(snapshot, hidden)) << snapshot;
    std::string rest = snapshot;
    size_t shown = 0;
    for (const auto& [id, known] : laws_.trackers) {
      const bool present = snapshot.find("{\"id\":" + id + ",\"name\"") != std::string::npos;
      EXPECT_EQ(present, laws_.MaySee(who, id)) << id << " in " << snapshot;
      shown += present ? 1 : 0;
      const auto position = positions_.find(id);
      if (!present || position == positions_.end()) continue;
      const std::string expected = ",\"position\":" + position->second.Write(hidden) + "}";
      EXPECT_NE(snapshot.find(expected), std::string::npos) << expected << " in " << snapshot;
    }
    const auto value = base::ScanJson(snapshot);
    ASSERT_TRUE(value) << snapshot;
    base::JsonArrayReader trackers(*base::FindMember(*value, "trackers"));
    while (trackers.Next()) --shown;
    EXPECT_EQ(shown, 0u) << "a tracker of nowhere in " << snapshot;
  }

  secrecy::Chance chance_;
  Totals& totals_;
  secrecy::Laws laws_;
  Pipeline pipeline_;
  std::vector<Seat> seats_;
  std::vector<std::unique_ptr<Notice>> notices_;
  std::map<std::string, Node> positions_;
  std::vector<std::pair<std::string, Known>> history_;
  int number_ = 0;
};

TEST(SecrecyTest, NobodyEverReceivesWhatTheyMayNotSee) {
  Totals totals;
  for (uint32_t seed = 1; seed <= 80 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Round(seed, totals).Play();
  }
  // A test in which nothing happens proves nothing.
  EXPECT_GT(totals.received, 3'000u);
  EXPECT_GT(totals.withheld, 3'000u);
  EXPECT_GT(totals.filtered, 500u);
  EXPECT_GT(totals.replayed, 1'000u);
  EXPECT_GT(totals.snapshots, 1'000u);
  EXPECT_GT(totals.became, 100u);
  EXPECT_GT(totals.chose, 50u);
  EXPECT_GT(totals.positions, 20u);
}

}  // namespace
}  // namespace trackwire::notify
