// Clients that do what they do a byte at a time, or not at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "net/http/server.h"
#include "tests/net/net_test_client.h"

namespace trackwire::net::http {
namespace {

using net::testing::Client;
using net::testing::Eventually;
using net::testing::TestServer;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

/// More than loopback moves: whoever has to keep this rate gets `body_timeout` and no more.
constexpr size_t kUnreachableRate = 1'000'000'000'000;

class SlowClientTest : public ::testing::Test {
 protected:
  uint16_t Start(ServerOptions options) {
    server_.router().On("GET", "/hello", 0,
                        [](const Exchange& exchange, const Request&, std::string) {
                          exchange.Respond(Response::Text(200, "hello"));
                        });
    server_.router().On("GET", "/large", 0,
                        [](const Exchange& exchange, const Request&, std::string) {
                          exchange.Respond(Response::Text(200, std::string(20'000'000, 'x')));
                        });
    server_.router().On("POST", "/echo", 10'000'000,
                        [](const Exchange& exchange, const Request&, std::string body) {
                          exchange.Respond(Response::Text(200, std::move(body)));
                        });
    return server_.Start(options);
  }
  bool Ended() {
    return Eventually([&] { return server_.Counters().connections_open == 0; });
  }
  /// Sends single bytes until the server has had enough of it.
  void Drip(Client& client, char byte) {
    while (server_.Counters().too_slow == 0) client.Write(std::string_view(&byte, 1));
  }

