#include "net/websocket/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "net/http/server.h"
#include "tests/net/faults.h"
#include "tests/net/net_test_client.h"

namespace trackwire::net::websocket {
namespace {

using net::testing::Client;
using net::testing::Eventually;
using net::testing::FaultGuard;
using net::testing::MaskedFrame;
using net::testing::TestServer;
using net::testing::TheFaults;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

constexpr uint8_t kText = 0x81;
constexpr uint8_t kClose = 0x88;
constexpr uint8_t kPing = 0x89;
constexpr uint8_t kPong = 0x8A;

FrameRef Text(std::string_view payload, EncodedFrame::Options options = {}) {
  return FrameRef::Hold(EncodedFrame::Make(FrameKind::kText, payload, options));
}

/// One WebSocket on the server's side; echoes and remembers how it ended. Made and used on its
/// shard, read by the test.
class Echo final : public Listener {
 public:
  void OnMessage(FrameKind kind, std::string_view payload) override {
    ++messages;
    if (payload == "close me") return stream.Close(4001, "as you wish");
    if (payload == "drop me") return stream.Abort();
    if (payload == "burst") return Burst();
    if (payload == "throw") throw std::runtime_error("on purpose");
    stream.Send(FrameRef::Hold(EncodedFrame::Make(kind, payload)));
  }
  void OnClosed(CloseCause why, uint16_t with) override {
    EXPECT_FALSE(stream.open());
    cause = static_cast<int>(why);
    code = with;
    if (++closes; throws_when_closed) throw std::runtime_error("on purpose");
  }

