#include "gateway/peers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "base/text.h"
#include "tests/support/shared_clock.h"

namespace trackwire::gateway {
namespace {

using namespace std::chrono_literals;

/// A channel without a server: what was said waits until it is passed on.
class Channel final : public broker::PubSub {
 public:
  void Publish(std::string, std::string message) override { said_.push_back(std::move(message)); }
  std::unique_ptr<Subscription> Subscribe(std::string, Handler handler) override {
    const int id = next_++;
    handlers_[id] = std::move(handler);
    return std::make_unique<Hearing>(*this, id);
  }
  /// Until nobody has anything to say.
  void PassOn() {
    while (!said_.empty()) {
      const std::string message = std::move(said_.front());
      said_.pop_front();
      if (away) continue;
      // A handler may end its own subscription.
      const auto handlers = handlers_;
      for (const auto& [id, handler] : handlers) handler(message);
    }
  }

  bool away = false;  ///< whatever is said is lost

 private:
  struct Hearing final : Subscription {
    Hearing(Channel& in, int which) : channel(in), id(which) {}
    ~Hearing() override { channel.handlers_.erase(id); }
    Channel& channel;
    int id;
  };

  std::deque<std::string> said_;
  std::map<int, Handler> handlers_;
  int next_ = 0;
};

Peer Someone(uint32_t number) {
  return {number, "10.0.0." + std::to_string(number), static_cast<uint16_t>(9'000 + number), "key",
          "here"};
}

class PeersTest : public ::testing::Test {
 protected:
  Peers& Join(const Peer& self, bool* heard = nullptr) {
    auto changed = [this](const PeerTable&) { ++changes_; };
    all_.push_back(std::make_unique<Peers>(loop_, channel_, std::move(changed)));
    all_.back()->Join(self, [heard] {
      if (heard != nullptr) *heard = true;
    });
    channel_.PassOn();
    return *all_.back();
  }
  void Advance(std::chrono::milliseconds by) {
    for (auto left = by; left > 0ms; left -= 100ms) {
      clock_.Advance(100ms);
      loop_.Poll();
      channel_.PassOn();
    }
  }
  static std::vector<uint32_t> Numbers(const Peers& peers) {
    std::vector<uint32_t> numbers;
    for (const auto& [number, peer] : peers.table()) numbers.push_back(number);
    return numbers;
  }

  test::SharedClock clock_;
  net::Loop loop_{"peers", clock_};
  Channel channel_;
  int changes_ = 0;
  std::vector<std::unique_ptr<Peers>> all_;
};

using List = std::vector<uint32_t>;

TEST_F(PeersTest, KnowEachOtherAtOnce) {
  bool heard = false;
  const Peers& first = Join(Someone(1));
  const Peers& second = Join(Someone(2), &heard);
  EXPECT_TRUE(heard);
  EXPECT_EQ(Numbers(first), List{2});
  EXPECT_EQ(Numbers(second), List{1});
  EXPECT_EQ(second.table().at(1), Someone(1));
  const Peers& third = Join(Someone(3));
  EXPECT_EQ(Numbers(third), (List{1, 2}));
  EXPECT_EQ(Numbers(first), (List{2, 3}));
}

TEST_F(PeersTest, NothingChangesWhileAllAreWell) {
  const Peers& first = Join(Someone(1));
  Join(Someone(2));
  const int before = changes_;
  Advance(60s);
  EXPECT_EQ(changes_, before);
  EXPECT_EQ(Numbers(first), List{2});
}

TEST_F(PeersTest, OneThatLeavesIsGoneAtOnce) {
  const Peers& first = Join(Someone(1));
  Join(Someone(2)).Leave();
  channel_.PassOn();
  EXPECT_EQ(Numbers(first), List{});
}

TEST_F(PeersTest, OneThatDiesIsGoneSoon) {
  const Peers& first = Join(Someone(1));
  Join(Someone(2));
  all_.pop_back();
  Advance(4s);
  EXPECT_EQ(Numbers(first), List{2});
  Advance(8s);
  EXPECT_EQ(Numbers(first), List{});
}

TEST_F(PeersTest, NobodyIsForgottenWhileTheBrokerIsAway) {
  const Peers& first = Join(Someone(1));
  const Peers& second = Join(Someone(2));
  channel_.away = true;
  Advance(60s);
  EXPECT_EQ(Numbers(first), List{2});
  channel_.away = false;
  Advance(10s);
  EXPECT_EQ(Numbers(first), List{2});
  EXPECT_EQ(Numbers(second), List{1});
}

TEST_F(PeersTest, AsksUntilItIsHeard) {
  bool heard = false;
  channel_.away = true;
  const Peers& first = Join(Someone(1), &heard);
  Join(Someone(2));
  Advance(1s);
  EXPECT_FALSE(heard);
  channel_.away = false;
  Advance(300ms);
  EXPECT_TRUE(heard);
  EXPECT_EQ(Numbers(first), List{2});
}

TEST_F(PeersTest, AnotherMachinesLoopbackIsNobodysAddress) {
  Peer near = Someone(1);
  near.host = "127.0.0.1";
  Peer far = Someone(2);
  far.host = "127.0.0.1";
  far.machine = "elsewhere";
  const Peers& first = Join(near);
  Join(far);
  EXPECT_EQ(Numbers(first), List{});
  near.number = 3;
  Join(near);
  EXPECT_EQ(Numbers(first), List{3});
}

TEST_F(PeersTest, WhatIsNoPeerIsIgnored) {
  const Peers& first = Join(Someone(1));
  const std::string key = base::Base64UrlEncode("key");
  for (const std::string& bad :
       {std::string(), std::string("here"), "here 0 10.0.0.2 80 " + key + " m",
        "here 2 name.test 80 " + key + " m", "here 2 10.0.0.2 0 " + key + " m",
        "here 2 10.0.0.2 70000 " + key + " m", std::string("here 2 10.0.0.2 80 !! m"),
        "here 2 0.0.0.0 80 " + key + " m", "here 2 :: 80 " + key + " m",
        "here 2 10.0.0.2 80 " + key, "here -2 10.0.0.2 80 " + key + " m",
        "there 2 10.0.0.2 80 " + key + " m", "here 1 10.6.6.6 80 " + key + " m",
        "here 2 10.0.0.2 80 " + key + " " + std::string(2'000, 'm')}) {
    channel_.Publish("socket:gateways", bad);
    channel_.PassOn();
    EXPECT_EQ(Numbers(first), List{}) << bad;
  }
  channel_.Publish("socket:gateways", "here 2 10.0.0.2 80 " + key + " m");
  channel_.PassOn();
  EXPECT_EQ(Numbers(first), List{2});
}

TEST_F(PeersTest, ThereAreOnlySoMany) {
  const Peers& first = Join(Someone(1));
  const std::string key = base::Base64UrlEncode("key");
  for (size_t i = 2; i < Peers::kMaxPeers + 100; ++i) {
    channel_.Publish("socket:gateways", "here " + std::to_string(i) + " 10.0.0.2 80 " + key + " m");
  }
  channel_.PassOn();
  EXPECT_EQ(first.table().size(), Peers::kMaxPeers);
}

TEST(LoopbackDomainTest, IsTheSameForTheSameProcess) {
  EXPECT_FALSE(LoopbackDomain().empty());
  EXPECT_EQ(LoopbackDomain().find(' '), std::string::npos);
  EXPECT_EQ(LoopbackDomain(), LoopbackDomain());
}

}  // namespace
}  // namespace trackwire::gateway
