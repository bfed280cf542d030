#include "net/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <stdexcept>
#include <thread>

#include "net/connections.h"
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
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::chrono_literals;

constexpr std::string_view kGetHello = "GET /hello HTTP/1.1\r\nHost: here\r\n\r\n";

void AddRoutes(Router& router) {
  router.On("GET", "/hello", 0, [](const Exchange& exchange, const Request&, std::string) {
    exchange.Respond(Response::Text(200, "hello"));
  });
  router.On("POST", "/echo", 100'000,
            [](const Exchange& exchange, const Request&, std::string body) {
              exchange.Respond(Response::Text(200, std::move(body)));
            });
  router.On("GET", "/tree/", 0, [](const Exchange& exchange, const Request& request, std::string) {
    exchange.Respond(Response::Text(200, request.path));
  });
}

class ServerTest : public ::testing::Test {
 protected:
  uint16_t Start(ServerOptions options = {}) {
    AddRoutes(server_.router());
    return server_.Start(options);
  }

  TestServer server_{1};
};

TEST_F(ServerTest, AnswersSeveralRequestsOnOneConnection) {
  Client client(Start());
  for (int i = 0; i < 3; ++i) {
    client.Write(kGetHello);
    const std::string answer = client.ReadResponse();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 5\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nConnection: keep-alive\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nDate: "));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nhello"));
  }
  EXPECT_EQ(server_.Counters().connections_accepted, 1u);
  EXPECT_EQ(server_.Counters().http_requests, 3u);
}

TEST_F(ServerTest, LetsTheProgramSayWhoTheClientIs) {
  server_.router().On("GET", "/who", 0,
                      [](const Exchange& exchange, const Request& request, std::string) {
                        exchange.Respond(Response::Text(
                            200, request.remote_address + (request.secure ? " secure" : "")));
                      });
  ServerOptions options;
  options.resolve_client = [](Request& request) {
    if (const auto real = request.headers.Find("X-Real")) {
      request.remote_address = std::string(*real);
      request.secure = true;
    }
  };
  Client client(Start(options));
  client.Write("GET /who HTTP/1.1\r\nHost: here\r\nX-Real: 203.0.113.9\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(), EndsWith("\r\n\r\n203.0.113.9 secure"));
  client.Write("GET /who HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(), EndsWith("\r\n\r\n127.0.0.1")) << "each head for itself";
}

TEST_F(ServerTest, WritesHeadAndBodyInOneCall) {
  Client client(Start());
  client.Write(kGetHello);
  client.ReadResponse();
  EXPECT_EQ(server_.Counters().writes, 1u);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  Client client(Start());
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += "GET /tree/" + std::to_string(i) + " HTTP/1.1\r\nHost: here\r\n\r\n";
  }
  client.Write(requests);
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(client.ReadResponse(), EndsWith("/tree/" + std::to_string(i)));
  }
}

TEST_F(ServerTest, TakesARequestByteByByte) {
  Client client(Start());
  const std::string request =
      "POST /echo HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n";
  for (const char byte : request) client.Write(std::string_view(&byte, 1));
  EXPECT_THAT(client.ReadResponse(), EndsWith("\r\n\r\nabcde"));
  client.Write(kGetHello);
  EXPECT_THAT(client.ReadResponse(), EndsWith("hello"));
}

