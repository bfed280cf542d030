// Many connections at once: who makes room, who is turned away, and what all may hold together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/http/server.h"
#include "net/shard.h"
#include "tests/net/faults.h"
#include "tests/net/net_test_client.h"

namespace trackwire::net::http {
namespace {

using net::testing::Client;
using net::testing::Eventually;
using net::testing::FaultGuard;
using net::testing::TestServer;
using net::testing::TheFaults;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kGetHello = "GET /hello HTTP/1.1\r\nHost: here\r\n\r\n";
constexpr std::string_view kGetHeld = "GET /held HTTP/1.1\r\nHost: here\r\n\r\n";

/// Owes an answer to everybody until the test gives it.
class Holder final : public Handler {
 public:
  Body OnRequest(const Exchange& exchange, const Request&) override {
    const std::lock_guard lock(mutex_);
    held_.push_back(exchange);
    return Body::None();
  }
  void OnBody(const Exchange&, const Request&, std::string) override {}

  size_t count() {
    const std::lock_guard lock(mutex_);
    return held_.size();
  }
  void AnswerAll() {
    const std::lock_guard lock(mutex_);
    for (const Exchange& exchange : held_) exchange.PostRespond(Response::Text(200, "held"));
  }

 private:
  std::mutex mutex_;
  std::vector<Exchange> held_;
};

class CrowdTest : public ::testing::Test {
 protected:
  static Shard::Options Few() {
    Shard::Options options;
    options.max_connections = 3;
    options.max_waiting = 100;
    return options;
  }

  void Start(Shard::Options shard, ServerOptions options = {}) {
    server_ = std::make_unique<TestServer>(1, shard);
    server_->router().On("GET", "/hello", 0,
                         [](const Exchange& exchange, const Request&, std::string) {
                           exchange.Respond(Response::Text(200, "hello"));
                         });
    server_->router().On("POST", "/echo", 100'000,
                         [](const Exchange& exchange, const Request&, std::string body) {
                           exchange.Respond(Response::Text(200, std::move(body)));
                         });
    server_->router().On("GET", "/big", 0,
                         [](const Exchange& exchange, const Request&, std::string) {
                           exchange.Respond(Response::Text(200, std::string(20'000'000, 'b')));
                         });
    server_->router().Mount("/held", &holder_);
    server_->Start(options);
  }

  std::unique_ptr<Client> Connect() { return std::make_unique<Client>(server_->port()); }
  /// Connects and has been served once, so that it is known to the server.
  std::unique_ptr<Client> ConnectAndAsk() {
    auto client = Connect();
    client->Write(kGetHello);
    EXPECT_THAT(client->ReadResponse(), EndsWith("hello"));
    return client;
  }
  /// Connects and waits for an answer.
  std::unique_ptr<Client> ConnectAndHold() {
    const size_t before = holder_.count();
    auto client = Connect();
    client->Write(kGetHeld);
    EXPECT_TRUE(Eventually([&] { return holder_.count() == before + 1; }));
    return client;
  }
  bool Open(size_t connections) {
    return Eventually([&] { return server_->Counters().connections_open == connections; });
  }

