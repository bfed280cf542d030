// WebSocket messages that are begun and not ended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "net/http/server.h"
#include "net/websocket/stream.h"
#include "tests/net/net_test_client.h"

namespace trackwire::net::websocket {
namespace {

using net::testing::Client;
using net::testing::Eventually;
using net::testing::MaskedFrame;
using net::testing::TestServer;
using ::testing::StartsWith;
using namespace std::chrono_literals;

constexpr uint8_t kFirst = 0x01;  // text, not final
constexpr uint8_t kMore = 0x00;   // continued, not final
constexpr uint8_t kLast = 0x80;   // continued, final
constexpr uint8_t kText = 0x81;
constexpr uint8_t kClose = 0x88;
constexpr uint8_t kPing = 0x89;
constexpr uint8_t kPong = 0x8A;
constexpr size_t kUnreachableRate = 65'535;

/// Echoes on any number of streams.
class EchoAll final : public http::Handler {
 public:
  explicit EchoAll(StreamOptions options) : options_(options) {}

  http::Body OnRequest(const http::Exchange& exchange, const http::Request& request) override {
    auto echo = std::make_shared<Echo>(*this);
    echo->self = echo;
    echo->stream = exchange.Upgrade(request, echo.get(), options_, {});
    return http::Body::None();
  }
  void OnBody(const http::Exchange&, const http::Request&, std::string) override {}

  std::atomic<int> cause{-1};

 private:
  struct Echo final : Listener {
    explicit Echo(EchoAll& all) : owner(all) {}
    void OnMessage(FrameKind kind, std::string_view payload) override {
      stream.Send(FrameRef::Hold(EncodedFrame::Make(kind, payload)));
    }
    void OnClosed(CloseCause why, uint16_t) override {
      owner.cause = static_cast<int>(why);
      const auto last = std::move(self);
    }
    EchoAll& owner;
    Stream stream;
    std::shared_ptr<Echo> self;
  };

  StreamOptions options_;
};

class UnfinishedTest : public ::testing::Test {
 protected:
  void Start(StreamOptions options, Shard::Options shard = {}) {
    echo_ = std::make_unique<EchoAll>(options);
    server_ = std::make_unique<TestServer>(1, shard);
    server_->router().Mount("/ws", echo_.get());
    server_->Start();
  }
  std::unique_ptr<Client> Open() {
    auto client = std::make_unique<Client>(server_->port());
    EXPECT_THAT(client->OpenWebSocket(), StartsWith("HTTP/1.1 101 "));
    return client;
  }
  static StreamOptions Impatient() {
    StreamOptions options;
    options.close_timeout = 200ms;
    options.message_timeout = 40ms;
    options.min_bytes_per_second = kUnreachableRate;
    return options;
  }
  /// The code of the close frame that comes in the end; other frames before it are skipped.
  static int CloseCode(Client& client) {
    while (const auto frame = client.ReadFrame()) {
      if (frame->first_byte != kClose || frame->payload.size() < 2) continue;
      return static_cast<uint8_t>(frame->payload[0]) * 256 +
             static_cast<uint8_t>(frame->payload[1]);
    }
    return 0;
  }

