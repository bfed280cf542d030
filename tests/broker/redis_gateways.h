#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json_scanner.h"
#include "broker/redis/redis_broker.h"
#include "net/loop.h"
#include "tests/support/await.h"
#include "tests/support/redis_server.h"

namespace trackwire::broker {

/// A broker as a gateway uses it: what comes in is looked at on a loop of its own and appended, or
/// refused when it is no JSON object.
class Gateway {
 public:
  Gateway(net::Loop& loop, RedisBrokerOptions options) : loop_(loop) {
    auto opened = OpenRedisBroker(std::move(options), loop, Clock::System());
    CHECK(opened.has_value());
    broker_ = std::move(*opened);
    intake_.Start();
    loop_.Run([this] {
      broker_->log().Tail([this](const std::vector<LogEntryPtr>& entries) {
        tailed_.insert(tailed_.end(), entries.begin(), entries.end());
      });
      broker_->log().OnBreak([this] { ++breaks_; });
    });
    broker_->inlet()->Open(intake_, [this](std::vector<Incoming> batch) { Take(std::move(batch)); });
    EXPECT_TRUE(test::Until([this] { return Health().ready; })) << Health().detail;
  }
  /// As SIGKILL leaves it, as far as Redis can tell.
  ~Gateway() {
    loop_.Run([this] { broker_.reset(); });
    intake_.Stop();
  }
  void End() {
    test::Await<bool>([this](auto done) { broker_->inlet()->Close([done] { done(true); }); });
    test::Await<bool>([this](auto done) { broker_->Shutdown([done] { done(true); }); });
  }

  Broker& broker() { return *broker_; }
  BrokerHealth Health() {
    BrokerHealth health;
    loop_.Run([&] { health = broker_->health(); });
    return health;
  }
  /// Everything heard and taken so far is dealt with.
  bool Idle() { return handed_ == settled_ && Health().append_queue == 0; }
  std::vector<std::string> Tailed() {
    std::vector<std::string> texts;
    loop_.Run([&] {
      for (const LogEntryPtr& entry : tailed_) texts.push_back(entry->envelope);
    });
    return texts;
  }
  bool OffsetsRise() {
    bool rise = true;
    loop_.Run([&] {
      for (size_t i = 1; i < tailed_.size(); ++i) {
        if (tailed_[i]->offset.SameEpoch(tailed_[i - 1]->offset)) {
          rise = rise && tailed_[i - 1]->offset < tailed_[i]->offset;
        }
      }
    });
    return rise;
  }
  int breaks() const { return breaks_; }
  uint64_t handed() const { return handed_; }

 private:
  void Take(std::vector<Incoming> batch) {
    handed_ += batch.size();
    for (Incoming& one : batch) {
      const auto value = base::ScanJson(one.envelope);
      if (!value || !value->is_object()) {
        ++settled_;
        broker_->inlet()->Refuse(std::move(one), "not_an_envelope");
        continue;
      }
      std::string key;
      if (const auto id = base::FindMember(*value, "id")) key = base::DecodeJsonString(id->text);
      std::vector<AppendRequest> requests;
      requests.push_back({std::move(one.envelope), std::move(key), one.heard_at, one.ticket});
      broker_->log().Append(std::move(requests), [this](const auto&) { ++settled_; });
    }
  }

  net::Loop& loop_;
  net::Loop intake_{"intake"};
  std::unique_ptr<Broker> broker_;
  std::vector<LogEntryPtr> tailed_;  ///< the loop's
  std::atomic<uint64_t> handed_{0};
  std::atomic<uint64_t> settled_{0};
  std::atomic<int> breaks_{0};
};

class RedisGateways : public testing::Test {
 protected:
  void SetUp() override { loop_.Start(); }
  void TearDown() override {
    gateways_.clear();
    loop_.Stop();
  }

  RedisBrokerOptions Options() const {
    RedisBrokerOptions options;
    options.link.target = ParseRedisUrl(server_.unix_url()).value();
    options.window = std::chrono::milliseconds(1000);
    options.lease = std::chrono::milliseconds(600);
    return options;
  }
  Gateway& AddGateway() { return AddGateway(Options()); }
  Gateway& AddGateway(RedisBrokerOptions options) {
    gateways_.push_back(std::make_unique<Gateway>(loop_, std::move(options)));
    return *gateways_.back();
  }
  /// `count` publishes in one go; `%d` in the text counts from `from`.
  void Publish(const std::string& text, int from, int count) {
    const std::string heard = server_.Command(
        {"EVAL",
         "local heard = 0 for i = ARGV[2], ARGV[2] + ARGV[3] - 1 do heard = redis.call('PUBLISH', "
         "'socket:notifications', (string.gsub(ARGV[1], '%%d', string.format('%d', i)))) end "
         "return heard",
         "0", text, std::to_string(from), std::to_string(count)});
    EXPECT_NE(heard, "0");
  }
  void PutIn(const std::string& text, int from, int count) {
    server_.Command(
        {"EVAL",
         "for i = ARGV[2], ARGV[2] + ARGV[3] - 1 do redis.call('XADD', "
         "'socket:notification:inbox', '*', 'envelope', (string.gsub(ARGV[1], '%%d', "
         "string.format('%d', i)))) end",
         "0", text, std::to_string(from), std::to_string(count)});
  }
  /// Until all gateways have dealt with everything and seen a last entry. What a gateway is yet to
  /// hear may come after that one: then it was not the last, and another is put.
  void Settle() {
    std::string last;
    ASSERT_TRUE(test::Until([&] {
      if (server_.Command({"XLEN", "socket:notification:inbox"}) != "0") return false;
      for (auto& gateway : gateways_) {
        if (!gateway->Idle()) return false;
      }
      const auto texts = gateways_.front()->Tailed();
      if (last.empty() || (std::ranges::find(texts, last) != texts.end() && texts.back() != last)) {
        last = "{\"last\":" + std::to_string(++lasts_) + "}";
        gateways_.front()->broker().log().Append({{last, "", {}}}, {});
        return false;
      }
      return std::ranges::all_of(gateways_, [&](auto& gateway) {
        const auto seen = gateway->Tailed();
        return !seen.empty() && seen.back() == last;
      });
    }));
    for (auto& gateway : gateways_) EXPECT_TRUE(gateway->OffsetsRise());
  }
  /// How often each envelope came out of the log, for the one who was there from the beginning.
  static std::map<std::string, int> Counted(Gateway& gateway) {
    std::map<std::string, int> counts;
    for (const std::string& text : gateway.Tailed()) {
      if (!text.starts_with("{\"last\"")) ++counts[text];
    }
    return counts;
  }
  static std::map<std::string, int> Once(const std::string& before, const std::string& after,
                                         int count, int times = 1) {
    std::map<std::string, int> counts;
    for (int i = 0; i < count; ++i) counts[before + std::to_string(i) + after] = times;
    return counts;
  }

  test::RedisServer server_;
  net::Loop loop_{"control"};
  std::vector<std::unique_ptr<Gateway>> gateways_;
  int lasts_ = 0;
};

}  // namespace trackwire::broker