TEST_F(ServerTest, RoutesByPathAndMethod) {
  struct Case {
    const char* line;
    const char* status;
    const char* part;
  };
  const Case cases[] = {
      {"GET /hello?x=1 HTTP/1.1", "200", "hello"},
      {"GET http://here/hello HTTP/1.1", "200", "hello"},
      {"GET http://elsewhere/hello HTTP/1.1", "400", ""},
      {"GET /h%65llo HTTP/1.1", "200", "hello"},
      {"GET /tree/a/b HTTP/1.1", "200", "/tree/a/b"},
      {"GET /tree HTTP/1.1", "404", ""},
      {"GET /nothing HTTP/1.1", "404", ""},
      {"DELETE /hello HTTP/1.1", "405", "Allow: GET, HEAD\r\n"},
      {"GET /echo HTTP/1.1", "405", "Allow: POST\r\n"},
      {"GET /tree/../hello HTTP/1.1", "400", ""},
      {"GET /tree/%2e%2e/hello HTTP/1.1", "400", ""},
      {"GET /tree/a%2Fb HTTP/1.1", "400", ""},
      {"GET /tree/%00 HTTP/1.1", "400", ""},
      {"GET /tree/%zz HTTP/1.1", "400", ""},
      {"GET /hello HTTP/2.0", "505", ""},
  };
  const uint16_t port = Start();
  for (const Case& c : cases) {
    SCOPED_TRACE(c.line);
    Client client(port);
    client.Write(std::string(c.line) + "\r\nHost: here\r\n\r\n");
    const std::string answer = client.ReadResponse();
    EXPECT_THAT(answer, StartsWith(std::string("HTTP/1.1 ") + c.status));
    EXPECT_THAT(answer, HasSubstr(c.part));
  }
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
  Client client(Start());
  client.Write("HEAD /hello HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
  const std::string answer = client.ReadToEnd();
  EXPECT_THAT(answer, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(ServerTest, ClosesAfterHttp10UnlessAskedNotTo) {
  const uint16_t port = Start();
  Client plain(port);
  plain.Write("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_THAT(plain.ReadToEnd(), HasSubstr("Connection: close\r\n"));
  Client kept(port);
  kept.Write("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(kept.ReadResponse(), HasSubstr("Connection: keep-alive\r\n"));
  kept.Write("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_THAT(kept.ReadToEnd(), EndsWith("hello"));
}

TEST_F(ServerTest, SaysHowLongAConnectionMayBeIdle) {
  ServerOptions options;
  options.idle_timeout = 12'500ms;
  Client client(Start(options));
  client.Write(kGetHello);
  EXPECT_THAT(client.ReadResponse(), HasSubstr("\r\nKeep-Alive: timeout=12\r\n"));
  client.Write("GET /hello HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), Not(HasSubstr("Keep-Alive")));
}

TEST_F(ServerTest, ReadsConnectionAsAListWithoutCase) {
  const uint16_t port = Start();
  struct Case {
    const char* version;
    const char* value;
    bool kept;
  };
  const Case cases[] = {
      {"1.1", "Close", false},    {"1.1", "te, close", false},       {"1.1", "keep-alive", true},
      {"1.1", "closed", true},    {"1.0", "Keep-Alive", true},       {"1.0", "te,keep-alive", true},
      {"1.0", "keepalive", false}, {"1.1", "keep-alive, close", false}, {"1.0", "close", false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.version) + " " + c.value);
    Client client(port);
    client.Write(std::string("GET /hello HTTP/") + c.version + "\r\nHost: here\r\nConnection: " +
                 c.value + "\r\n\r\n");
    const std::string answer = client.ReadResponse();
    EXPECT_THAT(answer, HasSubstr(c.kept ? "Connection: keep-alive\r\n" : "Connection: close\r\n"));
    if (!c.kept) {
      EXPECT_EQ(client.ReadToEnd(), "");
      continue;
    }
    client.Write(kGetHello);
    EXPECT_THAT(client.ReadResponse(), EndsWith("hello"));
  }
}

TEST_F(ServerTest, AnswersNothingBehindTheLastRequest) {
  Client client(Start());
  client.Write("GET /hello HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n" +
               std::string(kGetHello));
  EXPECT_THAT(client.ReadToEnd(), EndsWith("\r\n\r\nhello"));
  EXPECT_EQ(server_.Counters().http_requests, 1u);
}

TEST_F(ServerTest, AsksForTheBodyOfAClientThatWaits) {
  Client client(Start());
  client.Write(
      "POST /echo HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\n"
      "Content-Length: 4\r\n\r\n");
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Write("body");
  EXPECT_THAT(client.ReadResponse(), EndsWith("body"));
  client.Write("POST /echo HTTP/1.1\r\nHost: here\r\nExpect: tea\r\nContent-Length: 4\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 417"));
}

TEST_F(ServerTest, KeepsTheConnectionPastASmallBodyNobodyWanted) {
  Client client(Start());
  client.Write("POST /nothing HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\n12");
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 404"));
  client.Write(std::string("345") + std::string(kGetHello));
  EXPECT_THAT(client.ReadResponse(), EndsWith("hello"));
}

TEST_F(ServerTest, RefusesABodyOverTheLimitAndTheClientLearnsIt) {
  const uint16_t port = Start();
  Client announced(port);
  announced.Write("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000\r\n\r\n");
  announced.Write(std::string(1'000'000, 'x'));
  EXPECT_THAT(announced.ReadToEnd(), StartsWith("HTTP/1.1 413"));
  Client chunked(port);
  chunked.Write("POST /echo HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) chunked.Write("2710\r\n" + std::string(10'000, 'x') + "\r\n");
  EXPECT_THAT(chunked.ReadToEnd(), StartsWith("HTTP/1.1 413"));
}

TEST_F(ServerTest, RefusesAHeadOverTheLimit) {
  ServerOptions options;
  options.max_head_bytes = 1000;
  Client client(Start(options));
  client.Write("GET /hello HTTP/1.1\r\nHost: here\r\nX: " + std::string(5000, 'x') + "\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 431"));
  EXPECT_EQ(server_.Counters().http_errors, 1u);
}

TEST_F(ServerTest, RefusesWhatIsNotHttpAtOnce) {
  Client client(Start());
  client.Write(std::string("\x16\x03\x01\x02", 4));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 400"));
}

TEST_F(ServerTest, EndsClientsThatAreSlowWithinARequest) {
  ServerOptions options;
  options.head_timeout = 40ms;
  options.body_timeout = 40ms;
  const uint16_t port = Start(options);
  Client half_head(port);
  half_head.Write("GET /hello HT");
  EXPECT_THAT(half_head.ReadToEnd(), StartsWith("HTTP/1.1 408"));
  Client half_body(port);
  half_body.Write("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\n12");
  EXPECT_THAT(half_body.ReadToEnd(), StartsWith("HTTP/1.1 408"));
}

TEST_F(ServerTest, EndsIdleConnections) {
  ServerOptions options;
  options.idle_timeout = 40ms;
  const uint16_t port = Start(options);
  Client silent(port);
  EXPECT_EQ(silent.ReadToEnd(), "");
  // A busy machine may let the time pass before the request is written: try again then.
  EXPECT_TRUE(Eventually([&] {
    Client kept(port);
    kept.Write(kGetHello);
    if (kept.ReadResponse().empty()) return false;
    EXPECT_EQ(kept.ReadToEnd(), "");
    return true;
  }));
}

TEST_F(ServerTest, SendsALargeAnswerToAClientThatReadsSlowly) {
  const auto large = std::make_shared<const std::string>(8'000'000, 'x');
  server_.router().On("GET", "/large", 0,
                      [large](const Exchange& exchange, const Request&, std::string) {
                        Response response;
                        response.shared_body = large;
                        exchange.Respond(std::move(response));
                      });
  Client client(Start(), 4096);
  client.Write("GET /large HTTP/1.1\r\nHost: here\r\n\r\n");
  client.Write(kGetHello);
  const std::string answer = client.ReadResponse();
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, large->size());
  EXPECT_THAT(client.ReadResponse(), EndsWith("hello"));
}

TEST_F(ServerTest, RefusesAPortThatIsTaken) {
  const uint16_t port = Start();
  Server second({&server_.shard()}, &server_.router(), {});
  auto listening = second.Listen("127.0.0.1", port);
  ASSERT_FALSE(listening);
  EXPECT_EQ(listening.error().code, "listen_failed");
  EXPECT_FALSE(second.Listen("not an address", 0));
}

TEST_F(ServerTest, StopsListeningAndClosesIdleConnections) {
  Client client(Start());
  client.Write(kGetHello);
  client.ReadResponse();
  server_.server().StopListening();
  server_.server().CloseIdle();
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(server_.Counters().connections_open, 0u);
}

TEST_F(ServerTest, GoesOnAcceptingOnceThereAreDescriptorsAgain) {
  const FaultGuard guard;
  const uint16_t port = Start();
  TheFaults().accept_error = EMFILE;
  Client client(port);
  client.Write(kGetHello);
  EXPECT_TRUE(Eventually([&] { return server_.Counters().accept_pauses > 1; }));
  EXPECT_EQ(server_.Counters().connections_accepted, 0u);
  TheFaults().accept_error = 0;
  EXPECT_THAT(client.ReadResponse(), EndsWith("hello"));
}

TEST_F(ServerTest, AnswersWholeThroughWritesOfAnySize) {
  const FaultGuard guard;
  Client client(Start());
  for (size_t size = 1; size < 150; size += 7) {
    TheFaults().bytes_per_send = size;
    client.Write(kGetHello);
    EXPECT_THAT(client.ReadResponse(), EndsWith("\r\n\r\nhello"));
  }
}

TEST_F(ServerTest, AFailedWriteEndsThatConnectionOnly) {
  const FaultGuard guard;
  const uint16_t port = Start();
  Client lost(port);
  TheFaults().send_error = EPIPE;
  TheFaults().sends_before_error = 0;
  lost.Write(kGetHello);
  EXPECT_EQ(lost.ReadToEnd(), "");
  Client other(port);
  other.Write(kGetHello);
  EXPECT_THAT(other.ReadResponse(), EndsWith("hello"));
}

/// Keeps exchanges for a test to answer, and sees aborts. Works on shard 0.
class Holder final : public Handler, public ExchangeWatcher {
 public:
  Body OnRequest(const Exchange& exchange, const Request&) override {
    exchange_ = exchange;
    exchange.Watch(this);
    ++requests;
    return Body::None();
  }
  void OnBody(const Exchange&, const Request&, std::string) override {}
  void OnAborted() override {
    alive_when_aborted = exchange_.alive();
    ++aborts;
  }
  const Exchange& exchange() const { return exchange_; }

  std::atomic<int> requests{0};
  std::atomic<int> aborts{0};
  std::atomic<bool> alive_when_aborted{false};

 private:
  Exchange exchange_;
};

class HeldTest : public ServerTest {
 protected:
  void Hold() {
    server_.router().Mount("/hold", &holder_);
    client_ = std::make_unique<Client>(Start());
    client_->Write("GET /hold HTTP/1.1\r\nHost: here\r\n\r\n");
    ASSERT_TRUE(Eventually([&] { return holder_.requests == 1; }));
  }

  Holder holder_;
  std::unique_ptr<Client> client_;
};

TEST_F(HeldTest, AnswersLaterFromAnyThread) {
  Hold();
  client_->Write(kGetHello);  // has to wait for its turn
  holder_.exchange().PostRespond(Response::Text(200, "at last"));
  EXPECT_THAT(client_->ReadResponse(), EndsWith("at last"));
  EXPECT_THAT(client_->ReadResponse(), EndsWith("hello"));
  EXPECT_EQ(holder_.aborts, 0);
  server_.shard().Run([&] { EXPECT_FALSE(holder_.exchange().alive()); });
}

TEST_F(HeldTest, TellsThatTheClientWentAway) {
  Hold();
  client_->Close();
  ASSERT_TRUE(Eventually([&] { return holder_.aborts == 1; }));
  EXPECT_FALSE(holder_.alive_when_aborted);
  holder_.exchange().PostRespond(Response::Text(200, "too late"));
  EXPECT_EQ(server_.Counters().connections_open, 0u);
}

TEST_F(HeldTest, TellsThatTheClientWasReset) {
  Hold();
  client_->Reset();
  EXPECT_TRUE(Eventually([&] { return holder_.aborts == 1; }));
}

TEST_F(HeldTest, TellsAbortsAlsoBehindBufferedRequests) {
  Hold();
  client_->Write(kGetHello);
  client_->Close();
  EXPECT_TRUE(Eventually([&] { return holder_.aborts == 1; }));
}

TEST_F(HeldTest, BuffersLittleWhileAnAnswerIsOwed) {
  Hold();
  std::string flood;
  while (flood.size() < 1'000'000) flood.append(kGetHello);
  std::thread writer([&] { client_->Write(flood); });
  ASSERT_TRUE(Eventually([&] { return server_.Counters().bytes_in > 1000; }));
  holder_.exchange().PostRespond(Response::Text(200, "first"));
  EXPECT_THAT(client_->ReadResponse(), EndsWith("first"));
  for (size_t i = 0; i < flood.size() / kGetHello.size(); ++i) {
    ASSERT_THAT(client_->ReadResponse(), EndsWith("hello"));
  }
  writer.join();
}

TEST_F(HeldTest, AbortClosesWithoutAnAnswer) {
  Hold();
  server_.shard().Run([&] { holder_.exchange().Abort(); });
  EXPECT_EQ(client_->ReadToEnd(), "");
  EXPECT_EQ(holder_.aborts, 0);
}

TEST_F(ServerTest, ADrainingServerClosesAfterTheAnswer) {
  Holder holder;
  server_.router().Mount("/hold", &holder);
  Client client(Start());
  client.Write("GET /hold HTTP/1.1\r\nHost: here\r\n\r\n");
  ASSERT_TRUE(Eventually([&] { return holder.requests == 1; }));
  server_.server().CloseIdle();
  holder.exchange().PostRespond(Response::Text(200, "bye"));
  const std::string answer = client.ReadToEnd();
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, EndsWith("bye"));
}

/// Takes a POST and leaves its answer to the test, watching nothing.
class HalfClosedTest : public ServerTest {
 protected:
  void PostAndEnd(ServerOptions options = {}) {
    server_.router().On("POST", "/later", 1000,
                        [this](const Exchange& exchange, const Request&, std::string body) {
                          exchange_ = exchange;
                          body_ = std::move(body);
                          asked_ = true;
                        });
    client_ = std::make_unique<Client>(Start(options));
    client_->Write("POST /later HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\n\r\nwhat");
    ASSERT_TRUE(Eventually([&] { return asked_.load(); }));
    client_->ShutdownWrite();
  }

  /// Whether the server still reads from a connection.
  bool Reads() {
    bool reads = false;
    server_.shard().Run([&] {
      server_.shard().connections().ForEach(
          [&](const Connection& connection) { reads = reads || connection.reading(); });
    });
    return reads;
  }

  std::unique_ptr<Client> client_;
  Exchange exchange_;
  std::string body_;
  std::atomic<bool> asked_{false};
};

TEST_F(HalfClosedTest, GetsItsAnswerAndThenTheEnd) {
  PostAndEnd();
  ASSERT_TRUE(Eventually([&] { return !Reads(); }));
  exchange_.PostRespond(Response::Text(200, "this"));
  const std::string answer = client_->ReadToEnd();
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, EndsWith("this"));
  EXPECT_TRUE(Eventually([&] { return server_.Counters().connections_open == 0; }));
}

TEST_F(HalfClosedTest, DoesNotWaitForEver) {
  ServerOptions options;
  options.body_timeout = 40ms;
  PostAndEnd(options);
  EXPECT_EQ(client_->ReadToEnd(), "");
  server_.shard().Run([&] { EXPECT_FALSE(exchange_.alive()); });
}

TEST_F(ServerTest, AHandlerThatThrowsIsAnswered500) {
  server_.router().On("GET", "/throw", 0, [](const Exchange&, const Request&, std::string) {
    throw std::runtime_error("on purpose");
  });
  Client client(Start());
  client.Write("GET /throw HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 500"));
}

TEST_F(ServerTest, AHandlerThatThrowsAnythingIsAnswered500) {
  server_.router().On("GET", "/throw", 0,
                      [](const Exchange&, const Request&, std::string) { throw 3; });
  Client client(Start());
  client.Write("GET /throw HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 500"));
}