  /// More than is kept for a slow client, of one key.
  void Burst() const {
    const FrameRef frame = Text(std::string(1'000, 'b'), {.conflation_key = 1});
    for (int i = 0; i < 3'000; ++i) stream.Send(frame);
  }

  Stream stream;
  std::atomic<int> messages{0};
  std::atomic<int> closes{0};
  std::atomic<int> cause{-1};
  std::atomic<int> code{-1};
  std::atomic<bool> throws_when_closed{false};
};

/// Opens a stream for each request, kept until the end of the test.
class Opener final : public http::Handler {
 public:
  explicit Opener(StreamOptions options) : options_(options) {}

  http::Body OnRequest(const http::Exchange& exchange, const http::Request& request) override {
    auto echo = std::make_unique<Echo>();
    http::Headers headers;
    headers.Add("X-Test", "yes");
    echo->stream = exchange.Upgrade(request, echo.get(), options_, headers);
    EXPECT_FALSE(exchange.alive());
    if (!echo->stream.open()) return http::Body::None();
    const std::lock_guard lock(mutex_);
    shards_.push_back(&exchange.shard());
    echoes_.push_back(std::move(echo));
    return http::Body::None();
  }
  void OnBody(const http::Exchange&, const http::Request&, std::string) override {}

  size_t count() {
    const std::lock_guard lock(mutex_);
    return echoes_.size();
  }
  Echo& at(size_t index) {
    const std::lock_guard lock(mutex_);
    return *echoes_[index];
  }
  Shard& shard_of(size_t index) {
    const std::lock_guard lock(mutex_);
    return *shards_[index];
  }

 private:
  StreamOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Echo>> echoes_;
  std::vector<Shard*> shards_;
};

class StreamTest : public ::testing::Test {
 protected:
  explicit StreamTest(int shards = 1, OutQueue::Limits limits = {})
      : opener_({.max_message_bytes = 200'000, .close_timeout = 200ms}), server_(shards, limits) {
    server_.router().Mount("/ws", &opener_);
    server_.Start();
  }

  std::unique_ptr<Client> Open(int receive_buffer = 0) {
    auto client = std::make_unique<Client>(server_.port(), receive_buffer);
    const size_t before = opener_.count();
    EXPECT_THAT(client->OpenWebSocket(), StartsWith("HTTP/1.1 101 "));
    EXPECT_EQ(opener_.count(), before + 1);
    return client;
  }

  /// The payload of the next frame, which must be a text.
  static std::string ReadText(Client& client) {
    const auto frame = client.ReadFrame();
    EXPECT_TRUE(frame && frame->first_byte == kText);
    return frame ? frame->payload : std::string();
  }

  Opener opener_;  // outlives the server
  TestServer server_;
};

TEST_F(StreamTest, AnswersTheOpeningWithTheProofOfTheKey) {
  Client client(server_.port());
  const std::string head = client.OpenWebSocket();
  EXPECT_THAT(head, HasSubstr("\r\nUpgrade: websocket\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nConnection: Upgrade\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nX-Test: yes\r\n"));
  // The digest of this key and the protocol's constant, computed elsewhere.
  EXPECT_THAT(head, HasSubstr("\r\nSec-WebSocket-Accept: BACScCJPNqyz+UBoqMH89VmURoA=\r\n"));
}

TEST_F(StreamTest, RefusesWhatIsNoOpening) {
  struct Case {
    const char* fields;
    const char* status;
  };
  const std::string key = "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n";
  const Case cases[] = {
      {"", "400"},
      {"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n", "400"},
      {"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
       "Sec-WebSocket-Key: c2hvcnQ=\r\n",
       "400"},
      {"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n"
       "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n",
       "426"},
      {"Connection: Upgrade\r\nUpgrade: h2c\r\nSec-WebSocket-Version: 13\r\n"
       "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n",
       "400"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.fields);
    Client client(server_.port());
    client.Write("GET /ws HTTP/1.1\r\nHost: here\r\n" + std::string(c.fields) + "\r\n");
    EXPECT_THAT(client.ReadResponse(), StartsWith(std::string("HTTP/1.1 ") + c.status));
  }
  EXPECT_EQ(opener_.count(), 0u);
  EXPECT_EQ(server_.Counters().http_errors, std::size(cases));
}

TEST_F(StreamTest, EchoesMessagesOfAllSizes) {
  auto client = Open();
  for (const size_t size : {0, 1, 125, 126, 65'535, 65'536, 200'000}) {
    const std::string payload(size, 'x');
    client->WriteFrame(kText, payload);
    EXPECT_EQ(ReadText(*client), payload);
  }
}

TEST_F(StreamTest, TakesFramesThatCameWithTheOpening) {
  Client client(server_.port());
  client.OpenWebSocket("/ws", MaskedFrame(kText, "early") + MaskedFrame(kText, "bird"));
  EXPECT_EQ(ReadText(client), "early");
  EXPECT_EQ(ReadText(client), "bird");
}

TEST_F(StreamTest, AnswersPingsBetweenFragments) {
  auto client = Open();
  client->Write(MaskedFrame(0x01, "ab") + MaskedFrame(kPing, "1") + MaskedFrame(0x00, "cd") +
                MaskedFrame(kPing, "2") + MaskedFrame(0x80, "ef"));
  auto pong = client->ReadFrame();
  ASSERT_TRUE(pong);
  EXPECT_EQ(pong->first_byte, kPong);
  EXPECT_EQ(pong->payload, "1");
  EXPECT_EQ(client->ReadFrame()->payload, "2");
  EXPECT_EQ(ReadText(*client), "abcdef");
}

TEST_F(StreamTest, AnswersAFloodOfPingsWithFewPongs) {
  auto client = Open();
  std::string flood;
  for (int i = 0; i < 5000; ++i) flood += MaskedFrame(kPing, std::to_string(i));
  client->Write(flood);
  int pongs = 0;
  std::string latest;
  while (latest != "4999") {
    const auto frame = client->ReadFrame();
    ASSERT_TRUE(frame && frame->first_byte == kPong);
    latest = frame->payload;
    ++pongs;
  }
  EXPECT_LT(pongs, 5000);
}

TEST_F(StreamTest, AnswersTheClosingHandshake) {
  auto client = Open();
  client->WriteFrame(kClose, std::string("\x0F\xA2", 2) + "bye");
  auto frame = client->ReadFrame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->first_byte, kClose);
  EXPECT_EQ(frame->payload, std::string("\x0F\xA2", 2));
  EXPECT_FALSE(client->ReadFrame());
  EXPECT_EQ(opener_.at(0).cause, static_cast<int>(CloseCause::kPeerClosed));
  EXPECT_EQ(opener_.at(0).code, 4002);
}

TEST_F(StreamTest, ClosesWithACodeAndWaitsForThePeer) {
  auto client = Open();
  client->WriteFrame(kText, "close me");
  auto frame = client->ReadFrame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->first_byte, kClose);
  EXPECT_EQ(frame->payload, std::string("\x0F\xA1", 2) + "as you wish");
  client->WriteFrame(kText, "not heard any more");
  client->WriteFrame(kClose, std::string("\x0F\xA1", 2));
  EXPECT_FALSE(client->ReadFrame());
  EXPECT_EQ(opener_.at(0).messages, 1);
  EXPECT_EQ(opener_.at(0).closes, 0);
}

TEST_F(StreamTest, DropsAPeerThatNeverAnswersTheClose) {
  auto client = Open();
  client->WriteFrame(kText, "close me");
  ASSERT_TRUE(client->ReadFrame());
  EXPECT_FALSE(client->ReadFrame());
  EXPECT_TRUE(Eventually([&] { return server_.Counters().connections_open == 0; }));
}

TEST_F(StreamTest, AbortEndsTheConnectionAtOnce) {
  auto client = Open();
  client->WriteFrame(kText, "drop me");
  EXPECT_FALSE(client->ReadFrame());
  EXPECT_EQ(opener_.at(0).closes, 0);
  EXPECT_EQ(server_.Counters().connections_open, 0u);
}

TEST_F(StreamTest, ClosesOnViolationsWithTheirCode) {
  struct Case {
    std::string bytes;
    int code;
    CloseCause cause;
  };
  const Case cases[] = {
      {MaskedFrame(0xC1, "x"), 1002, CloseCause::kProtocolError},
      {std::string("\x81\x01x", 3), 1002, CloseCause::kProtocolError},
      {MaskedFrame(0x81, "\xFF"), 1007, CloseCause::kProtocolError},
      {MaskedFrame(0x82, std::string(200'001, 'x')), 1009, CloseCause::kTooLarge},
      {MaskedFrame(kClose, "x"), 1002, CloseCause::kProtocolError},
  };
  uint64_t errors = 0;
  for (const Case& c : cases) {
    auto client = Open();
    client->Write(c.bytes);
    auto frame = client->ReadFrame();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->first_byte, kClose);
    ASSERT_EQ(frame->payload.size(), 2u);
    EXPECT_EQ(
        static_cast<uint8_t>(frame->payload[0]) << 8 | static_cast<uint8_t>(frame->payload[1]),
        c.code);
    EXPECT_FALSE(client->ReadFrame());
    EXPECT_EQ(opener_.at(errors).cause, static_cast<int>(c.cause));
    EXPECT_EQ(server_.Counters().websocket_errors, ++errors);
  }
}

TEST_F(StreamTest, TellsWhenTheConnectionIsLost) {
  for (const bool reset : {false, true}) {
    auto client = Open();
    Echo& echo = opener_.at(opener_.count() - 1);
    if (reset) {
      client->Reset();
    } else {
      client->Close();
    }
    ASSERT_TRUE(Eventually([&] { return echo.closes == 1; }));
    EXPECT_EQ(echo.cause, static_cast<int>(CloseCause::kConnectionLost));
    EXPECT_EQ(echo.code, 1006);
  }
}

TEST_F(StreamTest, AListenerThatThrowsLosesItsConnection) {
  auto client = Open();
  client->Write(MaskedFrame(kText, "throw") + MaskedFrame(kText, "rest"));
  EXPECT_FALSE(client->ReadFrame());
  ASSERT_TRUE(Eventually([&] { return opener_.at(0).closes == 1; }));
  EXPECT_EQ(opener_.at(0).cause, static_cast<int>(CloseCause::kConnectionLost));
  EXPECT_EQ(opener_.at(0).messages, 1);
}

TEST_F(StreamTest, AListenerThatThrowsOverEarlyFramesLosesItsConnection) {
  auto other = Open();
  Client client(server_.port());
  client.OpenWebSocket("/ws", MaskedFrame(kText, "throw"));
  EXPECT_FALSE(client.ReadFrame());
  ASSERT_TRUE(Eventually([&] { return opener_.at(1).closes == 1; }));
  other->WriteFrame(kText, "still there?");
  EXPECT_EQ(ReadText(*other), "still there?");
}

TEST_F(StreamTest, ATurnEndsForAllWhenOneThrowsInIt) {
  auto lost = Open();
  auto other = Open();
  opener_.at(0).throws_when_closed = true;
  TheFaults().send_error = EPIPE;
  const FaultGuard guard;
  server_.shard().Run([&] {
    TheFaults().sends_before_error = 0;  // the first connection's
    for (size_t i : {0, 1}) opener_.at(i).stream.Send(Text("same turn"));
  });
  EXPECT_EQ(ReadText(*other), "same turn");
  EXPECT_FALSE(lost->ReadFrame());
  EXPECT_EQ(opener_.at(0).closes, 1);
  other->WriteFrame(kText, "still there?");
  EXPECT_EQ(ReadText(*other), "still there?");
  EXPECT_EQ(server_.Counters().connections_open, 1u);
}

TEST_F(StreamTest, SendsAllFramesOfATurnInOneCall) {
  constexpr int kClients = 40;
  constexpr int kFrames = 25;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(Open());
  const ShardCounters before = server_.Counters();
  server_.shard().Post([this] {
    for (int frame = 0; frame < kFrames; ++frame) {
      const FrameRef shared =
          Text("frame " + std::to_string(frame), {.accepted_at = server_.shard().now()});
      for (int i = 0; i < kClients; ++i) {
        opener_.at(static_cast<size_t>(i)).stream.Send(shared);
      }
    }
  });
  for (auto& client : clients) {
    for (int frame = 0; frame < kFrames; ++frame) {
      EXPECT_EQ(ReadText(*client), "frame " + std::to_string(frame));
    }
  }
  const ShardCounters after = server_.Counters();
  EXPECT_EQ(after.writes - before.writes, static_cast<uint64_t>(kClients));
  EXPECT_EQ(after.delivery.count() - before.delivery.count(),
            static_cast<uint64_t>(kClients * kFrames));
}

TEST_F(StreamTest, SendsMoreFramesThanOneCallTakes) {
  auto client = Open();
  server_.shard().Post([this] {
    for (int i = 0; i < 1000; ++i) opener_.at(0).stream.Send(Text(std::to_string(i)));
  });
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(ReadText(*client), std::to_string(i));
}

TEST_F(StreamTest, EndlessInputOfOneClientDoesNotStarveTheOthers) {
  auto busy = Open();
  auto quiet = Open();
  std::atomic<bool> stop{false};
  std::thread flood([&] {
    std::string frames;
    for (int i = 0; i < 1000; ++i) frames += MaskedFrame(kPong, "unasked");
    while (!stop) busy->Write(frames);
  });
  for (int i = 0; i < 200; ++i) {
    quiet->WriteFrame(kText, "still there?");
    EXPECT_EQ(ReadText(*quiet), "still there?");
  }
  stop = true;
  flood.join();
}

TEST_F(StreamTest, SendsWholeThroughWritesOfAnySize) {
  const FaultGuard guard;
  auto client = Open();
  for (size_t size = 1; size < 20; ++size) {
    TheFaults().bytes_per_send = size;
    for (int i = 0; i < 10; ++i) client->WriteFrame(kText, "message " + std::to_string(i));
    for (int i = 0; i < 10; ++i) EXPECT_EQ(ReadText(*client), "message " + std::to_string(i));
  }
}

TEST_F(StreamTest, TellsOfTheConnectionLostAtAnyWrite) {
  for (int writes = 0; writes < 4; ++writes) {
    const FaultGuard guard;
    auto client = Open();
    Echo& echo = opener_.at(opener_.count() - 1);
    TheFaults().send_error = writes % 2 == 0 ? EPIPE : ECONNRESET;
    TheFaults().sends_before_error = writes;
    for (int i = 0; i < writes; ++i) {
      client->WriteFrame(kText, "echo");
      EXPECT_EQ(ReadText(*client), "echo");
    }
    client->WriteFrame(kText, "the last");
    EXPECT_FALSE(client->ReadFrame());
    ASSERT_TRUE(Eventually([&] { return echo.closes == 1; }));
    EXPECT_EQ(echo.cause, static_cast<int>(CloseCause::kConnectionLost));
  }
}

TEST_F(StreamTest, DoesNothingOnceClosed) {
  auto client = Open();
  server_.shard().Run([this] {
    const Stream stream = opener_.at(0).stream;
    stream.Abort();
    EXPECT_FALSE(stream.open());
    stream.Send(Text("x"));
    stream.SendControl(Text("x"));
    stream.Close(1000, "");
    stream.Abort();
    EXPECT_EQ(stream.buffered_bytes(), 0u);
  });
  EXPECT_FALSE(client->ReadFrame());
  server_.shard().Run([] {
    const Stream never;
    EXPECT_FALSE(never.open());
    never.Send(Text("x"));
    never.Abort();
  });
}

/// Small limits, and a client that does not read.
class SlowReaderTest : public StreamTest {
 protected:
  static OutQueue::Limits Small() {
    OutQueue::Limits limits;
    limits.conflate_above_bytes = 100'000;
    limits.max_bytes = 1'000'000;
    return limits;
  }
  SlowReaderTest() : StreamTest(1, Small()) {}

  /// Sends until the kernel takes no more and `bytes` wait with us.
  void FillBacklog(size_t bytes) {
    ASSERT_TRUE(Eventually([&] {
      size_t waiting = 0;
      server_.shard().Run([&] { opener_.at(0).stream.Send(Text(std::string(5'000, 'f'))); });
      server_.shard().Run([&] { waiting = opener_.at(0).stream.buffered_bytes(); });
      return waiting >= bytes;
    }));
  }
};

TEST_F(SlowReaderTest, GetsOnlyTheNewestOfEachKey) {
  auto client = Open(4096);
  FillBacklog(120'000);
  server_.shard().Run([this] {
    for (int i = 0; i < 2'000; ++i) {
      opener_.at(0).stream.Send(Text("key " + std::to_string(i % 2) + " " + std::to_string(i),
                                     {.conflation_key = static_cast<uint64_t>(1 + i % 2)}));
    }
    opener_.at(0).stream.Send(Text("end"));
  });
  std::vector<std::string> keyed;
  for (std::string text = ReadText(*client); text != "end"; text = ReadText(*client)) {
    ASSERT_FALSE(text.empty());
    if (text[0] == 'k') keyed.push_back(text);
  }
  EXPECT_THAT(keyed, ::testing::ElementsAre("key 0 1998", "key 1 1999"));
  EXPECT_EQ(server_.Counters().frames_conflated, 1998u);
}

TEST_F(SlowReaderTest, IsDisconnectedPastTheHardLimit) {
  auto client = Open(4096);
  FillBacklog(500'000);
  server_.shard().Run([this] {
    const Stream stream = opener_.at(0).stream;
    for (int i = 0; i < 1000 && stream.open(); ++i) stream.Send(Text(std::string(5'000, 'x')));
    EXPECT_FALSE(stream.open());
    EXPECT_EQ(opener_.at(0).closes, 0);  // told when the turn ends, not from within Send()
  });
  ASSERT_TRUE(Eventually([&] { return opener_.at(0).closes == 1; }));
  EXPECT_EQ(opener_.at(0).cause, static_cast<int>(CloseCause::kSlowConsumer));
  EXPECT_EQ(server_.Counters().slow_disconnects, 1u);
  EXPECT_EQ(server_.Counters().connections_open, 0u);
}

TEST_F(SlowReaderTest, AFastClientMayGetMoreThanTheLimitInOneTurn) {
  auto client = Open();
  std::thread reader([&] {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ReadText(*client).size(), 1'500'000u);
  });
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Eventually([&] {
      size_t waiting = 1;
      server_.shard().Run([&] { waiting = opener_.at(0).stream.buffered_bytes(); });
      return waiting == 0;
    }));
    server_.shard().Run([&] { opener_.at(0).stream.Send(Text(std::string(1'500'000, 'x'))); });
  }
  reader.join();
  EXPECT_EQ(opener_.at(0).closes, 0);
}

/// Limits above what one connection may write in a turn.
class FastReaderTest : public StreamTest {
 protected:
  static OutQueue::Limits Wide() {
    OutQueue::Limits limits;
    limits.conflate_above_bytes = 100'000;
    limits.max_bytes = 6'000'000;
    return limits;
  }
  FastReaderTest() : StreamTest(1, Wide()) {}
};

TEST_F(FastReaderTest, IsNotTakenForASlowOneWhereItsShareOfATurnEnds) {
  const FaultGuard guard;
  auto client = Open();
  server_.shard().Run([&] {
    TheFaults().bytes_per_send = 1;
    for (int i = 0; i < 1'000; ++i) opener_.at(0).stream.Send(Text(std::string(5'500, 'x')));
    EXPECT_GT(opener_.at(0).stream.buffered_bytes(), 5'000'000u);
    // The next event finds the socket writable, with more to write than a share, and readable.
    TheFaults().swallow_sends = true;
    client->WriteFrame(kText, "burst");
  });
  ASSERT_TRUE(Eventually([&] {
    size_t waiting = 1;
    server_.shard().Run([&] { waiting = opener_.at(0).stream.buffered_bytes(); });
    return opener_.at(0).messages == 1 && waiting == 0;
  }));
  EXPECT_EQ(server_.Counters().frames_conflated, 0u);
  EXPECT_EQ(opener_.at(0).closes, 0);
}

/// Opens a stream on the shard that did not accept its connection; more comes at once.
class MovingOpener final : public http::Handler {
 public:
  http::Body OnRequest(const http::Exchange& exchange, const http::Request& request) override {
    if (moved_.exchange(true)) {
      echo.stream = exchange.Upgrade(request, &echo, {}, {});
      client.load()->WriteFrame(kText, "then this");
    } else {
      exchange.HandOver(server->shard(1u - exchange.shard().index()));
    }
    return http::Body::None();
  }
  void OnBody(const http::Exchange&, const http::Request&, std::string) override {}

  Echo echo;
  TestServer* server = nullptr;
  std::atomic<Client*> client{nullptr};

 private:
  std::atomic<bool> moved_{false};
};

TEST(MovedStreamTest, DecodesWhatCameWithTheOpeningFirst) {
  MovingOpener opener;  // outlives the server
  TestServer server(2);
  opener.server = &server;
  server.router().Mount("/ws", &opener);
  Client client(server.Start());
  opener.client = &client;
  client.OpenWebSocket("/ws", MaskedFrame(kText, "first this"));
  EXPECT_EQ(client.ReadFrame()->payload, "first this");
  EXPECT_EQ(client.ReadFrame()->payload, "then this");
}

class TwoShardStreamTest : public StreamTest {
 protected:
  TwoShardStreamTest() : StreamTest(2) {}
};

TEST_F(TwoShardStreamTest, EchoesOnBothShards) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 40; ++i) clients.push_back(Open());
  for (int round = 0; round < 20; ++round) {
    for (auto& client : clients) client->WriteFrame(kText, std::to_string(round));
    for (auto& client : clients) EXPECT_EQ(ReadText(*client), std::to_string(round));
  }
  for (size_t i = 0; i < 2; ++i) {
    uint64_t open = 0;
    server_.shard(i).Run([&] { open = server_.shard(i).counters().connections_open; });
    EXPECT_GT(open, 0u) << "the kernel gave one shard nothing";
  }
}

}  // namespace
}  // namespace trackwire::net::websocket
