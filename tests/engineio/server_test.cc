#include "engineio/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "tests/engineio/raw_client.h"
#include "tests/engineio/test_shards.h"

namespace trackwire::engineio {
namespace {

using testing::HttpClient;
using testing::Reply;
using testing::TestShards;
using testing::WsClient;
using namespace std::chrono_literals;

/// Echoes messages; `close` and `close-later` end the session from the server's side, `burst N`
/// sends many.
class Echo final : public SessionListener {
 public:
  explicit Echo(Session& session) : session_(session) {}
  void OnMessage(net::FrameKind kind, std::string_view data) override {
    if (data == "close") return session_.Close(CloseReason::kForcedClose);
    if (data.substr(0, 6) == "burst ") {
      for (int i = std::stoi(std::string(data.substr(6))); i > 0; --i) {
        session_.SendMessage(net::FrameKind::kText, std::string(1000, 'x'));
      }
      return;
    }
    session_.SendMessage(kind, data);
  }
  void OnClosed(CloseReason) override {}

 private:
  Session& session_;
};

class ServerTest : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override { Serve(Options()); }
  void TearDown() override { shards_->Stop(); }

  void Serve(Options options) {
    if (shards_ != nullptr) shards_->Stop();
    server_.reset();
    shards_ = std::make_unique<TestShards>(static_cast<uint16_t>(GetParam()));
    server_ = std::make_unique<Server>(shards_->shards(), std::move(options),
                                       [](Session& session, const net::http::Request&) {
                                         return std::make_unique<Echo>(session);
                                       });
    shards_->Listen("/engine.io/", server_.get());
  }

  HttpClient Http() { return HttpClient(shards_->port()); }
  static std::string Target(const std::string& sid, const std::string& transport = "polling") {
    return "/engine.io/?EIO=4&transport=" + transport + (sid.empty() ? "" : "&sid=" + sid);
  }
  static std::string SidOf(const std::string& open_packet) {
    const size_t start = open_packet.find("\"sid\":\"") + 7;
    return open_packet.substr(start, open_packet.find('"', start) - start);
  }
  std::string OpenPolling() {
    HttpClient http = Http();
    const Reply reply = http.Get(Target(""));
    EXPECT_EQ(reply.status, 200);
    return SidOf(reply.body);
  }
  WsClient OpenWebSocket(const std::string& sid = "", std::vector<std::string> headers = {}) {
    return WsClient(shards_->port(), Target(sid, "websocket"), headers);
  }
  void ExpectGone(const std::string& sid) {
    HttpClient http = Http();
    const Reply reply = http.Get(Target(sid));
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(reply.body, R"({"code":1,"message":"Session ID unknown"})");
  }
  Counters Sum() {
    Counters sum;
    for (net::Shard* shard : shards_->shards()) {
      shard->Run([&] {
        const Counters& one = server_->counters(*shard);
        sum.polling_sessions += one.polling_sessions;
        sum.websocket_sessions += one.websocket_sessions;
        sum.handshakes += one.handshakes;
        sum.refused_full += one.refused_full;
        sum.refused_origin += one.refused_origin;
        sum.refused_by_program += one.refused_by_program;
        sum.flood_disconnects += one.flood_disconnects;
      });
    }
    return sum;
  }

  std::unique_ptr<TestShards> shards_;
  std::unique_ptr<Server> server_;
};

INSTANTIATE_TEST_SUITE_P(Shards, ServerTest, ::testing::Values(1, 2));

TEST_P(ServerTest, OpensAPollingSession) {
  HttpClient http = Http();
  const Reply reply = http.Get("/engine.io/anything?EIO=3&EIO=4&transport=polling&t=abc&x=1");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("Content-Type"), "text/plain; charset=UTF-8");
  EXPECT_EQ(reply.Header("Cache-Control"), "no-store");
  EXPECT_FALSE(reply.Header("Access-Control-Allow-Origin"));
  EXPECT_FALSE(reply.Header("Set-Cookie"));
  EXPECT_EQ(reply.body, "0{\"sid\":\"" + SidOf(reply.body) +
                            "\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,"
                            "\"pingTimeout\":20000,\"maxPayload\":1000000}");
}

