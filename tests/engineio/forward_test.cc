#include "engineio/forwarder.h"

#include <gtest/gtest.h>

#include <atomic>

#include "engineio/request_check.h"
#include "engineio/server.h"
#include "net/http/response_head.h"
#include "net/http/upstream.h"
#include "tests/engineio/raw_client.h"
#include "tests/engineio/test_shards.h"

namespace trackwire::engineio {
namespace {

using testing::HttpClient;
using testing::Reply;
using testing::TestShards;
using testing::WsClient;

/// Knows one other server. Without any proof of who asks: that is the program's business.
class OneNeighbour final : public Forwarder {
 public:
  void Meet(uint32_t owner, uint16_t port, const std::vector<net::Shard*>& shards) {
    owner_ = owner;
    address_ = *net::http::UpstreamAddress::Parse("127.0.0.1", port);
    for (net::Shard* shard : shards) {
      upstreams_.push_back(std::make_unique<net::http::Upstreams>(*shard, options));
    }
    met_ = true;
  }
  bool Knows(net::Shard&, uint32_t owner) const override { return met_ && owner == owner_; }
  void Forward(const net::http::Exchange& exchange, const net::http::Request& request, uint32_t,
               Content content, Failed failed) override {
    net::http::Upstreams::Ask ask;
    ask.address = address_;
    ask.websocket = WantsWebSocket(request);
    ask.wire = request.method + ' ' + request.target + " HTTP/1.1\r\n";
    for (const auto& [name, value] : request.headers.all()) {
      if (name != "Content-Length") net::http::AppendField(ask.wire, name, value);
    }
    if (content.announced > 0) {
      ask.wire += "Content-Length: " + std::to_string(content.announced) + "\r\n";
    }
    ask.wire += "\r\n" + content.bytes;
    auto refuse = [failed = std::move(failed)](net::http::Upstreams::Failure failure) {
      const bool busy = failure == net::http::Upstreams::Failure::kBusy;
      failed(busy ? Failure::kBusy : Failure::kUnknown);
    };
    upstreams_[exchange.shard().index()]->Send(std::move(ask), exchange, std::move(refuse));
  }

  net::http::Upstreams::Options options;

 private:
  std::atomic<bool> met_{false};
  uint32_t owner_ = 0;
  net::http::UpstreamAddress address_;
  std::vector<std::unique_ptr<net::http::Upstreams>> upstreams_;
};

/// How the last session of the first server ended.
std::atomic<int> last_close{-1};

class Echo final : public SessionListener {
 public:
  explicit Echo(Session& session) : session_(session) {}
  void OnMessage(net::FrameKind kind, std::string_view data) override {
    session_.SendMessage(kind, data);
  }
  void OnClosed(CloseReason reason) override { last_close = static_cast<int>(reason); }

 private:
  Session& session_;
};

/// Two servers: sessions are opened at the first, requests come to the second.
class ForwardTest : public ::testing::TestWithParam<int> {
 protected:
  static constexpr uint32_t kOwner = 0xA1B2C3D4;

  void SetUp() override { last_close = -1; }
  void TearDown() override {
    near_shards_.Stop();
    owner_shards_.Stop();
  }

  void Serve() {
    Options options;
    options.max_payload = 10'000;
    options.cors.origins = {"https://map.test"};
    options.owner = kOwner;
    owner_ = std::make_unique<Server>(owner_shards_.shards(), options, accept_);
    owner_shards_.Listen("/engine.io/", owner_.get());
    neighbour_.Meet(kOwner, owner_shards_.port(), near_shards_.shards());
    options.owner = kOwner + 1;
    options.forwarder = &neighbour_;
    near_ = std::make_unique<Server>(near_shards_.shards(), options, accept_);
    near_shards_.Listen("/engine.io/", near_.get());
  }
  static std::string Target(const std::string& sid, const std::string& transport = "polling") {
    return "/engine.io/?EIO=4&transport=" + transport + (sid.empty() ? "" : "&sid=" + sid);
  }
  std::string Open() {
    HttpClient http(owner_shards_.port());
    const std::string body = http.Get(Target("")).body;
    const size_t start = body.find("\"sid\":\"") + 7;
    return body.substr(start, body.find('"', start) - start);
  }
  HttpClient Near() { return HttpClient(near_shards_.port()); }
  void AwaitClose(CloseReason reason) {
    while (last_close != static_cast<int>(reason)) std::this_thread::yield();
  }

