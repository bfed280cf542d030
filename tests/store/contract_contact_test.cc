#include "tests/store/contract.h"

namespace trackwire::store {
namespace {

using namespace std::chrono_literals;
using tracking::Id;

/// What is kept of a tracker that was heard without a newer place of it.
class ContactContract : public ContractTest {
 protected:
  void Note(Contact contact) {
    WriteBatch batch;
    batch.contacts.push_back(std::move(contact));
    EXPECT_FALSE(batch.empty());
    auto outcome = store_->Write(batch);
    ASSERT_TRUE(outcome) << outcome.error().detail;
    unknown_ = outcome->unknown;
    Reopen();
  }
  size_t unknown_ = 0;
};

TEST_P(ContactContract, TellsWhenItWasHeardAndLeavesThePlaceAlone) {
  Register({SomeTracker(Id("a"))});
  tracking::Position position = At(Id("a"), 0s);
  position.fix.attributes_json = R"({"fuel":1})";
  position.fix.battery_percent = 50;
  Write({position});
  Note({Id("a"), kNow + 60s, "", {}});
  EXPECT_EQ(State().last_seen_at, kNow + 60s);
  EXPECT_EQ(State().latest->fix.fix_time, kNow);
  EXPECT_EQ(State().latest->received_at, kNow + 5ms);
  EXPECT_EQ(State().latest->fix.attributes_json, R"({"fuel":1})");
  EXPECT_EQ(State().latest->fix.battery_percent, 50);
  Note({Id("a"), kNow + 30s, "", {}});
  EXPECT_EQ(State().last_seen_at, kNow + 60s) << "never back";
}

TEST_P(ContactContract, KeepsWhatItSaidBesides) {
  Register({SomeTracker(Id("a")), SomeTracker(Id("b"))});
  Write({At(Id("a"), 0s), At(Id("b"), 0s)});
  Note({Id("a"), kNow + 60s, R"({"alarm":"sos"})", {}});
  EXPECT_EQ(State().latest->fix.attributes_json, R"({"alarm":"sos"})");
  EXPECT_EQ(State().latest->received_at, kNow + 60s);
  Note({Id("a"), kNow + 70s, "", 7.5});
  EXPECT_EQ(State().latest->fix.attributes_json, R"({"alarm":"sos"})");
  EXPECT_EQ(State().latest->fix.battery_percent, 7.5);
  EXPECT_EQ(State(1).latest->fix.attributes_json, "") << "another one";
  EXPECT_EQ(HistoryOffsets(Id("a")).size(), 1u);
}

TEST_P(ContactContract, WithoutALatestPositionItLeavesNoTrace) {
  Register({SomeTracker(Id("a"))});
  Note({Id("a"), kNow, R"({"alarm":"sos"})", 7});
  EXPECT_EQ(unknown_, 0u);
  EXPECT_FALSE(State().latest);
  Note({Id("nobody"), kNow, "", {}});
  EXPECT_EQ(unknown_, 1u);
}

INSTANTIATE_TEST_SUITE_P(Backends, ContactContract, testing::ValuesIn(Backends()), BackendName);

}  // namespace
}  // namespace trackwire::store