/// Moves every request to the shard that its path names, and says where it was answered.
class Mover final : public Handler {
 public:
  explicit Mover(TestServer& server) : server_(server) {}
  Body OnRequest(const Exchange& exchange, const Request& request) override {
    const auto wanted = static_cast<size_t>(request.path.back() - '0');
    Shard& target = server_.shard(wanted);
    if (&exchange.shard() != &target) {
      exchange.HandOver(target);
      return Body::None();
    }
    EXPECT_TRUE(target.InThread());
    return Body::Read(1000);
  }
  void OnBody(const Exchange& exchange, const Request&, std::string body) override {
    exchange.Respond(Response::Text(200, std::to_string(exchange.shard().index()) + ":" + body));
  }

 private:
  TestServer& server_;
};

TEST(HandOverTest, MovesConnectionsWithWhatWasReadOfThem) {
  TestServer server(2);
  Mover mover(server);
  server.router().Mount("/shard/", &mover);
  const uint16_t port = server.Start();
  // Wherever the kernel puts a connection, it has to move for some of these.
  for (int round = 0; round < 8; ++round) {
    Client client(port);
    std::string requests;
    for (int i = 0; i < 20; ++i) {
      requests += "POST /shard/" + std::to_string(i % 2) +
                  " HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n" + std::to_string(10 + i);
    }
    client.Write(requests);
    for (int i = 0; i < 20; ++i) {
      EXPECT_THAT(client.ReadResponse(),
                  EndsWith(std::to_string(i % 2) + ":" + std::to_string(10 + i)));
    }
  }
  EXPECT_EQ(server.Counters().http_requests, 160u);
  ASSERT_TRUE(Eventually([&] { return server.Counters().connections_open == 0; }));
}

}  // namespace
}  // namespace trackwire::net::http