  const AcceptFn accept_ = [](Session& session, const net::http::Request&) {
    return std::make_unique<Echo>(session);
  };
  OneNeighbour neighbour_;
  TestShards owner_shards_{static_cast<uint16_t>(GetParam())};
  TestShards near_shards_{static_cast<uint16_t>(GetParam())};
  std::unique_ptr<Server> owner_;
  std::unique_ptr<Server> near_;
};

constexpr const char* kUnknown = R"({"code":1,"message":"Session ID unknown"})";

INSTANTIATE_TEST_SUITE_P(Shards, ForwardTest, ::testing::Values(1, 2));

TEST_P(ForwardTest, PollsAtTheOwnersPlace) {
  Serve();
  const std::string sid = Open();
  for (int i = 0; i < 5; ++i) {
    const std::string message = "4message " + std::to_string(i);
    HttpClient poster = Near();
    const Reply posted = poster.Post(Target(sid), message);
    EXPECT_EQ(posted.status, 200);
    EXPECT_EQ(posted.body, "ok");
    HttpClient poller = Near();
    const Reply polled =
        poller.Do("GET", Target(sid), {"Origin: https://map.test", "Accept: */*"});
    EXPECT_EQ(polled.status, 200);
    EXPECT_EQ(polled.body, message);
    EXPECT_EQ(polled.Header("Access-Control-Allow-Origin"), "https://map.test");
    EXPECT_EQ(polled.Header("Content-Type"), "text/plain; charset=UTF-8");
  }
}

TEST_P(ForwardTest, UpgradesAtTheOwnersPlace) {
  Serve();
  const std::string sid = Open();
  WsClient socket(near_shards_.port(), Target(sid, "websocket"));
  ASSERT_TRUE(socket.open());
  socket.Send("2probe");
  EXPECT_EQ(socket.ReadText(), "3probe");
  socket.Send("5");
  const std::string big(9'000, 'x');
  for (int i = 0; i < 20; ++i) socket.Send("4" + big);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(socket.ReadText(), "4" + big);
  // The session is no polling one any more; the owner says so.
  HttpClient late = Near();
  EXPECT_EQ(late.Get(Target(sid)).status, 400);
  socket.Cut();
  AwaitClose(CloseReason::kTransportClose);
}

TEST_P(ForwardTest, OnlySessionsAreAnybodys) {
  Serve();
  HttpClient http = Near();
  // A handshake needs no owner.
  EXPECT_EQ(http.Get(Target("")).status, 200);
  const std::string nobody = SessionId::Make(0, 0, 1, 77).ToString();
  for (const std::string& sid : {nobody, SessionId::Make(0, 0, 1).ToString(), std::string("x")}) {
    EXPECT_EQ(http.Get(Target(sid)).body, kUnknown);
    HttpClient poster = Near();
    EXPECT_EQ(poster.Post(Target(sid), "4x").body, kUnknown);
    EXPECT_FALSE(WsClient(near_shards_.port(), Target(sid, "websocket")).open());
  }
  // One that the owner does not have.
  const std::string none = SessionId::Make(0, 0, 1, kOwner).ToString();
  EXPECT_EQ(http.Get(Target(none)).body, kUnknown);
  EXPECT_EQ(http.Do("PUT", Target(Open())).body, kUnknown);
}

TEST_P(ForwardTest, TheOwnerRefusesWhatIsTooLong) {
  Serve();
  const std::string sid = Open();
  HttpClient http = Near();
  const Reply reply = http.Post(Target(sid), "4" + std::string(20'000, 'x'));
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.Header("Connection"), "close");
  AwaitClose(CloseReason::kTransportError);
}

TEST_P(ForwardTest, AWebSocketOpeningMustBeOne) {
  Serve();
  const std::string sid = Open();
  HttpClient http = Near();
  const Reply reply = http.Do("GET", Target(sid, "websocket"),
                              {"Connection: Upgrade", "Upgrade: websocket",
                               "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: short"});
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.Header("Connection"), "close");
  HttpClient with_body = Near();
  EXPECT_EQ(with_body.Do("GET", Target(sid), {}, "body").status, 400);
}

TEST_P(ForwardTest, AClientThatGoesEndsItsSession) {
  Serve();
  const std::string sid = Open();
  {
    HttpClient http = Near();
    http.Start("GET", Target(sid));
    HttpClient poster = Near();
    // The poll waits at the owner by the time its echo comes back over it.
    poster.Post(Target(sid), "4x");
    EXPECT_EQ(http.Finish().body, "4x");
    http.Start("GET", Target(sid));
    http.connection().Reset();
  }
  AwaitClose(CloseReason::kTransportError);
  HttpClient late = Near();
  EXPECT_EQ(late.Get(Target(sid)).body, kUnknown);
}

TEST_P(ForwardTest, AnOwnerThatDoesNotAnswerHasNoSessions) {
  neighbour_.options.answer_timeout = std::chrono::milliseconds(200);
  Serve();
  const std::string sid = Open();
  HttpClient http = Near();
  // Nothing is there to be polled: the owner is as silent as one that lost its power.
  const Reply reply = http.Do("GET", Target(sid), {"Origin: https://map.test"});
  EXPECT_EQ(reply.body, kUnknown);
  EXPECT_EQ(reply.Header("Access-Control-Allow-Origin"), "https://map.test");
}

TEST_P(ForwardTest, TooManyAreRefused) {
  neighbour_.options.max_open = 0;
  Serve();
  HttpClient http = Near();
  const Reply reply = http.Do("GET", Target(Open()), {"Origin: https://map.test"});
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, R"({"code":3,"message":"Too many requests are being forwarded"})");
  EXPECT_EQ(reply.Header("Access-Control-Allow-Origin"), "https://map.test");
}

TEST(NoForwarderTest, SessionsOfOthersAreUnknown) {
  TestShards shards(1);
  Server server(shards.shards(), Options(), [](Session& session, const net::http::Request&) {
    return std::make_unique<Echo>(session);
  });
  shards.Listen("/engine.io/", &server);
  HttpClient http(shards.port());
  const std::string sid = SessionId::Make(0, 0, 1, 5).ToString();
  EXPECT_EQ(http.Get("/engine.io/?EIO=4&transport=polling&sid=" + sid).body, kUnknown);
  shards.Stop();
}

}  // namespace
}  // namespace trackwire::engineio