TEST_P(ServerTest, EveryRefusal) {
  const std::string sid = OpenPolling();
  struct Row {
    const char* method;
    std::string target;
    int status;
    std::string body;
  };
  const Row rows[] = {
      {"GET", "/engine.io/?EIO=4", 400, R"({"code":0,"message":"Transport unknown"})"},
      {"GET", "/engine.io/?EIO=4&transport=abc", 400,
       R"({"code":0,"message":"Transport unknown"})"},
      {"GET", Target("abc"), 400, R"({"code":1,"message":"Session ID unknown"})"},
      {"GET", Target("__proto__"), 400, R"({"code":1,"message":"Session ID unknown"})"},
      {"POST", Target("abc"), 400, R"({"code":1,"message":"Session ID unknown"})"},
      {"POST", Target(""), 400, R"({"code":2,"message":"Bad handshake method"})"},
      {"PUT", Target(""), 400, R"({"code":2,"message":"Bad handshake method"})"},
      {"OPTIONS", Target(""), 400, R"({"code":2,"message":"Bad handshake method"})"},
      {"GET", "/engine.io/?EIO=4&transport=websocket", 400,
       R"({"code":3,"message":"Bad request"})"},
      {"GET", "/engine.io/?EIO=3&transport=polling&sid=" + sid, 400,
       R"({"code":3,"message":"Bad request"})"},
      {"GET", "/engine.io/?transport=polling&sid=" + sid, 400,
       R"({"code":3,"message":"Bad request"})"},
      {"GET", "/engine.io/?transport=polling", 400,
       R"({"code":5,"message":"Unsupported protocol version"})"},
      {"GET", "/engine.io/?EIO=abc&transport=polling", 400,
       R"({"code":5,"message":"Unsupported protocol version"})"},
      {"PUT", Target(sid), 500, ""},
      {"DELETE", Target(sid), 500, ""},
  };
  for (const Row& row : rows) {
    HttpClient http = Http();
    const Reply reply = http.Do(row.method, row.target);
    EXPECT_EQ(reply.status, row.status) << row.method << " " << row.target;
    EXPECT_EQ(reply.body, row.body) << row.method << " " << row.target;
    if (!row.body.empty()) {
      EXPECT_EQ(reply.Header("Content-Type"), "application/json");
    }
  }
}

TEST_P(ServerTest, RefusesWebSocketsBeforeSwitching) {
  const std::string sid = OpenPolling();
  struct Row {
    std::string target;
    std::string text;
  };
  const Row rows[] = {
      {"/engine.io/?EIO=4&transport=abc", "Transport unknown"},
      {"/engine.io/?transport=websocket", "Unsupported protocol version"},
      {"/engine.io/?EIO=3&transport=websocket", "Unsupported protocol version"},
      {"/engine.io/?EIO=4&transport=polling", "Bad request"},
      {"/engine.io/?EIO=3&transport=websocket&sid=" + sid, "Bad request"},
      {Target("abc", "websocket"), "Session ID unknown"},
  };
  for (const Row& row : rows) {
    const WsClient client(shards_->port(), row.target);
    EXPECT_EQ(client.opening().status, 400) << row.target;
    EXPECT_EQ(client.opening().body, row.text) << row.target;
    EXPECT_EQ(client.opening().Header("Content-Type"), "text/html");
  }
}

TEST_P(ServerTest, AllowRequestDecides) {
  Options options;
  options.allow_request = [](const net::http::Request& request) -> std::optional<std::string> {
    if (request.query.Find("key") == "good") return std::nullopt;
    return "no key";
  };
  Serve(options);
  HttpClient http = Http();
  const Reply refused = http.Get(Target(""));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.body, R"({"code":4,"message":"no key"})");
  EXPECT_EQ(http.Get(Target("") + "&key=good").status, 200);
  const WsClient websocket(shards_->port(), Target("", "websocket"));
  EXPECT_EQ(websocket.opening().status, 403);
  EXPECT_EQ(websocket.opening().body, "no key");
}

