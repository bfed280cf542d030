#include "load/http_sink.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <string>

#include "base/check.h"

namespace trackwire::bench {
namespace {

/// A sink and the other end of its connection, which the test plays.
class HttpSinkTest : public testing::Test {
 protected:
  HttpSinkTest() : listener_(::socket(AF_INET, SOCK_STREAM, 0)), epoll_(epoll_create1(0)) {
    sockaddr_in own = LoopbackAddress{}.ToSockaddr();
    socklen_t size = sizeof own;
    auto* generic = reinterpret_cast<sockaddr*>(&own);
    CHECK(bind(listener_.get(), generic, size) == 0 && listen(listener_.get(), 1) == 0);
    CHECK(getsockname(listener_.get(), generic, &size) == 0);
    options_.address.port = ntohs(own.sin_port);
    options_.token = "secret";
    CHECK(sink_.Open(epoll_.get(), 0));
    server_ = UniqueFd(accept(listener_.get(), nullptr, nullptr));
    CHECK(server_.is_open());
  }

  std::string TakeRequest() {
    std::array<char, 4096> bytes{};
    const ssize_t n = recv(server_.get(), bytes.data(), bytes.size(), 0);
    return {bytes.data(), static_cast<size_t>(std::max<ssize_t>(n, 0))};
  }

  /// Sends to the sink and lets it act.
  Result<void> Answer(const std::string& text) {
    CHECK(send(server_.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    AwaitReadable();
    return sink_.OnReady();
  }

  static std::string Http(const std::string& status, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\ncontent-length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }

  void AwaitReadable() {
    epoll_event event{};
    CHECK(epoll_wait(epoll_.get(), &event, 1, 10'000) == 1);
  }

  Options options_;
  UniqueFd listener_;
  UniqueFd epoll_;
  HttpSink sink_{options_};
  UniqueFd server_;
};

TEST_F(HttpSinkTest, PostsWithTokenAndLength) {
  ASSERT_TRUE(sink_.Post("[1,2]"));
  EXPECT_FALSE(sink_.is_ready());
  const std::string request = TakeRequest();
  EXPECT_EQ(request.rfind("POST /api/notifications HTTP/1.1\r\n", 0), 0u);
  EXPECT_NE(request.find("\r\nAuthorization: Bearer secret\r\n"), std::string::npos);
  EXPECT_NE(request.find("\r\nContent-Length: 5\r\n\r\n[1,2]"), std::string::npos);
}

TEST_F(HttpSinkTest, IsReadyAgainAfterTheWholeAnswer) {
  const std::string answer = Http("202 Accepted", R"({"results":[{"offset":"1-1"}]})");
  for (size_t split = 1; split < answer.size(); split += 7) {
    ASSERT_TRUE(sink_.Post("[]"));
    (void)TakeRequest();
    ASSERT_TRUE(Answer(answer.substr(0, split)));
    EXPECT_FALSE(sink_.is_ready()) << split;
    ASSERT_TRUE(Answer(answer.substr(split)));
    EXPECT_TRUE(sink_.is_ready()) << split;
  }
}

TEST_F(HttpSinkTest, FailsOnAnythingButAcceptance) {
  const std::string cases[] = {
      Http("401 Unauthorized", "{}"),
      Http("202 Accepted", "not json"),
      Http("202 Accepted", "[]"),
      Http("202 Accepted", R"({"results":[{"offset":"1-1"},{"error":"bad"}]})"),
      "HTTP/1.1 202 Accepted\r\n\r\n",
      "HTTP/1.1 202 Accepted\r\ncontent-length: 99999999999\r\n\r\n",
  };
  for (const std::string& answer : cases) {
    HttpSink sink(options_);
    ASSERT_TRUE(sink.Open(epoll_.get(), 1));
    const UniqueFd server(accept(listener_.get(), nullptr, nullptr));
    ASSERT_TRUE(sink.Post("[]"));
    ASSERT_GT(send(server.get(), answer.data(), answer.size(), 0), 0);
    AwaitReadable();
    const Result<void> done = sink.OnReady();
    ASSERT_FALSE(done) << answer;
    EXPECT_EQ(done.error().code, "refused");
  }
}

TEST_F(HttpSinkTest, FailsWhenTheServerCloses) {
  ASSERT_TRUE(sink_.Post("[]"));
  (void)TakeRequest();
  server_.Close();
  AwaitReadable();
  const Result<void> done = sink_.OnReady();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "closed");
}

TEST_F(HttpSinkTest, AConnectionClosedBetweenRequestsIsMadeAgain) {
  server_.Close();
  AwaitReadable();
  ASSERT_TRUE(sink_.OnReady());
  EXPECT_TRUE(sink_.is_ready());
  ASSERT_TRUE(sink_.Post("[7]"));
  server_ = UniqueFd(accept(listener_.get(), nullptr, nullptr));
  EXPECT_NE(TakeRequest().find("[7]"), std::string::npos);
}

}  // namespace
}  // namespace trackwire::bench
