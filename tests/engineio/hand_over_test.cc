// Sessions of one process are found from every shard: connections are handed over under load.
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <thread>

#include "engineio/server.h"
#include "engineio/session_id.h"
#include "tests/engineio/raw_client.h"
#include "tests/engineio/test_shards.h"

namespace trackwire::engineio {
namespace {

using testing::HttpClient;
using testing::Reply;
using testing::TestShards;
using testing::WsClient;

constexpr uint16_t kShards = 4;
constexpr char kSeparator = '\x1e';

class Echo final : public SessionListener {
 public:
  explicit Echo(Session& session) : session_(session) {}
  void OnMessage(net::FrameKind kind, std::string_view data) override {
    session_.SendMessage(kind, data);
  }
  void OnClosed(CloseReason) override {}

 private:
  Session& session_;
};

std::string Target(const std::string& sid, const std::string& transport = "polling") {
  return "/engine.io/?EIO=4&transport=" + transport + (sid.empty() ? "" : "&sid=" + sid);
}

/// What one client has said and heard; numbers from 0 on, each once and in order.
struct Talk {
  std::string sid;
  int said = 0;
  int heard = 0;

  std::string Say(int count) {
    std::string body;
    for (int i = 0; i < count; ++i) {
      if (i > 0) body += kSeparator;
      body += "4" + std::to_string(said++);
    }
    return body;
  }
  void Hear(std::string_view body) {
    for (size_t at = 0; at <= body.size();) {
      const size_t end = std::min(body.find(kSeparator, at), body.size());
      const std::string_view packet = body.substr(at, end - at);
      if (packet != "6" && packet != "2") {
        EXPECT_EQ(packet, "4" + std::to_string(heard));
        ++heard;
      }
      at = end + 1;
    }
  }
};

class HandOverTest : public ::testing::Test {
 protected:
  void SetUp() override { shards_.Listen("/engine.io/", &server_); }
  void TearDown() override { shards_.Stop(); }

  std::string Open(HttpClient& http) {
    const Reply reply = http.Get(Target(""));
    EXPECT_EQ(reply.status, 200);
    const size_t start = reply.body.find("\"sid\":\"") + 7;
    return reply.body.substr(start, reply.body.find('"', start) - start);
  }
  Counters Sum() {
    Counters sum;
    for (net::Shard* shard : shards_.shards()) {
      shard->Run([&] {
        const Counters& one = server_.counters(*shard);
        sum.polling_sessions += one.polling_sessions;
        sum.websocket_sessions += one.websocket_sessions;
        for (size_t i = 0; i < sum.closed.size(); ++i) sum.closed[i] += one.closed[i];
      });
    }
    return sum;
  }

  TestShards shards_{kShards};
  Server server_{shards_.shards(), Options(), [](Session& session, const net::http::Request&) {
                   return std::make_unique<Echo>(session);
                 }};
};

/// Some sessions of one thread over fewer connections than would be needed to keep each on its
/// shard: every request takes any connection that is free.
void Converse(uint16_t port, std::vector<Talk> talks, unsigned seed, int rounds) {
  std::mt19937 random(seed);
  std::array<std::unique_ptr<HttpClient>, 5> lines;
  for (auto& line : lines) line = std::make_unique<HttpClient>(port);
  for (int round = 0; round < rounds; ++round) {
    Talk& talk = talks[random() % talks.size()];
    const size_t poller = random() % lines.size();
    const size_t poster = (poller + 1 + random() % (lines.size() - 1)) % lines.size();
    // The poll waits on one shard's connection while the post comes to another.
    lines[poller]->Start("GET", Target(talk.sid));
    EXPECT_EQ(lines[poster]->Post(Target(talk.sid), talk.Say(1 + random() % 5)).body, "ok");
    talk.Hear(lines[poller]->Finish().body);
    while (talk.heard < talk.said && !::testing::Test::HasFailure()) {
      talk.Hear(lines[random() % lines.size()]->Get(Target(talk.sid)).body);
    }
    if (random() % 8 == 0) lines[poller] = std::make_unique<HttpClient>(port);
  }
  for (Talk& talk : talks) {
    WsClient socket(port, Target(talk.sid, "websocket"));
    EXPECT_TRUE(socket.open());
    socket.Send("2probe");
    EXPECT_EQ(socket.ReadText(), "3probe");
    socket.Send("5");
    socket.Send(talk.Say(1));
    talk.Hear(socket.ReadText());
    EXPECT_EQ(talk.heard, talk.said);
    socket.Send("1");
  }
}

TEST_F(HandOverTest, EveryRequestFindsItsSessionWhereverItComes) {
  constexpr int kThreads = 6;
  constexpr int kTalks = 8;
  std::array<bool, kShards> used{};
  std::vector<std::vector<Talk>> talks(kThreads);
  for (auto& each : talks) {
    for (int i = 0; i < kTalks; ++i) {
      HttpClient http(shards_.port());
      each.push_back({Open(http)});
      used[SessionId::Parse(each.back().sid)->shard] = true;
    }
  }
  EXPECT_EQ(used, (std::array<bool, kShards>{true, true, true, true}));
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, i, &talks] { Converse(shards_.port(), talks[i], i, 500); });
  }
  for (std::thread& thread : threads) thread.join();
  Counters sum = Sum();
  while (sum.polling_sessions + sum.websocket_sessions > 0) sum = Sum();
  EXPECT_EQ(sum.closed[static_cast<size_t>(CloseReason::kTransportClose)], kThreads * kTalks);
}

TEST_F(HandOverTest, ConnectionsMayBreakOnTheirWay) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 4; ++i) {
    threads.emplace_back([this, i] {
      std::mt19937 random(i);
      for (int round = 0; round < 100; ++round) {
        HttpClient opener(shards_.port());
        const std::string sid = Open(opener);
        HttpClient breaker(shards_.port());
        // Whole, in half, or nothing of a body: and gone.
        if (random() % 2 == 0) {
          breaker.Start("GET", Target(sid));
        } else {
          breaker.Start("POST", Target(sid), {"Content-Length: 10"});
          breaker.connection().Send(std::string(random() % 11, '4'));
        }
        if (random() % 2 == 0) {
          breaker.connection().Reset();
        } else {
          breaker.connection().Close();
        }
        // Whatever became of it, others go on, and this one is found or gone.
        HttpClient after(shards_.port());
        const int status = after.Post(Target(sid), "1").status;
        EXPECT_TRUE(status == 200 || status == 400) << status;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Counters sum = Sum();
  while (sum.polling_sessions > 0) sum = Sum();
  uint64_t closed = 0;
  for (const uint64_t count : sum.closed) closed += count;
  EXPECT_EQ(closed, 400u);
}

}  // namespace
}  // namespace trackwire::engineio