TEST_P(ServerTest, EchoesByPolling) {
  const std::string sid = OpenPolling();
  HttpClient poster = Http();
  HttpClient poller = Http();
  const Reply posted = poster.Post(Target(sid),
                                   "4one\x1e"
                                   "4tw\xc3\xb6\x1e"
                                   "bAQID");
  EXPECT_EQ(posted.status, 200);
  EXPECT_EQ(posted.body, "ok");
  EXPECT_EQ(posted.Header("Content-Type"), "text/html");
  EXPECT_EQ(poller.Get(Target(sid)).body,
            "4one\x1e"
            "4tw\xc3\xb6\x1e"
            "bAQID");

  poller.Start("GET", Target(sid));
  poster.Post(Target(sid), "4three");
  EXPECT_EQ(poller.Finish().body, "4three");
}

TEST_P(ServerTest, EchoesByWebSocket) {
  WsClient client = OpenWebSocket();
  ASSERT_TRUE(client.open());
  EXPECT_EQ(client.ReadText().substr(0, 8), "0{\"sid\":");
  client.Send("4hello");
  client.SendBinary(std::string("\0\1\2", 3));
  client.Send("bAQI=");
  client.SendBinary("");
  EXPECT_EQ(client.ReadText(), "4hello");
  EXPECT_EQ(client.ReadText(), std::string("binary:\0\1\2", 10));
  EXPECT_EQ(client.ReadText(), "binary:\x01\x02");
  EXPECT_EQ(client.ReadText(), "binary:");
  client.Send("4" + std::string(70'000, 'y'));
  EXPECT_EQ(client.ReadText().size(), 70'001u);
}

TEST_P(ServerTest, ClientsThatCannotTakeBytesGetBase64) {
  WsClient client(shards_->port(), Target("", "websocket") + "&b64=1");
  client.ReadText();
  client.Send("bAQID");
  EXPECT_EQ(client.ReadText(), "bAQID");
}

TEST_P(ServerTest, TwoGetsAtOnceEndTheSession) {
  const std::string sid = OpenPolling();
  HttpClient first = Http();
  HttpClient second = Http();
  first.Start("GET", Target(sid));
  second.Start("GET", Target(sid));
  const Reply a = first.Finish();
  const Reply b = second.Finish();
  const Reply& told = a.status == 200 ? a : b;  // whichever arrived first
  const Reply& refused = a.status == 200 ? b : a;
  EXPECT_EQ(told.status, 200);
  EXPECT_EQ(told.body, "1");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body, "");
  ExpectGone(sid);
}

TEST_P(ServerTest, TwoPostsAtOnceEndTheSession) {
  const std::string sid = OpenPolling();
  HttpClient first = Http();
  // Another request first, so that this connection is where the session lives.
  first.Post(Target(sid), "4x");
  HttpClient second = Http();
  second.Post(Target(sid), "4y");
  first.connection().Send("POST " + Target(sid) +
                          " HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n4he");
  Reply refused;
  do {  // until the head above has been read
    refused = second.Post(Target(sid), "4z");
  } while (refused.status == 200);
  EXPECT_EQ(refused.status, 400);
  ExpectGone(sid);
  first.connection().Send("llo");
  EXPECT_EQ(first.Finish().status, 400);
}

TEST_P(ServerTest, AGetThatIsBrokenOffEndsTheSession) {
  const std::string sid = OpenPolling();
  {
    HttpClient http = Http();
    http.Post(Target(sid), "4x");
    http.Get(Target(sid));
    http.Start("GET", Target(sid));
  }
  while (Sum().polling_sessions > 0) {
  }
  ExpectGone(sid);
}

TEST_P(ServerTest, ThePostOfACloseLetsTheGetGo) {
  const std::string sid = OpenPolling();
  HttpClient poller = Http();
  HttpClient poster = Http();
  poller.Start("GET", Target(sid));
  EXPECT_EQ(poster.Post(Target(sid), "1").status, 200);
  const Reply polled = poller.Finish();
  EXPECT_EQ(polled.status, 200);
  EXPECT_EQ(polled.body, "6");
  ExpectGone(sid);
}

TEST_P(ServerTest, AClosedPollingClientLearnsItWithItsNextGet) {
  const std::string sid = OpenPolling();
  HttpClient http = Http();
  http.Post(Target(sid),
            "4last\x1e"
            "4close");
  // Not with the message, which clients would take in after it.
  EXPECT_EQ(http.Get(Target(sid)).body, "4last");
  EXPECT_EQ(http.Get(Target(sid)).body, "1");
  ExpectGone(sid);
}

TEST_P(ServerTest, BadBodiesEndTheSession) {
  for (const char* body : {"", "abc", "4a\x1e", "4\xff", "b*"}) {
    const std::string sid = OpenPolling();
    HttpClient http = Http();
    EXPECT_EQ(http.Post(Target(sid), body).status, 400) << body;
    ExpectGone(sid);
  }
}

TEST_P(ServerTest, RefusesOctetStreams) {
  const std::string sid = OpenPolling();
  HttpClient http = Http();
  EXPECT_EQ(http.Do("POST", Target(sid), {"Content-Type: application/octet-stream"}, "4a").status,
            400);
  ExpectGone(sid);
}

TEST_P(ServerTest, ABodyOverTheLimitIs413AndTheEnd) {
  Options options;
  options.max_payload = 100;
  Serve(options);
  const std::string sid = OpenPolling();
  HttpClient good = Http();
  EXPECT_EQ(good.Post(Target(sid), "4" + std::string(99, 'a')).status, 200);
  HttpClient http = Http();
  EXPECT_EQ(http.Post(Target(sid), "4" + std::string(100, 'a')).status, 413);
  ExpectGone(sid);
}

TEST_P(ServerTest, AFrameOverTheLimitIs1009) {
  Options options;
  options.max_payload = 100;
  Serve(options);
  WsClient client = OpenWebSocket();
  client.ReadText();
  client.Send(std::string(101, '4'));
  const auto frame = client.Read();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->opcode, 8);
  EXPECT_EQ(frame->payload.substr(0, 2), std::string("\x03\xf1"));
}

TEST_P(ServerTest, LongAnswersAreSplitAtTheLimit) {
  Options options;
  options.max_payload = 10'000;
  Serve(options);
  const std::string sid = OpenPolling();
  HttpClient http = Http();
  http.Post(Target(sid),
            "4burst 25\x1e"
            "4end");
  std::string all;
  int bodies = 0;
  while (all.find("4end") == std::string::npos) {
    const Reply reply = http.Get(Target(sid));
    EXPECT_LE(reply.body.size(), 10'000u);
    all += (all.empty() ? "" : "\x1e") + reply.body;
    ++bodies;
  }
  EXPECT_GE(bodies, 3);
  EXPECT_EQ(std::count(all.begin(), all.end(), '\x1e'), 25);
}

TEST_P(ServerTest, UpgradesAndAnswersPollingWith400Afterwards) {
  const std::string sid = OpenPolling();
  HttpClient poller = Http();
  poller.Start("GET", Target(sid));
  WsClient client = OpenWebSocket(sid);
  ASSERT_TRUE(client.open());
  client.Send("2probe");
  EXPECT_EQ(client.ReadText(), "3probe");
  EXPECT_EQ(poller.Finish().body, "6");
  HttpClient poster = Http();
  poster.Post(Target(sid), "4kept");
  client.Send("5");
  EXPECT_EQ(client.ReadText(), "4kept") << "what polling had not fetched comes first";
  client.Send("4now");
  EXPECT_EQ(client.ReadText(), "4now");
  EXPECT_EQ(poster.Get(Target(sid)).body, R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(poster.Post(Target(sid), "4x").status, 400);

  WsClient second = OpenWebSocket(sid);
  EXPECT_TRUE(second.open());
  EXPECT_EQ(second.ReadText(), "<closed>");
  client.Send("4still");
  EXPECT_EQ(client.ReadText(), "4still");
}

TEST_P(ServerTest, UpgradesCanBeForbidden) {
  Options options;
  options.allow_upgrades = false;
  Serve(options);
  const std::string sid = OpenPolling();
  const WsClient client = OpenWebSocket(sid);
  EXPECT_EQ(client.opening().status, 400);
}

TEST_P(ServerTest, CorsHeadersOnEveryAnswerAndTheListGuardsWebSockets) {
  Options options;
  options.cors.origins = {"https://map.test"};
  options.cors.credentials = true;
  Serve(options);
  HttpClient http = Http();
  const Reply preflight = http.Do("OPTIONS", Target(""), {"Origin: https://map.test"});
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.Header("Access-Control-Allow-Origin"), "https://map.test");
  for (const std::string& target : {Target(""), Target("unknown")}) {
    const Reply reply = http.Do("GET", target, {"Origin: https://map.test"});
    EXPECT_EQ(reply.Header("Access-Control-Allow-Origin"), "https://map.test");
    EXPECT_EQ(reply.Header("Access-Control-Allow-Credentials"), "true");
  }
  const Reply other = http.Do("GET", Target(""), {"Origin: https://evil.test"});
  EXPECT_EQ(other.status, 200) << "the browser blocks, not the server";
  EXPECT_FALSE(other.Header("Access-Control-Allow-Origin"));

  const WsClient evil = OpenWebSocket("", {"Origin: https://evil.test"});
  EXPECT_EQ(evil.opening().status, 403);
  EXPECT_EQ(Sum().refused_origin, 1u);
  const WsClient good = OpenWebSocket("", {"Origin: https://map.test"});
  EXPECT_TRUE(good.open());
  EXPECT_EQ(good.opening().Header("Access-Control-Allow-Origin"), "https://map.test");
  EXPECT_TRUE(OpenWebSocket("", {"Origin: http://server.test"}).open());
  EXPECT_TRUE(OpenWebSocket().open());
}

TEST_P(ServerTest, ACookieCanCarryTheSession) {
  Options options;
  options.cookie.name = "io";
  Serve(options);
  HttpClient http = Http();
  const Reply reply = http.Get(Target(""));
  EXPECT_EQ(reply.Header("Set-Cookie"),
            "io=" + SidOf(reply.body) + "; Path=/; HttpOnly; SameSite=Lax");
  EXPECT_FALSE(OpenWebSocket().opening().Header("Set-Cookie"));
}

TEST_P(ServerTest, SaysSomethingOfItsOwnAfterTheHandshake) {
  Options options;
  options.initial_packet = "welcome";
  Serve(options);
  HttpClient http = Http();
  const std::string body = http.Get(Target("")).body;
  EXPECT_EQ(body.substr(body.find('\x1e')), "\x1e" "4welcome");
  WsClient websocket = OpenWebSocket();
  EXPECT_EQ(websocket.ReadText().substr(0, 2), "0{");
  EXPECT_EQ(websocket.ReadText(), "4welcome");
}

TEST_P(ServerTest, TellsTheProgramWhomItRefused) {
  std::mutex mutex;
  std::vector<std::string> refused;
  Options options;
  options.allow_request = [](const net::http::Request& request) -> std::optional<std::string> {
    if (request.query.Find("x")) return "not you";
    return std::nullopt;
  };
  options.on_connection_error = [&](const net::http::Request& request, RequestError error,
                                    std::string_view message) {
    const std::lock_guard lock(mutex);
    refused.push_back(request.method + std::to_string(static_cast<int>(error)) +
                      std::string(message));
  };
  Serve(options);
  HttpClient http = Http();
  EXPECT_EQ(http.Get(Target("") + "&x=1").status, 403);
  EXPECT_EQ(http.Get("/engine.io/?EIO=4&transport=smoke").status, 400);
  EXPECT_EQ(http.Get(Target("") + "&sid=nobody").status, 400);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(refused, (std::vector<std::string>{"GET4not you", "GET0Transport unknown",
                                               "GET1Session ID unknown"}));
}

TEST_P(ServerTest, LetsTheProgramAnswerInItsPlace) {
  Options options;
  options.answer_with =
      [](const net::http::Request& request) -> std::optional<net::http::Response> {
    if (!request.query.Find("teapot")) return std::nullopt;
    return net::http::Response::Text(418, "short and stout");
  };
  Serve(options);
  HttpClient http = Http();
  EXPECT_EQ(http.Get(Target("") + "&teapot=1").status, 418);
  EXPECT_EQ(OpenWebSocket("&teapot=1").opening().status, 418);
  EXPECT_EQ(http.Get(Target("")).status, 200);
}

TEST_P(ServerTest, FullMeans503) {
  Options options;
  options.max_sessions = static_cast<uint32_t>(GetParam());  // one a shard
  Serve(options);
  std::vector<std::unique_ptr<WsClient>> clients;
  int refused = 0;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<WsClient>(OpenWebSocket()));
    if (clients.back()->opening().status == 503) ++refused;
  }
  EXPECT_GE(refused, 20 - GetParam());
  EXPECT_EQ(Sum().refused_full, static_cast<uint64_t>(refused));
}

