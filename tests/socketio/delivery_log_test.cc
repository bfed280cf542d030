#include "socketio/delivery_log.h"

#include <gtest/gtest.h>

namespace trackwire::socketio {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<const Delivery> Some(const std::string& args = "1") {
  return EncodeDelivery("/", {"e", {args, {}}, {}, {}}, "o");
}

TEST(LogPositionTest, ComesBackFromItsOffset) {
  for (const LogPosition position : {LogPosition{0, 0}, LogPosition{15, 0}, LogPosition{15, 3}}) {
    EXPECT_EQ(LogPosition::Parse(position.ToOffset("ep"), "ep"), position);
  }
  for (const char* text : {"", "ep", "ep.", "ep.x", "ep.1.", "ep.1.2.3", "ep.1x", "other.1",
                           "ep.99999999999999999999999", "ep.-1"}) {
    EXPECT_FALSE(LogPosition::Parse(text, "ep")) << text;
  }
}

TEST(DeliveryLogTest, IsBoundedByNumberBytesAndAge) {
  const Steady::time_point start{};
  DeliveryLog log;
  const DeliveryLog::Limits three{3, 1'000'000, 10s};
  for (uint64_t i = 1; i <= 5; ++i) log.Append({i, 0}, Some(), start, three);
  EXPECT_EQ(log.entries().size(), 3u);
  EXPECT_FALSE(log.Covers({1, 0}));
  EXPECT_TRUE(log.Covers({2, 0})) << "everything behind the second is there";

  log.Append({6, 0}, Some(), start + 5s, three);
  log.Trim(start + 11s, three);
  EXPECT_EQ(log.entries().size(), 1u);
  log.Append({7, 0}, Some(std::string(5000, '1')), start + 5s, {3, 6000, 10s});
  EXPECT_EQ(log.entries().size(), 0u) << "both forms of it together are over the limit";
  EXPECT_FALSE(log.Covers({6, 0}));
  EXPECT_TRUE(log.Covers({7, 0}));
}

TEST(DeliveryLogTest, FindsWhatIsBehindAPosition) {
  DeliveryLog log;
  const DeliveryLog::Limits limits{100, 1'000'000, 10s};
  for (const LogPosition position : {LogPosition{1, 0}, LogPosition{1, 4}, LogPosition{3, 0}}) {
    log.Append(position, Some(), {}, limits);
  }
  EXPECT_EQ(log.After({0, 0})->position, (LogPosition{1, 0}));
  EXPECT_EQ(log.After({1, 0})->position, (LogPosition{1, 4}));
  EXPECT_EQ(log.After({1, 4})->position, (LogPosition{3, 0}));
  EXPECT_EQ(log.After({3, 0}), log.entries().end());
}

TEST(DeliveryLogTest, KnowsForWhomADeliveryIs) {
  RecoveryRecord record;
  record.sid = "me";
  record.rooms = {"a", "b"};
  const auto addresses = [&](std::vector<std::string> rooms, std::vector<std::string> except,
                             std::string sid = {}) {
    Delivery delivery;
    delivery.rooms = std::move(rooms);
    delivery.except = std::move(except);
    delivery.socket_sid = std::move(sid);
    return Addresses(delivery, record);
  };
  EXPECT_TRUE(addresses({}, {}));
  EXPECT_TRUE(addresses({"x", "b"}, {}));
  EXPECT_TRUE(addresses({"me"}, {}));
  EXPECT_FALSE(addresses({"x"}, {}));
  EXPECT_FALSE(addresses({}, {"a"}));
  EXPECT_FALSE(addresses({"a"}, {"me"}));
  EXPECT_TRUE(addresses({}, {"x"}));
  EXPECT_TRUE(addresses({"a"}, {}, "me"));
  EXPECT_FALSE(addresses({"a"}, {}, "you"));
  EXPECT_FALSE(addresses({"x"}, {}, "me"));
}

}  // namespace
}  // namespace trackwire::socketio