  TestServer server_{1};
};

TEST_F(SlowClientTest, ASilentConnectionEndsWithTheTimeForAHead) {
  ServerOptions options;
  options.head_timeout = 40ms;
  Client client(Start(options));
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(SlowClientTest, AHeadThatDripsEndsInTime) {
  ServerOptions options;
  options.head_timeout = 40ms;
  Client client(Start(options));
  client.Write("GET /hello HTTP/1.1\r\nHost: here\r\nX: ");
  Drip(client, 'x');
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 408"));
}

TEST_F(SlowClientTest, EmptyLinesBeginAHead) {
  ServerOptions options;
  options.head_timeout = 40ms;
  const uint16_t port = Start(options);
  Client one(port);
  one.Write("\r\n");
  EXPECT_EQ(one.ReadToEnd(), "");
  // Also after a request, where the next may take its time to begin.
  Client two(port);
  two.Write("GET /hello HTTP/1.1\r\nHost: here\r\n\r\n\r\n");
  EXPECT_THAT(two.ReadToEnd(), EndsWith("hello"));
  Client many(port);
  many.Write("\r\n\r\n\r\n");
  EXPECT_THAT(many.ReadToEnd(), StartsWith("HTTP/1.1 400"));
}

TEST_F(SlowClientTest, ABodyThatDripsEndsThoughItNeverStops) {
  ServerOptions options;
  options.body_timeout = 40ms;
  options.min_bytes_per_second = kUnreachableRate;
  Client client(Start(options));
  client.Write("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 9000000\r\n\r\n");
  Drip(client, 'x');
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 408"));
  EXPECT_TRUE(Ended());
}

TEST_F(SlowClientTest, ABodyThatNobodyWantsMayNotDripEither) {
  ServerOptions options;
  options.body_timeout = 40ms;
  options.min_bytes_per_second = kUnreachableRate;
  Client client(Start(options));
  client.Write("POST /absent HTTP/1.1\r\nHost: here\r\nContent-Length: 60000\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 404"));
  Drip(client, 'x');
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_TRUE(Ended());
}

TEST_F(SlowClientTest, AFastBodyOfAnyLengthIsTaken) {
  ServerOptions options;
  options.min_bytes_per_second = 1;
  Client client(Start(options));
  const std::string body(3'000'000, 'x');
  client.Write("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 3000000\r\n\r\n");
  client.Write(body);
  EXPECT_THAT(client.ReadResponse(), EndsWith(body));
}

TEST_F(SlowClientTest, AnAnswerThatIsReadByTheByteEnds) {
  ServerOptions options;
  options.body_timeout = 40ms;
  options.min_bytes_per_second = kUnreachableRate;
  Client client(Start(options), 4096);
  client.Write("GET /large HTTP/1.1\r\nHost: here\r\n\r\n");
  size_t read = 0;
  while (server_.Counters().too_slow == 0) read += client.ReadExactly(1'000).size();
  read += client.ReadToEnd().size();
  EXPECT_LT(read, 20'000'000u);
  EXPECT_TRUE(Ended());
}

TEST_F(SlowClientTest, AnAnswerThatIsReadSlowlyAndSteadilyArrives) {
  ServerOptions options;
  options.body_timeout = 400ms;
  const uint16_t port = Start(options);
  Client client(port, 100'000);
  client.Write("GET /large HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  // As a proxy reads for a phone: the kernel, with megabytes between them, does not ask the server
  // for more within its patience.
  Client other(port);
  size_t read = 0;
  const auto begin = Steady::now();
  const auto passed = [begin] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - begin);
  };
  while (passed() < 3 * options.body_timeout && server_.Counters().too_slow == 0) {
    const size_t due = static_cast<size_t>(passed().count()) * 1'000;
    if (due > read) read += client.ReadExactly(due - read).size();
    other.Write("GET /hello HTTP/1.1\r\nHost: here\r\n\r\n");
    EXPECT_THAT(other.ReadResponse(), EndsWith("hello"));
  }
  EXPECT_EQ(server_.Counters().too_slow, 0u);
  read += client.ReadExactly(20'000'000 - read).size();
  EXPECT_EQ(read, 20'000'000u);
}

TEST_F(SlowClientTest, AnAnswerThatNobodyReadsEnds) {
  ServerOptions options;
  options.body_timeout = 40ms;
  const uint16_t port = Start(options);
  Client client(port, 4096);
  client.Write("GET /large HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return server_.Counters().too_slow == 1; }));
  EXPECT_TRUE(Ended());
}

TEST_F(SlowClientTest, ChunksThatAreMostlyWrappingAreRefused) {
  Client client(Start({}));
  client.Write("POST /echo HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "1;" + std::string(4'000, 'e') + "\r\nx\r\n";
  for (int i = 0; i < 50; ++i) client.Write(chunk);
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 400"));
}

TEST_F(SlowClientTest, ChunksOfASingleByteAreTaken) {
  Client client(Start({}));
  std::string body = "POST /echo HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 50'000; ++i) body += "1\r\nx\r\n";
  client.Write(body + "0\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(), EndsWith(std::string(50'000, 'x')));
}

TEST_F(SlowClientTest, PackedBodiesAreRefusedUnopened) {
  const uint16_t port = Start({});
  for (const char* coding : {"gzip", "deflate", "br", "zstd", "gzip, gzip", "x"}) {
    Client client(port);
    client.Write(std::string("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Encoding: ") + coding +
                 "\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08");
    EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 415")) << coding;
  }
  Client plain(port);
  plain.Write(
      "POST /echo HTTP/1.1\r\nHost: here\r\nContent-Encoding: identity\r\n"
      "Content-Length: 3\r\n\r\nabc");
  EXPECT_THAT(plain.ReadResponse(), EndsWith("abc"));
}

TEST_F(SlowClientTest, WhatFollowsARefusedUpgradeIsNoRequest) {
  class Upgrader final : public Handler, public websocket::Listener {
   public:
    Body OnRequest(const Exchange& exchange, const Request& request) override {
      exchange.Upgrade(request, this, {}, {});
      return Body::None();
    }
    void OnBody(const Exchange&, const Request&, std::string) override {}
    void OnMessage(FrameKind, std::string_view) override {}
    void OnClosed(websocket::CloseCause, uint16_t) override {}
  };
  Upgrader upgrader;
  server_.router().Mount("/ws", &upgrader);
  Client client(Start({}));
  client.Write(
      "GET /ws HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 777\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
      "GET /hello HTTP/1.1\r\nHost: here\r\n\r\n");
  const std::string all = client.ReadToEnd();
  EXPECT_THAT(all, StartsWith("HTTP/1.1 426"));
  EXPECT_THAT(all, ::testing::Not(HasSubstr("hello")));
}

}  // namespace
}  // namespace trackwire::net::http