TEST_P(ServerTest, DrainsEverybodyAndRefusesNewcomers) {
  WsClient websocket = OpenWebSocket();
  websocket.ReadText();
  const std::string sid = OpenPolling();
  HttpClient poller = Http();
  poller.Start("GET", Target(sid));
  std::atomic<bool> drained = false;
  server_->Drain(0, [&] { drained = true; });
  EXPECT_EQ(websocket.ReadText(), "<closed>");
  // The GET may arrive after the end of its session.
  const std::string body = poller.Finish().body;
  EXPECT_TRUE(body == "1" || body == R"({"code":1,"message":"Session ID unknown"})") << body;
  while (!drained) {
  }
  HttpClient http = Http();
  EXPECT_EQ(http.Get(Target("")).status, 503);
  EXPECT_EQ(OpenWebSocket().opening().status, 503);
  EXPECT_EQ(Sum().websocket_sessions, 0u);
}

TEST_P(ServerTest, DrainsAtAPace) {
  std::vector<std::unique_ptr<WsClient>> clients;
  for (int i = 0; i < 30; ++i) {
    clients.push_back(std::make_unique<WsClient>(OpenWebSocket()));
    clients.back()->ReadText();
  }
  server_->Drain(1, nullptr);
  for (net::Shard* shard : shards_->shards()) {
    shard->Run([&] {
      const Counters& counters = server_->counters(*shard);
      EXPECT_GE(counters.websocket_sessions + 4, counters.handshakes) << "one a second";
    });
  }
  std::atomic<bool> drained = false;
  server_->Drain(0, [&] { drained = true; });
  for (auto& client : clients) EXPECT_EQ(client->ReadText(), "<closed>");
  while (!drained) {
  }
  EXPECT_EQ(Sum().websocket_sessions, 0u);
}