  std::unique_ptr<EchoAll> echo_;  // outlives the server
  std::unique_ptr<TestServer> server_;
};

TEST_F(UnfinishedTest, AMessageWithoutAnEndIsEnded) {
  Start(Impatient());
  auto client = Open();
  client->WriteFrame(kFirst, "begun");
  EXPECT_EQ(CloseCode(*client), 1008);
  EXPECT_EQ(echo_->cause, static_cast<int>(CloseCause::kTooSlow));
  EXPECT_EQ(server_->Counters().too_slow, 1u);
}

TEST_F(UnfinishedTest, AFrameWithoutAnEndIsEnded) {
  Start(Impatient());
  for (const size_t sent : {1, 3, 8, 20}) {
    auto client = Open();
    client->Write(MaskedFrame(kText, std::string(1'000, 'x')).substr(0, sent));
    EXPECT_EQ(CloseCode(*client), 1008) << sent;
  }
}

TEST_F(UnfinishedTest, PingsInBetweenDoNotProlongIt) {
  Start(Impatient());
  auto client = Open();
  client->WriteFrame(kFirst, "begun");
  int code = 0;
  while (code == 0) {
    client->WriteFrame(kPing, "alive");
    const auto frame = client->ReadFrame();
    ASSERT_TRUE(frame);
    if (frame->first_byte == kClose) code = static_cast<uint8_t>(frame->payload[1]) + 0x300;
  }
  EXPECT_EQ(code, 1008);
}

TEST_F(UnfinishedTest, EmptyFragmentsDoNotProlongItEither) {
  Start(Impatient());
  auto client = Open();
  client->WriteFrame(kFirst, "begun");
  while (server_->Counters().too_slow == 0) client->WriteFrame(kMore, "");
  EXPECT_EQ(CloseCode(*client), 1008);
}

TEST_F(UnfinishedTest, MessagesInPortionsThatEndAreTakenForEver) {
  Start(Impatient());
  auto client = Open();
  // Portions of messages and of pings, for longer than any single one may take.
  const auto until = Steady::now() + 5 * Impatient().message_timeout;
  while (Steady::now() < until) {
    const std::string ping = MaskedFrame(kPing, "p");
    client->Write(ping.substr(0, 3));
    client->Write(ping.substr(3));
    auto pong = client->ReadFrame();
    ASSERT_TRUE(pong && pong->first_byte == kPong);
    client->WriteFrame(kFirst, "a");
    client->WriteFrame(kMore, "b");
    client->WriteFrame(kLast, "c");
    auto echo = client->ReadFrame();
    ASSERT_TRUE(echo && echo->first_byte == kText);
    ASSERT_EQ(echo->payload, "abc");
  }
  EXPECT_EQ(server_->Counters().too_slow, 0u);
}

TEST_F(UnfinishedTest, WhatComesFastEnoughHasTheTimeItNeeds) {
  StreamOptions options = Impatient();
  options.min_bytes_per_second = 1;  // two thousand bytes earn half an hour
  Start(options);
  auto client = Open();
  client->WriteFrame(kFirst, std::string(2'000, 'x'));
  const auto until = Steady::now() + 3 * options.message_timeout;
  while (Steady::now() < until) {
    client->WriteFrame(kPing, "p");
    const auto pong = client->ReadFrame();
    ASSERT_TRUE(pong && pong->first_byte == kPong);
  }
  client->WriteFrame(kLast, "y");
  const auto echo = client->ReadFrame();
  ASSERT_TRUE(echo);
  EXPECT_EQ(echo->payload.size(), 2'001u);
}

TEST_F(UnfinishedTest, AllTogetherHaveOneLimit) {
  Shard::Options shard;
  shard.max_input_bytes = 100'000;
  Start({}, shard);
  auto one = Open();
  one->WriteFrame(kFirst, std::string(90'000, 'x'));
  ASSERT_TRUE(Eventually([&] { return server_->Counters().input_bytes > 80'000; }));
  auto two = Open();
  two->WriteFrame(kFirst, std::string(90'000, 'x'));
  EXPECT_EQ(CloseCode(*two), 1013);
  EXPECT_EQ(echo_->cause, static_cast<int>(CloseCause::kNoRoom));
  auto small = Open();
  small->WriteFrame(kFirst, std::string(2'000, 'x'));
  small->WriteFrame(kLast, std::string(2'000, 'x'));
  const auto echo = small->ReadFrame();
  EXPECT_TRUE(echo && echo->payload.size() == 4'000);

  one->WriteFrame(kLast, "end");
  const auto whole = one->ReadFrame();
  EXPECT_TRUE(whole && whole->payload.size() == 90'003);
  EXPECT_EQ(server_->Counters().input_bytes, 0u);
}

TEST_F(UnfinishedTest, WhatBrokenConnectionsHeldIsFreed) {
  Shard::Options shard;
  shard.max_input_bytes = 1'000'000;
  Start({}, shard);
  for (int i = 0; i < 5; ++i) {
    auto client = Open();
    client->WriteFrame(kFirst, std::string(90'000, 'x'));
    ASSERT_TRUE(Eventually([&] { return server_->Counters().input_bytes > 80'000; }));
    if (i % 2 == 0) client->Reset();
    client.reset();
    ASSERT_TRUE(Eventually([&] { return server_->Counters().input_bytes == 0; }));
  }
}

/// Clients that do not read, under a limit that they reach only together.
TEST_F(UnfinishedTest, SlowReadersHaveOneLimitTogether) {
  Shard::Options shard;
  shard.max_backlog_bytes = 2'000'000;
  shard.out.max_bytes = 50'000'000;
  StreamOptions wide;
  wide.max_message_bytes = 1'000'000;
  Start(wide, shard);
  auto slow = std::make_unique<Client>(server_->port(), 4096);
  ASSERT_THAT(slow->OpenWebSocket(), StartsWith("HTTP/1.1 101 "));
  auto quick = Open();
  const std::string large(100'000, 'x');
  // Each is echoed to a client that takes nothing, until its share is used up.
  for (int i = 0; i < 400 && server_->Counters().slow_disconnects == 0; ++i) {
    slow->WriteFrame(kText, large);
    quick->WriteFrame(kText, "still here");
    const auto echo = quick->ReadFrame();
    ASSERT_TRUE(echo && echo->payload == "still here");
  }
  EXPECT_EQ(server_->Counters().slow_disconnects, 1u);
  EXPECT_TRUE(Eventually([&] { return server_->Counters().connections_open == 1; }));
  EXPECT_EQ(server_->Counters().backlog_bytes, 0u);
}

}  // namespace
}  // namespace trackwire::net::websocket
