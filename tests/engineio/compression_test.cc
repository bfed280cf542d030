#include <gtest/gtest.h>

#include "engineio/server.h"
#include "tests/engineio/raw_client.h"
#include "tests/engineio/test_shards.h"
#include "tests/support/unpack.h"

namespace trackwire::engineio {
namespace {

using testing::HttpClient;
using testing::Reply;
using testing::TestShards;
using testing::Unpack;

const std::string kLong = "4" + std::string(3'000, 'x');
const std::vector<std::string> kTakesGzip = {"Accept-Encoding: gzip, deflate, br"};

/// Echoes messages; `plain SIZE` answers one that is not to be packed.
class Echo final : public SessionListener {
 public:
  explicit Echo(Session& session) : session_(session) {}
  void OnMessage(net::FrameKind kind, std::string_view data) override {
    if (!data.starts_with("plain ")) return session_.SendMessage(kind, data);
    net::EncodedFrame::Options options;
    options.compress = false;
    const std::string answer(std::stoul(std::string(data.substr(6))), 'p');
    session_.Send(net::FrameRef::Hold(EncodeMessage(kind, answer, options)));
  }
  void OnClosed(CloseReason) override {}

 private:
  Session& session_;
};

class PollingCompressionTest : public ::testing::Test {
 protected:
  void SetUp() override { Serve(Options()); }
  void TearDown() override { shards_->Stop(); }

  void Serve(Options options, const std::string& greeting = "") {
    if (shards_ != nullptr) shards_->Stop();
    server_.reset();
    shards_ = std::make_unique<TestShards>(1);
    server_ = std::make_unique<Server>(
        shards_->shards(), std::move(options),
        [greeting](Session& session, const net::http::Request&) {
          if (!greeting.empty()) session.SendMessage(net::FrameKind::kText, greeting);
          return std::make_unique<Echo>(session);
        });
    shards_->Listen("/engine.io/", server_.get());
  }
  Reply Open(const std::vector<std::string>& headers = {}) {
    Reply reply = HttpClient(shards_->port()).Do("GET", target_, headers);
    const size_t start = reply.body.find("\"sid\":\"") + 7;
    sid_ = reply.body.substr(start, reply.body.find('"', start) - start);
    return reply;
  }
  std::string Target() const { return target_ + "&sid=" + sid_; }
  /// What comes back for `body`.
  Reply Echoed(const std::string& body, const std::vector<std::string>& headers = kTakesGzip) {
    Open();
    HttpClient http(shards_->port());
    EXPECT_EQ(http.Post(Target(), body).status, 200);
    return http.Do("GET", Target(), headers);
  }

  std::unique_ptr<TestShards> shards_;
  std::unique_ptr<Server> server_;
  const std::string target_ = "/engine.io/?EIO=4&transport=polling";
  std::string sid_;
};

TEST_F(PollingCompressionTest, PacksLongBodies) {
  const Reply reply = Echoed(kLong);
  EXPECT_EQ(reply.Header("Content-Encoding"), "gzip");
  EXPECT_EQ(reply.Header("Vary"), "Accept-Encoding");
  EXPECT_EQ(reply.Header("Content-Type"), "text/plain; charset=UTF-8");
  EXPECT_EQ(reply.Header("Cache-Control"), "no-store");
  EXPECT_LT(reply.body.size(), 100u);
  EXPECT_EQ(Unpack(reply.body), kLong);
}

TEST_F(PollingCompressionTest, PacksWhatIsLongTogether) {
  const std::string parts = "4" + std::string(600, 'a') + "\x1e" + "4" + std::string(600, 'b');
  EXPECT_EQ(Unpack(Echoed(parts).body), parts);
}

TEST_F(PollingCompressionTest, PacksBytes) {
  const std::string bytes = "b" + std::string(2'000, 'A');
  EXPECT_EQ(Unpack(Echoed(bytes).body), bytes);
}

TEST_F(PollingCompressionTest, LeavesShortBodiesAlone) {
  const Reply reply = Echoed("4" + std::string(1'022, 'x'));
  EXPECT_FALSE(reply.Header("Content-Encoding"));
  EXPECT_FALSE(reply.Header("Vary"));
  EXPECT_EQ(reply.body.size(), 1'023u);
  EXPECT_TRUE(Echoed("4" + std::string(1'023, 'x')).Header("Content-Encoding"));
}

TEST_F(PollingCompressionTest, AsksWhatTheClientTakes) {
  EXPECT_EQ(Echoed(kLong, {}).body, kLong);
  EXPECT_EQ(Echoed(kLong, {"Accept-Encoding: gzip;q=0, br"}).body, kLong);
  const Reply deflated = Echoed(kLong, {"Accept-Encoding: deflate"});
  EXPECT_EQ(deflated.Header("Content-Encoding"), "deflate");
  EXPECT_EQ(Unpack(deflated.body), kLong);
}

TEST_F(PollingCompressionTest, ObeysTheOptions) {
  Options options;
  options.http_compression.threshold = 10;
  Serve(options);
  EXPECT_EQ(Unpack(Echoed("4" + std::string(60, 'x')).body), "4" + std::string(60, 'x'));
  options.http_compression.enabled = false;
  Serve(options);
  const Reply reply = Echoed(kLong);
  EXPECT_FALSE(reply.Header("Vary"));
  EXPECT_EQ(reply.body, kLong);
}

TEST_F(PollingCompressionTest, SendsABodyWithAMessageThatSaysSoAsItIs) {
  const Reply reply = Echoed("4plain 2000\x1e" + kLong);
  EXPECT_FALSE(reply.Header("Content-Encoding"));
  EXPECT_EQ(reply.body, "4" + std::string(2'000, 'p') + "\x1e" + kLong);
}

TEST_F(PollingCompressionTest, NeverPacksTheSessionId) {
  Serve(Options(), kLong.substr(1));
  const Reply reply = Open(kTakesGzip);
  EXPECT_FALSE(reply.Header("Content-Encoding"));
  EXPECT_EQ(reply.body.substr(0, 2), "0{");
  EXPECT_TRUE(reply.body.ends_with("\x1e" + kLong)) << "they came together";
}

TEST_F(PollingCompressionTest, WorksBesideCors) {
  Options options;
  options.cors.origins = {"https://map.test"};
  Serve(options);
  EXPECT_EQ(Echoed(kLong).Header("Vary"), "Origin, Accept-Encoding");
}

TEST_F(PollingCompressionTest, TakesNoPackedBodies) {
  Open();
  const auto post = [this](const std::string& coding) {
    return HttpClient(shards_->port())
        .Do("POST", Target(), {"Content-Type: text/plain", "Content-Encoding: " + coding}, "4abc");
  };
  for (const char* coding : {"gzip", "deflate", "br", "identity, gzip"}) {
    EXPECT_EQ(post(coding).status, 415) << coding;
  }
  EXPECT_EQ(post("identity").status, 200) << "the session lives on";
  EXPECT_EQ(HttpClient(shards_->port()).Get(Target()).body, "4abc");
}

}  // namespace
}  // namespace trackwire::engineio