TEST_P(ServerTest, AWaitingGetTakesABatchBeyondTheLimitsOfTheQueue) {
  shards_->Stop();
  net::OutQueue::Limits limits;
  limits.conflate_above_bytes = 30'000;
  limits.max_bytes = 40'000;
  shards_ = std::make_unique<TestShards>(static_cast<uint16_t>(GetParam()), limits);
  std::atomic<Session*> session = nullptr;
  server_ = std::make_unique<Server>(shards_->shards(), Options(),
                                     [&session](Session& made, const net::http::Request&) {
                                       session = &made;
                                       return std::make_unique<Echo>(made);
                                     });
  shards_->Listen("/engine.io/", server_.get());
  const std::string sid = OpenPolling();
  HttpClient poller = Http();
  poller.Start("GET", Target(sid));
  shards_->WaitUntil(session.load()->id().shard, [&] { return session.load()->writable(); });
  HttpClient http = Http();
  EXPECT_EQ(http.Post(Target(sid), "4burst 60").status, 200);
  std::string all = poller.Finish().body;
  while (std::count(all.begin(), all.end(), 'x') < 60'000) {
    const Reply reply = http.Get(Target(sid));
    ASSERT_EQ(reply.status, 200);
    all += reply.body;
  }
}

TEST_P(ServerTest, AClientThatFetchesNothingCostsBoundedMemory) {
  shards_->Stop();
  net::OutQueue::Limits limits;
  limits.max_bytes = 50'000;
  shards_ = std::make_unique<TestShards>(static_cast<uint16_t>(GetParam()), limits);
  server_ = std::make_unique<Server>(
      shards_->shards(), Options(),
      [](Session& session, const net::http::Request&) { return std::make_unique<Echo>(session); });
  shards_->Listen("/engine.io/", server_.get());
  const std::string sid = OpenPolling();
  HttpClient http = Http();
  http.Post(Target(sid), "4burst 1000");
  while (Sum().polling_sessions > 0) {
  }
  ExpectGone(sid);
  uint64_t slow = 0;
  for (net::Shard* shard : shards_->shards()) {
    shard->Run([&] { slow += server_->counters(*shard).slow_disconnects; });
  }
  EXPECT_EQ(slow, 1u);

  // More than the buffers of the kernel hold, to a WebSocket that does not read.
  WsClient websocket = OpenWebSocket();
  for (int i = 0; i < 40; ++i) websocket.Send("4burst 1000");
  while (Sum().websocket_sessions > 0) {
  }
}

