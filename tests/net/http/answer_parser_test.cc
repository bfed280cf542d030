#include "net/http/answer_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace trackwire::net::http {
namespace {

constexpr size_t kLimit = 4'096;

std::optional<AnswerError> ErrorOf(const std::string& text) {
  const auto parsed = ParseAnswerHead(text, kLimit);
  return parsed ? std::nullopt : std::optional(parsed.error());
}

TEST(AnswerParserTest, TakesAHeadApart) {
  const std::string text =
      "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nSet-Cookie: a=1\r\n"
      "Set-Cookie: b=2\r\nDate: today\r\nContent-Length: 5\r\nConnection: keep-alive, X-Hop\r\n"
      "X-Hop: 1\r\nKeep-Alive: timeout=5\r\nEmpty:\r\n\r\nhello";
  const auto parsed = ParseAnswerHead(text, kLimit);
  ASSERT_TRUE(parsed && *parsed);
  const AnswerHead& head = **parsed;
  EXPECT_EQ(head.response.status, 403);
  EXPECT_EQ(head.head_bytes, text.size() - 5);
  EXPECT_EQ(head.body_bytes, 5u);
  EXPECT_TRUE(head.keep_alive);
  using Field = std::pair<std::string, std::string>;
  EXPECT_EQ(head.response.headers.all(),
            (std::vector<Field>{{"Content-Type", "text/html"}, {"Set-Cookie", "a=1"},
                                {"Set-Cookie", "b=2"}, {"Empty", ""}}));
}

TEST(AnswerParserTest, WaitsForTheWholeHead) {
  const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  for (size_t size = 0; size < text.size(); ++size) {
    const auto parsed = ParseAnswerHead(text.substr(0, size), kLimit);
    ASSERT_TRUE(parsed) << size;
    EXPECT_FALSE(*parsed) << size;
  }
  const auto parsed = ParseAnswerHead(text, kLimit);
  ASSERT_TRUE(parsed && *parsed);
  EXPECT_FALSE((*parsed)->keep_alive);
}

TEST(AnswerParserTest, AnswersWithoutABodyNeedNoLength) {
  for (const char* status : {"101 Switching Protocols", "204 No Content", "304 Not Modified"}) {
    const auto parsed = ParseAnswerHead("HTTP/1.1 " + std::string(status) + "\r\n\r\n", kLimit);
    ASSERT_TRUE(parsed && *parsed) << status;
    EXPECT_EQ((*parsed)->body_bytes, 0u);
  }
}

TEST(AnswerParserTest, RefusesWhatIsNoAnswer) {
  for (const char* text :
       {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 20\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 2000\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 099 x\r\nContent-Length: 0\r\n\r\n",
        "SSH-2.0-x\r\n\r\n", "\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: nameless\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5 5\r\n\r\n"}) {
    EXPECT_EQ(ErrorOf(text), AnswerError::kMalformed) << text;
  }
  EXPECT_EQ(ErrorOf("HTTP/1.1 200 OK\r\n\r\n"), AnswerError::kNoLength);
  EXPECT_EQ(ErrorOf("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"),
            AnswerError::kNoLength);
  EXPECT_EQ(ErrorOf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            AnswerError::kNoLength);
  EXPECT_EQ(ErrorOf("HTTP/1.1 200 OK\r\nX: " + std::string(kLimit, 'x')), AnswerError::kTooLarge);
  std::string many = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
  for (int i = 0; i < 200; ++i) many += "A: b\r\n";
  EXPECT_EQ(ErrorOf(many + "\r\n"), AnswerError::kMalformed);
}

}  // namespace
}  // namespace trackwire::net::http
