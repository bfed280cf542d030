#include "net/http/compression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/net/net_test_client.h"
#include "tests/support/unpack.h"

namespace trackwire::net::http {
namespace {

using net::testing::Client;
using net::testing::TestServer;
using trackwire::testing::Unpack;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

constexpr Steady::time_point kStart{100h};

/// Text such as a polling body has, of at least `size` bytes.
std::string Positions(size_t size) {
  std::string text;
  for (int i = 0; text.size() < size; ++i) {
    text += R"(42["tracker_location_updated",{"tracker_id":"vessel-)" + std::to_string(i * 7919) +
            R"(","latitude":)" + std::to_string(i * 0.0137) + "}]\x1e";
  }
  return text;
}

std::string Noise(size_t size) {
  std::mt19937 random(7);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

TEST(CompressorTest, PacksOneBodyAfterTheOther) {
  Compressor compressor;
  for (const size_t size : {100, 1024, 70'000, 300'000}) {
    for (const Coding coding : {Coding::kGzip, Coding::kDeflate}) {
      const std::string body = Positions(size);
      const auto packed = compressor.Pack(coding, body, kStart);
      ASSERT_TRUE(packed) << size;
      EXPECT_LT(packed->size(), body.size());
      EXPECT_EQ((*packed)[0], coding == Coding::kGzip ? '\x1f' : '\x78');
      EXPECT_EQ(Unpack(*packed), body);
    }
  }
}

TEST(CompressorTest, LeavesWhatDoesNotGetSmaller) {
  Compressor compressor;
  for (const size_t size : {0, 1, 10, 20, 1024, 100'000}) {
    const auto packed = compressor.Pack(Coding::kGzip, Noise(size), kStart);
    ASSERT_FALSE(packed) << size;
    EXPECT_EQ(packed.error(), Compressor::Refusal::kNotSmaller);
  }
  const std::string body = Positions(2000);
  EXPECT_EQ(Unpack(*compressor.Pack(Coding::kGzip, body, kStart)), body) << "it works on";
}

TEST(CompressorTest, LeavesTheThreadTimeForOthers) {
  Compressor::Options options;
  options.burst_bytes = 10'000;
  options.bytes_per_second = 1'000;
  Compressor compressor(options);
  const std::string body = Positions(3'900);
  ASSERT_GT(body.size() * 3, options.burst_bytes);
  EXPECT_TRUE(compressor.Pack(Coding::kGzip, body, kStart));
  EXPECT_TRUE(compressor.Pack(Coding::kGzip, body, kStart));
  const auto third = compressor.Pack(Coding::kGzip, body, kStart + 100ms);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error(), Compressor::Refusal::kBusy);
  EXPECT_TRUE(compressor.Pack(Coding::kGzip, body, kStart + 10s));
  EXPECT_FALSE(compressor.Pack(Coding::kGzip, Positions(10'001), kStart + 1h))
      << "no body is longer than what may be packed at a stretch";
  EXPECT_TRUE(compressor.Pack(Coding::kGzip, body, kStart)) << "time that goes back takes nothing";
}

TEST(GzipTest, PacksAnything) {
  for (const std::string& body : {std::string(), Positions(5000), Noise(5000)}) {
    for (const int level : {1, 6, 9}) EXPECT_EQ(Unpack(Gzip(body, level)), body);
  }
}

class CompressAnswerTest : public ::testing::Test {
 protected:
  CompressAnswerTest() {
    Serve("/long", [](Response&) {});
    Serve("/short", [](Response& response) { response.body.resize(kWorthPacking - 1); });
    Serve("/never", [](Response& response) { response.compress_from = std::nullopt; });
    Serve("/noise", [](Response& response) { response.body = Noise(5000); });
    Serve("/huge", [](Response& response) { response.body = Positions(2'000'000); });
    Serve("/strong", [](Response& response) { response.headers.Add("ETag", "\"1\""); });
    Serve("/weak", [](Response& response) { response.headers.Add("ETag", "W/\"1\""); });
    Serve("/packed", [](Response& response) { response.headers.Add("Content-Encoding", "br"); });
    Serve("/unchanged", [](Response& response) { response.status = 304; });
    Serve("/varies", [](Response& response) { response.headers.Add("Vary", "Origin"); });
    Serve("/shared", [](Response& response) {
      response.shared_body = std::make_shared<const std::string>(std::move(response.body));
    });
    server_.Start();
  }

  void Serve(const std::string& path, const std::function<void(Response&)>& change) {
    server_.router().On("GET", path, 0,
                        [change](const Exchange& exchange, const Request&, std::string) {
                          Response response = Response::Text(200, Positions(5000));
                          response.compress_from = kWorthPacking;
                          change(response);
                          exchange.Respond(std::move(response));
                        });
  }

  struct Answer {
    std::string head;
    std::string body;
  };
  Answer Ask(const std::string& path, const std::string& accepted, const char* method = "GET") {
    Client client(server_.port());
    client.Write(std::string(method) + " " + path + " HTTP/1.1\r\nHost: here\r\n" +
                 "Connection: close\r\nAccept-Encoding: " + accepted + "\r\n\r\n");
    const std::string all = client.ReadToEnd();
    const size_t end = all.find("\r\n\r\n") + 4;
    return {all.substr(0, end), all.substr(end)};
  }

  TestServer server_{1};
};

TEST_F(CompressAnswerTest, PacksForWhoTakesIt) {
  for (const char* coding : {"gzip", "deflate"}) {
    for (const char* path : {"/long", "/shared", "/weak"}) {
      SCOPED_TRACE(path);
      const Answer answer = Ask(path, coding);
      EXPECT_THAT(answer.head, HasSubstr(std::string("\r\nContent-Encoding: ") + coding + "\r\n"));
      EXPECT_THAT(answer.head, HasSubstr("\r\nVary: Accept-Encoding\r\n"));
      EXPECT_THAT(answer.head,
                  HasSubstr("\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n"));
      EXPECT_EQ(Unpack(answer.body), Positions(5000));
    }
  }
  const ShardCounters counters = server_.Counters();
  EXPECT_EQ(counters.bodies_packed, 6u);
  EXPECT_EQ(counters.bytes_before_packing, 6 * Positions(5000).size());
  EXPECT_LT(counters.bytes_after_packing, counters.bytes_before_packing / 2);
}

TEST_F(CompressAnswerTest, SaysThatItWouldForOthers) {
  const Answer answer = Ask("/long", "gzip;q=0");
  EXPECT_THAT(answer.head, Not(HasSubstr("Content-Encoding")));
  EXPECT_THAT(answer.head, HasSubstr("\r\nVary: Accept-Encoding\r\n"));
  EXPECT_EQ(answer.body, Positions(5000));
  EXPECT_THAT(Ask("/varies", "gzip").head, HasSubstr("\r\nVary: Origin, Accept-Encoding\r\n"));
}

TEST_F(CompressAnswerTest, LeavesWhatIsNotToBePacked) {
  for (const char* path : {"/short", "/never", "/strong", "/packed", "/unchanged"}) {
    SCOPED_TRACE(path);
    const Answer answer = Ask(path, "gzip");
    EXPECT_THAT(answer.head, Not(HasSubstr("gzip")));
    EXPECT_THAT(answer.head, Not(HasSubstr("Vary")));
  }
  EXPECT_EQ(Ask("/noise", "gzip").body, Noise(5000));
  EXPECT_EQ(server_.Counters().bodies_packed, 0u);
  EXPECT_EQ(server_.Counters().bodies_not_packed, 0u);
}

TEST_F(CompressAnswerTest, CountsWhatThereIsNoTimeFor) {
  EXPECT_EQ(Ask("/huge", "gzip").body, Positions(2'000'000));
  EXPECT_EQ(server_.Counters().bodies_not_packed, 1u);
}

TEST_F(CompressAnswerTest, AnswersHeadAsGet) {
  const Answer get = Ask("/long", "gzip");
  const Answer head = Ask("/long", "gzip", "HEAD");
  EXPECT_EQ(head.body, "");
  for (const char* field : {"\r\nContent-Encoding: gzip\r\n", "\r\nVary: Accept-Encoding\r\n"}) {
    EXPECT_THAT(head.head, HasSubstr(field));
  }
  EXPECT_THAT(head.head,
              HasSubstr("\r\nContent-Length: " + std::to_string(get.body.size()) + "\r\n"));
}

}  // namespace
}  // namespace trackwire::net::http