TEST_P(ServerTest, AnAbandonedSessionTimesOut) {
  Options options;
  options.ping_interval = 50ms;
  options.ping_timeout = 50ms;
  Serve(options);
  OpenPolling();
  WsClient websocket = OpenWebSocket();
  websocket.ReadText();
  EXPECT_EQ(websocket.Read()->payload, "2");
  EXPECT_EQ(websocket.Read()->opcode, 8);
  while (Sum().polling_sessions + Sum().websocket_sessions > 0) {
  }
}

/// Numbers sent through an echo during upgrades at random moments come back once and in order.
TEST_P(ServerTest, NothingIsLostDoubledOrReorderedAcrossAnUpgrade) {
  std::mt19937 random(static_cast<unsigned>(GetParam()));
  for (int round = 0; round < 30; ++round) {
    const std::string sid = OpenPolling();
    std::vector<int> got;
    HttpClient poster = Http();
    HttpClient poller = Http();
    const auto collect = [&](const std::string& body) {
      size_t start = 0;
      while (start < body.size()) {
        const size_t end = std::min(body.find('\x1e', start), body.size());
        if (body[start] == '4') got.push_back(std::stoi(body.substr(start + 1, end - start - 1)));
        start = end + 1;
      }
    };
    int next = 0;
    const auto post = [&](int count) {
      std::string body;
      for (int i = 0; i < count; ++i) {
        body += (i > 0 ? "\x1e"
                         "4"
                       : "4") +
                std::to_string(next++);
      }
      ASSERT_EQ(poster.Post(Target(sid), body).status, 200);
    };
    post(1 + static_cast<int>(random() % 5));
    collect(poller.Get(Target(sid)).body);
    const bool waits = random() % 2 == 0;
    if (waits) poller.Start("GET", Target(sid));
    WsClient client = OpenWebSocket(sid);
    if (random() % 2 == 0) post(1 + static_cast<int>(random() % 5));
    client.Send("2probe");
    ASSERT_EQ(client.ReadText(), "3probe");
    if (waits) collect(poller.Finish().body);
    post(1 + static_cast<int>(random() % 5));
    client.Send("5");
    const int after = static_cast<int>(random() % 5);
    for (int i = 0; i <= after; ++i) client.Send("4" + std::to_string(next++));
    while (got.empty() || got.back() != next - 1) collect(client.ReadText());
    for (int i = 0; i < next; ++i) ASSERT_EQ(got[static_cast<size_t>(i)], i) << "round " << round;
    ASSERT_EQ(got.size(), static_cast<size_t>(next));
  }
}