  Holder holder_;
  std::unique_ptr<TestServer> server_;
};

TEST_F(CrowdTest, WhoOnlyWaitsMakesRoomLongestFirst) {
  Start(Few());
  auto first = ConnectAndAsk();
  auto second = ConnectAndAsk();
  auto third = ConnectAndAsk();
  auto fourth = ConnectAndAsk();
  EXPECT_EQ(first->ReadToEnd(), "");
  second->Write(kGetHello);
  EXPECT_THAT(second->ReadResponse(), EndsWith("hello"));

  auto fifth = ConnectAndAsk();  // now the second has waited less long than the third
  EXPECT_EQ(third->ReadToEnd(), "");
  for (auto* client : {&second, &fourth, &fifth}) {
    (*client)->Write(kGetHello);
    EXPECT_THAT((*client)->ReadResponse(), EndsWith("hello"));
  }
  EXPECT_EQ(server_->Counters().waiting_evicted, 2u);
  EXPECT_EQ(server_->Counters().connections_refused, 0u);
  EXPECT_TRUE(Open(3));
  EXPECT_EQ(server_->Counters().connections_waiting, 3u);
}

TEST_F(CrowdTest, WhoHasAskedIsKeptWhereTheServerKeepsThem) {
  ServerOptions options;
  options.evict_idle = false;
  Start(Few(), options);
  auto first = ConnectAndAsk();
  auto silent = Connect();
  auto second = ConnectAndAsk();
  auto third = ConnectAndAsk();
  EXPECT_EQ(silent->ReadToEnd(), "");
  EXPECT_EQ(Connect()->ReadToEnd(), "");
  for (auto* client : {&first, &second, &third}) {
    (*client)->Write(kGetHello);
    EXPECT_THAT((*client)->ReadResponse(), EndsWith("hello"));
  }
  EXPECT_EQ(server_->Counters().waiting_evicted, 1u);
  EXPECT_EQ(server_->Counters().connections_refused, 1u);
}

TEST_F(CrowdTest, WhoIsServedIsNotMovedByNewcomers) {
  Start(Few());
  std::vector<std::unique_ptr<Client>> served;
  for (int i = 0; i < 3; ++i) served.push_back(ConnectAndHold());
  EXPECT_EQ(server_->Counters().connections_waiting, 0u);
  auto late = Connect();
  EXPECT_EQ(late->ReadToEnd(), "");
  EXPECT_EQ(server_->Counters().connections_refused, 1u);
  holder_.AnswerAll();
  for (auto& client : served) EXPECT_THAT(client->ReadResponse(), EndsWith("held"));
}

TEST_F(CrowdTest, SilentConnectionsDoNotKeepOthersOut) {
  Shard::Options shard;
  shard.max_connections = 1'000;
  shard.max_waiting = 4;
  Start(shard);
  auto served = ConnectAndHold();
  std::vector<std::unique_ptr<Client>> silent;
  for (int i = 0; i < 100; ++i) silent.push_back(Connect());
  auto served_too = ConnectAndHold();
  EXPECT_TRUE(Eventually([&] { return server_->Counters().connections_accepted == 102; }));
  EXPECT_TRUE(Eventually([&] { return server_->Counters().connections_open <= 2 + 4; }));
  holder_.AnswerAll();
  EXPECT_THAT(served->ReadResponse(), EndsWith("held"));
  EXPECT_THAT(served_too->ReadResponse(), EndsWith("held"));
}

TEST_F(CrowdTest, AnAddressHasItsShareAndNoMore) {
  ServerOptions options;
  options.max_connections_per_address = 2;
  Start(Shard::Options(), options);
  auto first = ConnectAndAsk();
  auto second = ConnectAndAsk();
  EXPECT_EQ(Connect()->ReadToEnd(), "");
  EXPECT_EQ(server_->Counters().refused_address, 1u);

  first->Close();
  EXPECT_TRUE(Open(1));
  auto third = ConnectAndAsk();
  EXPECT_EQ(Connect()->ReadToEnd(), "");
  EXPECT_EQ(server_->Counters().refused_address, 2u);
}

TEST_F(CrowdTest, AnExemptAddressHasNoShare) {
  ServerOptions options;
  options.max_connections_per_address = 1;
  options.exempt = [](std::string_view address) { return address == "127.0.0.1"; };
  Start(Shard::Options(), options);
  auto first = ConnectAndAsk();
  auto second = ConnectAndAsk();
  EXPECT_EQ(server_->Counters().refused_address, 0u);
}

TEST_F(CrowdTest, OutOfDescriptorsWhoOnlyWaitsGivesHisBack) {
  const FaultGuard guard;
  Start(Shard::Options());
  auto idle = ConnectAndAsk();
  TheFaults().accept_error = EMFILE;
  auto next = Connect();
  EXPECT_EQ(idle->ReadToEnd(), "");
  TheFaults().accept_error = 0;
  next->Write(kGetHello);
  EXPECT_THAT(next->ReadResponse(), EndsWith("hello"));
}

std::string Post(size_t length, size_t sent) {
  return "POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: " + std::to_string(length) +
         "\r\n\r\n" + std::string(sent, 'x');
}

TEST_F(CrowdTest, UnfinishedBodiesHaveOneLimitTogether) {
  Shard::Options shard;
  shard.max_input_bytes = 100'000;
  Start(shard);
  std::vector<std::unique_ptr<Client>> unfinished;
  for (int i = 0; i < 2; ++i) {
    unfinished.push_back(Connect());
    unfinished.back()->Write(Post(60'000, 50'000));
  }
  ASSERT_TRUE(Eventually([&] { return server_->Counters().input_bytes > 90'000; }));

  auto late = Connect();
  late->Write(Post(60'000, 50'000));
  EXPECT_THAT(late->ReadToEnd(), StartsWith("HTTP/1.1 503"));
  EXPECT_EQ(server_->Counters().input_refused, 1u);
  // Who sends little is served as ever.
  auto small = Connect();
  small->Write(Post(1'000, 500));
  small->Write(std::string(500, 'x'));
  EXPECT_THAT(small->ReadResponse(), HasSubstr(std::string(1'000, 'x')));

  unfinished[0]->Write(std::string(10'000, 'x'));
  EXPECT_THAT(unfinished[0]->ReadResponse(), EndsWith(std::string(60'000, 'x')));
  unfinished.clear();
  EXPECT_TRUE(Eventually([&] { return server_->Counters().input_bytes == 0; }));
}

TEST_F(CrowdTest, RequestsAheadOfTheirTurnCountToo) {
  Shard::Options shard;
  shard.max_input_bytes = 20'000;
  Start(shard);
  auto client = Connect();
  std::string ahead(kGetHeld);
  for (int i = 0; i < 1'000; ++i) ahead += kGetHello;
  client->Write(ahead);
  ASSERT_TRUE(Eventually([&] { return server_->Counters().input_refused > 0; }));
  holder_.AnswerAll();
  EXPECT_THAT(client->ReadToEnd(), HasSubstr("held"));
  EXPECT_TRUE(Eventually([&] { return server_->Counters().input_bytes == 0; }));
}

TEST_F(CrowdTest, NothingIsReadBehindARequestThatHadNoRoom) {
  Shard::Options shard;
  shard.max_input_bytes = 20'000;
  ServerOptions options;
  options.idle_timeout = std::chrono::milliseconds(500);
  Start(shard, options);
  // While the first answer does not go out, half of the next request is let go of.
  Client client(server_->port(), 4096);
  client.Write("GET /big HTTP/1.1\r\nHost: here\r\n\r\n" + Post(40'000, 30'000));
  ASSERT_TRUE(Eventually([&] { return server_->Counters().input_refused > 0; }));
  EXPECT_THAT(client.ReadResponse(), EndsWith("bbb"));
  client.Write(kGetHello);  // in the body, as the client sees it
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(CrowdTest, NothingIsReadBehindAChunkThatHadNoRoom) {
  Shard::Options shard;
  shard.max_input_bytes = 1'000;
  ServerOptions options;
  options.body_timeout = std::chrono::milliseconds(500);
  Start(shard, options);
  auto client = Connect();
  client->Write("POST /held HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n");
  ASSERT_TRUE(Eventually([&] { return holder_.count() == 1; }));
  holder_.AnswerAll();
  EXPECT_THAT(client->ReadResponse(), EndsWith("held"));
  client->Write("1;" + std::string(6'000, 'x'));
  // At once, not when the rest of the body does not come in time.
  EXPECT_EQ(client->ReadToEnd(), "");
  EXPECT_EQ(server_->Counters().input_refused, 1u);
  EXPECT_EQ(server_->Counters().too_slow, 0u);
}

TEST_F(CrowdTest, WhoAsksALotAtOnceIsServedInTurnsToTheEnd) {
  Start(Shard::Options());
  auto greedy = Connect();
  std::string ahead;
  for (int i = 0; i < 2'000; ++i) ahead += kGetHello;
  greedy->Write(ahead);
  greedy->ShutdownWrite();
  // All of it is answered all the same, though its sending has ended long since.
  size_t answers = 0;
  const std::string all = greedy->ReadToEnd();
  for (size_t at = all.find("HTTP/1.1 200"); at != std::string::npos;
       at = all.find("HTTP/1.1 200", at + 1)) {
    ++answers;
  }
  EXPECT_EQ(answers, 2'000u);
  EXPECT_TRUE(Open(0));
}

TEST_F(CrowdTest, SeatsMoveWithConnectionsBetweenShards) {
  class Mover final : public Handler {
   public:
    explicit Mover(std::unique_ptr<TestServer>& server) : server_(server) {}
    Body OnRequest(const Exchange& exchange, const Request&) override {
      if (exchange.shard().index() == 0) {
        exchange.HandOver(server_->shard(1));
      } else {
        exchange.Respond(Response::Text(200, "moved"));
      }
      return Body::None();
    }
    void OnBody(const Exchange&, const Request&, std::string) override {}

   private:
    std::unique_ptr<TestServer>& server_;
  };
  Mover mover(server_);
  server_ = std::make_unique<TestServer>(2, Shard::Options());
  server_->router().Mount("/move", &mover);
  ServerOptions options;
  options.max_connections_per_address = 1;
  server_->Start(options);
  for (int i = 0; i < 8; ++i) {
    auto client = Connect();
    client->Write("GET /move HTTP/1.1\r\nHost: here\r\n\r\n");
    ASSERT_THAT(client->ReadResponse(), EndsWith("moved"));
    ASSERT_EQ(Connect()->ReadToEnd(), "");
    client->Close();
    ASSERT_TRUE(Open(0));
  }
}

}  // namespace
}  // namespace trackwire::net::http
