#include "net/http/upstream.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "tests/net/net_test_client.h"
#include "tests/support/scripted_server.h"

namespace trackwire::net::http {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using test::ScriptedServer;
using testing::Client;
using testing::Eventually;
using testing::TestServer;

/// Sends every request on to the one server there is.
class Sender final : public Handler {
 public:
  Sender(Upstreams& upstreams, uint16_t port)
      : upstreams_(upstreams), address_(*UpstreamAddress::Parse("127.0.0.1", port)) {}

  Body OnRequest(const Exchange& exchange, const Request& request) override {
    if (request.method == "POST") return Body::Read(2'000'000);
    Ask(exchange, request, {});
    return Body::None();
  }
  void OnBody(const Exchange& exchange, const Request& request, std::string body) override {
    Ask(exchange, request, "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

 private:
  void Ask(const Exchange& exchange, const Request& request, const std::string& rest) {
    Upstreams::Ask ask;
    ask.server = 7;
    ask.address = address_;
    ask.websocket = request.upgrade;
    ask.wire = request.method + ' ' + request.target + " HTTP/1.1\r\nHost: x\r\n";
    ask.wire += rest.empty() ? "\r\n" : rest;
    upstreams_.Send(std::move(ask), exchange, [exchange](Upstreams::Failure failure) {
      const bool busy = failure == Upstreams::Failure::kBusy;
      exchange.Respond(Response::Text(busy ? 503 : 502, busy ? "busy" : "unreachable"));
    });
  }

  Upstreams& upstreams_;
  const UpstreamAddress address_;
};

class UpstreamTest : public ::testing::Test {
 protected:
  /// Ends the other server before the variables of a test that it uses.
  class [[nodiscard]] Serving {
   public:
    explicit Serving(std::unique_ptr<ScriptedServer>& server) : server_(server) {}
    ~Serving() { server_.reset(); }

   private:
    std::unique_ptr<ScriptedServer>& server_;
  };
  Serving Serve(ScriptedServer::Serve serve) {
    upstream_ = std::make_unique<ScriptedServer>(std::move(serve));
    Begin(upstream_->port());
    return Serving(upstream_);
  }
  void Begin(uint16_t port) {
    upstreams_ = std::make_unique<Upstreams>(server_.shard(), options_);
    sender_ = std::make_unique<Sender>(*upstreams_, port);
    server_.router().Mount("/", sender_.get());
    server_.Start();
  }
  Client Connect(int receive_buffer = 0) { return Client(server_.port(), receive_buffer); }
  std::string Get(const std::string& target = "/") {
    Client client = Connect();
    client.Write("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    return client.ReadResponse();
  }
  UpstreamCounters Counters() {
    UpstreamCounters copy;
    server_.shard().Run([&] { copy = upstreams_->counters(); });
    return copy;
  }
  /// Whether nothing is left of what went on.
  bool AtRest() {
    return Eventually([this] {
      const UpstreamCounters now = Counters();
      return now.open == 0 && now.connections == 0;
    });
  }
  /// A WebSocket opening as a client writes it, as far as it matters here.
  Client Join(int receive_buffer = 0) {
    Client client = Connect(receive_buffer);
    client.Write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    EXPECT_EQ(client.ReadUntil("\r\n\r\n"), kSwitching);
    return client;
  }

  static constexpr const char* kSwitching =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n";

  Upstreams::Options options_;
  std::unique_ptr<Upstreams> upstreams_;
  std::unique_ptr<Sender> sender_;
  TestServer server_{1};
  std::unique_ptr<ScriptedServer> upstream_;
};

TEST_F(UpstreamTest, HandsAnAnswerOnAndUsesTheLineAgain) {
  const Serving serving = Serve([](Peer& peer) {
    while (const auto request = peer.Request()) {
      const std::string target = request->substr(4, request->find(" HTTP") - 4);
      peer.Send("HTTP/1.1 404 Not Found\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
                "Connection: X-Secret\r\nX-Secret: 1\r\nContent-Length: " +
                std::to_string(target.size()) + "\r\n\r\n" + target);
    }
  });
  for (int i = 0; i < 3; ++i) {
    const std::string answer = Get("/some?sid=" + std::to_string(i));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 404 ")) << answer;
    EXPECT_NE(answer.find("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n"), std::string::npos) << answer;
    EXPECT_EQ(answer.find("X-Secret"), std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with("/some?sid=" + std::to_string(i))) << answer;
  }
  EXPECT_EQ(upstream_->connections(), 1);
  EXPECT_EQ(Counters().asked, 3u);
  EXPECT_EQ(Counters().open, 0u);
  server_.shard().Run([this] { upstreams_->Forget(7); });
  EXPECT_TRUE(AtRest());
}

TEST_F(UpstreamTest, CarriesABodyThatFillsTheSockets) {
  const Serving serving = Serve([](Peer& peer) {
    while (const auto request = peer.Request()) {
      peer.Send(test::Answer(200, request->substr(request->find("\r\n\r\n") + 4)));
    }
  });
  std::string body(1'500'000, 'x');
  for (size_t i = 0; i < body.size(); i += 1'000) body[i] = static_cast<char>('a' + i / 1'000 % 26);
  Client client = Connect();
  client.Write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body);
  const std::string answer = client.ReadResponse();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(answer.ends_with(body));
}

TEST_F(UpstreamTest, SaysThatNobodyListens) {
  uint16_t port = 0;
  {
    ScriptedServer gone([](Peer&) {});
    port = gone.port();
  }
  Begin(port);
  EXPECT_TRUE(Get().ends_with("unreachable"));
  EXPECT_EQ(Counters().failed, 1u);
  EXPECT_TRUE(AtRest());
}

TEST_F(UpstreamTest, FailsOnAnswersThatCannotBeHandedOn) {
  std::mutex mutex;
  std::string script;
  const Serving serving = Serve([&](Peer& peer) {
    if (!peer.Request()) return;
    const std::lock_guard lock(mutex);
    peer.Send(script);
  });
  const char* const kBad[] = {"", "HTTP/1.1 200 OK\r\nContent-Le",
                              "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                              "HTTP/1.1 100 Continue\r\n\r\n",
                              "HTTP/1.1 101 Switching Protocols\r\n\r\n", "nonsense\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"};
  for (const char* bad : kBad) {
    {
      const std::lock_guard lock(mutex);
      script = bad;
    }
    EXPECT_TRUE(Get().ends_with("unreachable")) << bad;
  }
  EXPECT_EQ(Counters().failed, std::size(kBad));
  EXPECT_TRUE(AtRest());
}

TEST_F(UpstreamTest, GivesUpWaiting) {
  options_.answer_timeout = 100ms;
  const Serving serving = Serve([](Peer& peer) {
    peer.Request();
    peer.AwaitEnd();
  });
  EXPECT_TRUE(Get().ends_with("unreachable"));
  EXPECT_TRUE(AtRest());
}

TEST_F(UpstreamTest, EndsIdleLines) {
  options_.idle_timeout = 50ms;
  const Serving serving = Serve([](Peer& peer) {
    while (peer.Request()) peer.Send(test::Answer(200, "x"));
  });
  EXPECT_TRUE(Get().ends_with("x"));
  EXPECT_TRUE(AtRest());
}

TEST_F(UpstreamTest, AServerThatSpeaksUnaskedLosesItsLine) {
  const Serving serving = Serve([](Peer& peer) {
    if (!peer.Request()) return;
    peer.Send(test::Answer(200, "x") + test::Answer(200, "never asked for"));
    peer.AwaitEnd();
  });
  EXPECT_TRUE(Get().ends_with("x"));
  EXPECT_TRUE(AtRest());
  EXPECT_TRUE(Get().ends_with("x"));
}

TEST_F(UpstreamTest, AClientThatGoesIsGoneForTheServer) {
  test::Gate asked, ended;
  const Serving serving = Serve([&](Peer& peer) {
    peer.Request();
    asked.Open();
    peer.AwaitEnd();
    ended.Open();
  });
  {
    Client client = Connect();
    client.Write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    asked.Wait();
  }
  ended.Wait();
  EXPECT_TRUE(AtRest());
  EXPECT_EQ(Counters().aborted, 1u);
}

TEST_F(UpstreamTest, RefusesBeyondItsLimit) {
  options_.max_open = 2;
  test::Gate go;
  const Serving serving = Serve([&](Peer& peer) {
    while (peer.Request()) {
      go.Wait();
      peer.Send(test::Answer(200, "served"));
    }
  });
  std::vector<Client> waiting;
  for (int i = 0; i < 2; ++i) {
    waiting.push_back(Connect());
    waiting.back().Write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  EXPECT_TRUE(Eventually([this] { return Counters().open == 2; }));
  EXPECT_TRUE(Get().ends_with("busy"));
  go.Open();
  for (Client& client : waiting) EXPECT_TRUE(client.ReadResponse().ends_with("served"));
  EXPECT_TRUE(Get().ends_with("served"));
  EXPECT_EQ(Counters().refused, 1u);
}

TEST_F(UpstreamTest, KeepsNoMoreIdleLinesThanItMay) {
  options_.max_idle = 1;
  test::Gate go;
  const Serving serving = Serve([&](Peer& peer) {
    while (peer.Request()) {
      go.Wait();
      peer.Send(test::Answer(200, "served"));
    }
  });
  std::vector<Client> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(Connect());
    waiting.back().Write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  EXPECT_TRUE(Eventually([this] { return Counters().open == 3; }));
  go.Open();
  for (Client& client : waiting) EXPECT_TRUE(client.ReadResponse().ends_with("served"));
  EXPECT_TRUE(Eventually([this] { return Counters().connections == 1; }));
}

TEST_F(UpstreamTest, ARefusedWebSocketIsAnAnswer) {
  const Serving serving = Serve([](Peer& peer) {
    peer.Request();
    peer.Send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
    peer.AwaitEnd();
  });
  Client client = Connect();
  client.Write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  const std::string all = client.ReadToEnd();
  EXPECT_TRUE(all.starts_with("HTTP/1.1 400 ")) << all;
  EXPECT_TRUE(all.ends_with("no")) << all;
}

TEST_F(UpstreamTest, JoinsAWebSocket) {
  const Serving serving = Serve([](Peer& peer) {
    peer.Request();
    peer.Send(std::string(kSwitching) + "first");
    std::string heard;
    while (heard.size() < 8) heard += peer.Receive();
    peer.Send("echo " + heard);
    // Its end is the client's, too.
  });
  Client client = Join();
  EXPECT_EQ(client.ReadExactly(5), "first");
  EXPECT_EQ(Counters().websockets, 1u);
  EXPECT_EQ(Counters().open, 1u);
  client.Write("question");
  EXPECT_EQ(client.ReadToEnd(), "echo question");
  client.Close();
  EXPECT_TRUE(AtRest());
}

TEST_F(UpstreamTest, WhatAClientSendsTooEarlyIsNotLost) {
  const Serving serving = Serve([](Peer& peer) {
    peer.Request();
    peer.Send(kSwitching);
    std::string heard;
    while (heard.size() < 5) heard += peer.Receive();
    peer.Send(heard);
  });
  Client client = Connect();
  client.Write(
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly");
  EXPECT_EQ(client.ReadToEnd(), std::string(kSwitching) + "early");
}

TEST_F(UpstreamTest, ASlowClientHoldsTheServerBackAndLosesNothing) {
  constexpr size_t kAll = 24'000'000;
  std::string sent(kAll, ' ');
  for (size_t i = 0; i < kAll; ++i) sent[i] = static_cast<char>(i * 2'654'435'761U >> 24);
  const Serving serving = Serve([&](Peer& peer) {
    peer.Request();
    peer.Send(kSwitching);
    peer.Send(sent);
    // And goes, though most of it is not read yet.
  });
  Client client = Join(4'096);
  // Whatever the sockets hold, the relay holds no more than a read of either side.
  const auto held = [this] {
    uint64_t bytes = 0;
    server_.shard().Run([&] {
      const ShardCounters& now = server_.shard().counters();
      bytes = now.bytes_in > now.bytes_out ? now.bytes_in - now.bytes_out : 0;
    });
    return bytes;
  };
  uint64_t most = 0;
  EXPECT_TRUE(Eventually([&] {
    most = std::max(most, held());
    return most > 0;
  }));
  std::string got;
  while (got.size() < kAll) {
    const std::string more = client.ReadExactly(std::min<size_t>(1'000'000, kAll - got.size()));
    if (more.empty()) break;
    got += more;
    most = std::max(most, held());
  }
  EXPECT_TRUE(got == sent) << got.size();
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_LE(most, 2 * 65'536 + 1'024);
  client.Close();
  EXPECT_TRUE(AtRest());
}

TEST_F(UpstreamTest, ASlowServerHoldsTheClientBackAndLosesNothing) {
  constexpr size_t kAll = 24'000'000;
  test::Gate go;
  std::atomic<size_t> heard{0};
  const Serving serving = Serve([&](Peer& peer) {
    peer.Request();
    peer.Send(kSwitching);
    go.Wait();
    for (std::string more = peer.Receive(); !more.empty(); more = peer.Receive()) {
      heard += more.size();
    }
    // The client sends no more, and still listens.
    peer.Send("that was all");
  });
  Client client = Join();
  std::thread writer([&] {
    client.Write(std::string(kAll, 'x'));
    client.ShutdownWrite();
  });
  EXPECT_TRUE(Eventually([&] { return server_.Counters().bytes_in > 1'000'000; }));
  go.Open();
  writer.join();
  EXPECT_EQ(client.ReadToEnd(), "that was all");
  EXPECT_EQ(heard, kAll);
  EXPECT_TRUE(AtRest());
}

TEST_F(UpstreamTest, ABreakOfEitherSideIsHandedOn) {
  test::Gate ended;
  const Serving serving = Serve([&](Peer& peer) {
    peer.Request();
    peer.Send(kSwitching);
    peer.AwaitEnd();
    ended.Open();
  });
  Client client = Join();
  client.Reset();
  ended.Wait();
  EXPECT_TRUE(AtRest());
}

TEST_F(UpstreamTest, ASilentRelayEnds) {
  options_.relay.idle_timeout = 100ms;
  const Serving serving = Serve([](Peer& peer) {
    peer.Request();
    peer.Send(kSwitching);
    peer.AwaitEnd();
  });
  Client client = Join();
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_TRUE(AtRest());
}

TEST_F(UpstreamTest, AHalfThatNeverEndsIsEnded) {
  options_.relay.end_timeout = 100ms;
  test::Gate ended;
  const Serving serving = Serve([&](Peer& peer) {
    peer.Request();
    peer.Send(kSwitching);
    EXPECT_EQ(peer.Receive(), "");
    // Holds its own half open; the relay does not wait for ever.
    while (peer.Send("more")) std::this_thread::yield();
    ended.Open();
  });
  Client client = Join();
  client.ShutdownWrite();
  ended.Wait();
  EXPECT_TRUE(AtRest());
}

TEST_F(UpstreamTest, StopsInTheMiddle) {
  test::Gate asked;
  const Serving serving = Serve([&](Peer& peer) {
    if (!peer.Request()) return;
    asked.Open();
    peer.AwaitEnd();
  });
  Client client = Connect();
  client.Write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  asked.Wait();
  // The server and its shards go while a request is under way: the sanitizers see what touches it.
}

TEST(UpstreamAddressTest, TakesAddressesAndNoNames) {
  EXPECT_EQ(UpstreamAddress::Parse("127.0.0.1", 80)->address.ss_family, AF_INET);
  EXPECT_EQ(UpstreamAddress::Parse("::1", 80)->address.ss_family, AF_INET6);
  for (const char* bad : {"", "localhost", "1.2.3", "[::1]", "1.2.3.4:80"}) {
    EXPECT_FALSE(UpstreamAddress::Parse(bad, 80)) << bad;
  }
}

}  // namespace
}  // namespace trackwire::net::http