TEST_P(ServerTest, TheProgramMayAnswerAHandshakeItself) {
  Options options;
  options.refuse_with =
      [](const net::http::Request& request) -> std::optional<net::http::Response> {
    if (!request.headers.Find("X-Too-Often")) return std::nullopt;
    net::http::Response response = net::http::Response::Json(429, "{}");
    response.headers.Set("Retry-After", "7");
    return response;
  };
  Serve(options);
  HttpClient http = Http();
  const Reply refused = http.Do("GET", Target(""), {"X-Too-Often: 1"});
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("Retry-After"), "7");
  const WsClient websocket = OpenWebSocket("", {"X-Too-Often: 1"});
  EXPECT_EQ(websocket.opening().status, 429);
  const std::string sid = OpenPolling();
  HttpClient other = Http();
  EXPECT_EQ(other.Do("POST", Target(sid), {"X-Too-Often: 1"}, "4x").status, 200)
      << "who is in stays in";
  EXPECT_EQ(Sum().refused_by_program, 2u);
}

/// A bucket that does not fill while a test runs.
Options FewPackets(double burst) {
  Options options;
  options.packets_per_second = 0.01;
  options.packet_burst = burst;
  return options;
}

TEST_P(ServerTest, AWebSocketThatSendsTooManyPacketsIsCutOff) {
  Serve(FewPackets(20));
  // Messages, pongs that nobody asked for, and pings of the WebSocket itself.
  for (const auto& [payload, opcode] :
       {std::pair<std::string, char>{"4x", 1}, {"3", 1}, {"6", 1}, {"", 9}, {"", 10}}) {
    WsClient client = OpenWebSocket();
    EXPECT_EQ(client.ReadText().substr(0, 1), "0");
    for (int i = 0; i < 20; ++i) client.Send(payload, opcode);
    client.Send("4last");
    int answers = 0;
    for (std::string text = client.ReadText(); text != "<closed>"; text = client.ReadText()) {
      EXPECT_NE(text, "4last");
      ++answers;
    }
    EXPECT_EQ(answers, opcode == 10 || payload == "3" || payload == "6" ? 0 : 20);
  }
  EXPECT_EQ(Sum().flood_disconnects, 5u);
  EXPECT_EQ(Sum().websocket_sessions, 0u);
}

