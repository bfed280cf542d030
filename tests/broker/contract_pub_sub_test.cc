#include <gmock/gmock.h>

#include <mutex>

#include "tests/broker/backends.h"
#include "tests/broker/contract.h"

namespace trackwire::broker {
namespace {

using testing::ElementsAre;

class PubSubContract : public BrokerContract {
 protected:
  using Seat = std::unique_ptr<PubSub::Subscription>;

  PubSub& pub_sub() { return broker_->pub_sub(); }

  void TearDown() override {
    loop_->Run([this] { seats_.clear(); });
    BrokerContract::TearDown();
  }
  /// Everything that is heard goes, with `who`, into one list.
  size_t Listen(const std::string& channel, const std::string& who) {
    loop_->Run([&] {
      seats_.push_back(pub_sub().Subscribe(channel, [this, who](std::string_view message) {
        heard_.push_back(who + ":" + std::string(message));
      }));
    });
    // Heard as soon as something published afterwards arrives.
    const std::string probe = "probe " + std::to_string(seats_.size());
    EXPECT_TRUE(test::Until([&] {
      pub_sub().Publish(channel, probe);
      const auto heard = Heard();
      return std::find(heard.begin(), heard.end(), who + ":" + probe) != heard.end();
    }));
    return seats_.size() - 1;
  }
  std::vector<std::string> Heard() {
    std::vector<std::string> heard;
    loop_->Run([&] { heard = heard_; });
    return heard;
  }
  /// What came since the probes, once `last` has come.
  std::vector<std::string> HeardUntil(const std::string& last) {
    EXPECT_TRUE(test::Until([&] {
      const auto heard = Heard();
      return std::find(heard.begin(), heard.end(), last) != heard.end();
    })) << last;
    std::vector<std::string> heard = Heard();
    std::erase_if(heard, [](const std::string& one) {
      return one.find("probe") != std::string::npos;
    });
    return heard;
  }

  std::vector<Seat> seats_;
  std::vector<std::string> heard_;  ///< the loop's
};

TEST_P(PubSubContract, MessagesOfOneSenderArriveInTheirOrder) {
  Listen("a", "1");
  std::vector<std::string> expected;
  for (int n = 0; n < 500; ++n) {
    pub_sub().Publish("a", std::to_string(n));
    expected.push_back("1:" + std::to_string(n));
  }
  EXPECT_EQ(HeardUntil("1:499"), expected);
}

TEST_P(PubSubContract, EveryListenerOfAChannelHearsAndNobodyElse) {
  Listen("a", "1");
  Listen("a", "2");
  Listen("b", "3");
  pub_sub().Publish("a", "x");
  pub_sub().Publish("c", "nobody");
  pub_sub().Publish("b", std::string("\0\xff", 2));
  pub_sub().Publish("a", "end");
  pub_sub().Publish("b", "end");
  EXPECT_TRUE(test::Until([&] { return Heard().back() == "3:end"; }));
  EXPECT_THAT(HeardUntil("2:end"), testing::UnorderedElementsAre(
                                       "1:x", "2:x", "3:" + std::string("\0\xff", 2), "1:end",
                                       "2:end", "3:end"));
}

TEST_P(PubSubContract, AnEndedSubscriptionHearsNothing) {
  const size_t first = Listen("a", "1");
  Listen("a", "2");
  loop_->Run([&] { seats_[first].reset(); });
  pub_sub().Publish("a", "x");
  EXPECT_THAT(HeardUntil("2:x"), ElementsAre("2:x"));
}

TEST_P(PubSubContract, AHandlerMayEndAnySubscription) {
  Listen("a", "1");
  Seat other;
  loop_->Run([&] {
    // The first handler that hears ends both: itself and the one after it.
    Seat* mine = &seats_.emplace_back();
    *mine = pub_sub().Subscribe("b", [this, &other, mine](std::string_view message) {
      heard_.push_back("ends:" + std::string(message));
      other.reset();
      mine->reset();
    });
    other = pub_sub().Subscribe("b", [this](std::string_view) { heard_.push_back("never"); });
  });
  EXPECT_TRUE(test::Until([&] {
    pub_sub().Publish("b", "x");
    return Heard().back() == "ends:x";
  }));
  pub_sub().Publish("b", "y");
  pub_sub().Publish("a", "end");
  EXPECT_THAT(HeardUntil("1:end"), ElementsAre("ends:x", "1:end"));
}

TEST_P(PubSubContract, ASubscriptionMadeAgainIsHeardAgain) {
  const size_t first = Listen("a", "1");
  loop_->Run([&] { seats_[first].reset(); });
  Listen("a", "2");
  pub_sub().Publish("a", "x");
  EXPECT_THAT(HeardUntil("2:x"), ElementsAre("2:x"));
}

INSTANTIATE_TEST_SUITE_P(Brokers, PubSubContract, testing::ValuesIn(kPersistentBackends));

}  // namespace
}  // namespace trackwire::broker