TEST_P(ServerTest, APollingBodyOfTooManyPacketsIsCutOff) {
  Serve(FewPackets(20));
  const std::string sid = OpenPolling();
  std::string body = "4x";
  for (int i = 0; i < 100; ++i) body += "\x1e" "4x";
  HttpClient http = Http();
  http.Post(Target(sid), body);
  ExpectGone(sid);
  EXPECT_EQ(Sum().flood_disconnects, 1u);
}

TEST_P(ServerTest, PacketsAreCountedOnlyWhereTheProgramSays) {
  Options options = FewPackets(5);
  options.meters_packets = [](const net::http::Request& request) {
    return request.headers.Find("X-Far-Away").has_value();
  };
  Serve(options);
  WsClient home = OpenWebSocket();
  WsClient far_away = OpenWebSocket("", {"X-Far-Away: 1"});
  for (WsClient* client : {&home, &far_away}) {
    client->ReadText();
    for (int i = 0; i < 50; ++i) client->Send("4" + std::to_string(i));
  }
  for (int i = 0; i < 50; ++i) EXPECT_EQ(home.ReadText(), "4" + std::to_string(i));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(far_away.ReadText(), "4" + std::to_string(i));
  EXPECT_EQ(far_away.ReadText(), "<closed>");
}

}  // namespace
}  // namespace trackwire::engineio
