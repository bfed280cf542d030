#include "net/http/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>

namespace trackwire::net::http {
namespace {

using Status = RequestParser::Status;

constexpr size_t kMaxHead = 1000;
constexpr size_t kMaxBody = 1000;

struct Parsed {
  int error_status = 0;
  bool complete = false;
  std::unique_ptr<Request> request;
  std::string body;
  std::string rest;
};

/// Offers the bytes in portions that end at `split`, then all; each time from a block of exactly
/// the size.
Parsed Parse(const std::string& bytes, size_t split) {
  Parsed parsed;
  RequestParser parser(kMaxHead);
  size_t used = 0;
  bool head = true;
  for (const size_t end : {split, bytes.size()}) {
    while (true) {
      const size_t size = end - used;
      const std::unique_ptr<char[]> exact(new char[size]);
      bytes.copy(exact.get(), size, used);
      const std::string_view data(exact.get(), size);
      const auto progress =
          head ? parser.ParseHead(data) : parser.ParseBody(data, parsed.body, kMaxBody);
      used += progress.consumed;
      if (progress.status == Status::kError || progress.status == Status::kTooLarge) {
        parsed.error_status = progress.status == Status::kError ? parser.error_status() : 413;
        return parsed;
      }
      if (progress.status == Status::kNeedMore) break;
      if (head) parsed.request = parser.TakeRequest();
      if (!head || !parser.body_pending()) {
        parsed.complete = true;
        parsed.rest = bytes.substr(used);
        return parsed;
      }
      head = false;
    }
  }
  return parsed;
}

Parsed Parse(const std::string& bytes) { return Parse(bytes, bytes.size()); }

/// A request with these fields, line ends included.
std::string Get(const std::string& fields) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}

/// What becomes of a head that may have the size the server allows.
int StatusOf(const std::string& head) {
  RequestParser parser(16'384);
  return parser.ParseHead(head).status == Status::kComplete ? 200 : parser.error_status();
}

TEST(ParserTest, BoundsTheNumberOfQueryFields) {
  const auto query = [](size_t fields) {
    std::string head = "GET /x?";
    for (size_t i = 0; i < fields; ++i) head += "a&";
    return head + "&& HTTP/1.1\r\nHost: h\r\n\r\n";
  };
  EXPECT_EQ(StatusOf(query(256)), 200);
  EXPECT_EQ(StatusOf(query(257)), 400);
  EXPECT_EQ(StatusOf(query(8'000)), 400);
}

TEST(ParserTest, BoundsTheNumberOfHeaderFields) {
  const auto fields = [](size_t count) {
    std::string lines;
    for (size_t i = 1; i < count; ++i) lines += "a:\r\n";
    return Get(lines);
  };
  EXPECT_EQ(StatusOf(fields(128)), 200);
  EXPECT_EQ(StatusOf(fields(129)), 431);
  EXPECT_EQ(StatusOf(fields(4'000)), 431);
}

TEST(ParserTest, ReadsAHead) {
  const Parsed parsed = Parse(
      "GET /a%20b/c?x=1&y=%2F&x=2&flag&plus=a+b HTTP/1.1\r\nHost: example\r\n"
      "X-Thing:  two words \r\nx-thing: again\r\nCookie: a=1; session=\"abc\"; b=2\r\n\r\n");
  ASSERT_TRUE(parsed.complete);
  const Request& request = *parsed.request;
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.path, "/a b/c");
  EXPECT_EQ(request.target, "/a%20b/c?x=1&y=%2F&x=2&flag&plus=a+b");
  EXPECT_EQ(request.query.Find("x"), "2");
  EXPECT_EQ(request.query.Find("y"), "/");
  EXPECT_EQ(request.query.Find("flag"), "");
  EXPECT_EQ(request.query.Find("plus"), "a b");
  EXPECT_EQ(request.query.Find("z"), std::nullopt);
  EXPECT_EQ(request.headers.Find("X-THING"), "two words");
  EXPECT_EQ(request.headers.all().size(), 4u);
  EXPECT_EQ(request.Cookie("session"), "abc");
  EXPECT_EQ(request.Cookie("b"), "2");
  EXPECT_EQ(request.Cookie("c"), std::nullopt);
  EXPECT_TRUE(request.keep_alive);
  EXPECT_FALSE(request.upgrade);
  EXPECT_EQ(request.version_minor, 1);
  EXPECT_EQ(request.content_length, std::nullopt);
}

struct Case {
  const char* name;
  std::string bytes;
  int error_status = 0;
  std::string body = {};
  std::string rest = {};
};

std::vector<Case> Cases() {
  const std::string chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string large(kMaxBody + 1, 'x');
  return {
      {"plain", Get("")},
      {"the next request waits", Get("") + "GET", 0, "", "GET"},
      {"empty lines before it", "\r\n\r\n" + Get("")},
      {"a body of known length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello!", 0,
       "hello", "!"},
      {"no body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"},
      {"chunks", chunked + "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nnext", 0, "abc0123456789",
       "next"},
      {"chunks with extensions and trailers",
       chunked + "3;a=b;c=\"d\"\r\nabc\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n", 0, "abc"},
      {"no chunks", chunked + "0\r\n\r\n"},
      {"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n"},
      {"absolute target", "GET http://h/x HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"},

      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", Get("Host: i\r\n"), 400},
      {"bad method", "G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"long method", std::string(40, 'A') + " / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"no method", " / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"no target", "GET  HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"no version", "GET /\r\nHost: h\r\n\r\n", 400},
      {"another protocol", "GET / FTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
      {"HTTP/11.1", "GET / HTTP/11.1\r\nHost: h\r\n\r\n", 400},
      {"relative target", "GET x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"asterisk for GET", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"authority", "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"space before the colon", Get("X : 1\r\n"), 400},
      {"no colon", Get("X\r\n"), 400},
      {"empty name", Get(": 1\r\n"), 400},
      {"folded line", Get("X: 1\r\n 2\r\n"), 400},
      {"folded with a tab", Get("X: 1\r\n\t2\r\n"), 400},
      {"bare line feed", Get("X: 1\nY: 2\r\n"), 400},
      {"bare carriage return", Get("X: 1\rY: 2\r\n"), 400},
      {"null byte", Get(std::string("X: \0\r\n", 6)), 400},
      {"control character in a value", Get("X: \x01\r\n"), 400},
      {"length and chunks", Get("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"chunks and length", Get("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), 400},
      {"two lengths", Get("Content-Length: 3\r\nContent-Length: 4\r\n"), 400},
      {"the same length twice", Get("Content-Length: 3\r\nContent-Length: 3\r\n"), 400},
      {"a list of lengths", Get("Content-Length: 3, 3\r\n"), 400},
      {"signed length", Get("Content-Length: +3\r\n"), 400},
      {"negative length", Get("Content-Length: -3\r\n"), 400},
      {"empty length", Get("Content-Length:\r\n"), 400},
      {"length beyond 64 bits", Get("Content-Length: 99999999999999999999\r\n"), 400},
      {"unknown coding", Get("Transfer-Encoding: gzip\r\n"), 501},
      {"coding before chunks", Get("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {"chunks twice", Get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"chunks for HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"chunk size that is none", chunked + "x\r\nabc\r\n", 400},
      {"chunk without a size", chunked + "\r\nabc\r\n", 400},
      {"chunk longer than it says", chunked + "2\r\nabc\r\n0\r\n\r\n", 400},
      {"chunk size beyond 64 bits", chunked + "fffffffffffffffff\r\n", 400},
      {"body over the limit", chunked + "3e9\r\n" + large + "\r\n0\r\n\r\n", 413},
      {"many chunks over the limit",
       chunked + "3e8\r\n" + large.substr(1) + "\r\n1\r\nx\r\n0\r\n\r\n", 413},
      {"head over the limit", Get("X: " + std::string(kMaxHead, 'x') + "\r\n"), 431},
      {"endless extension", chunked + "1;" + std::string(20'000, 'x'), 400},
      {"an absolute target of another host", "GET http://i/x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"an absolute target with a user", "GET http://u@h/x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"an absolute target without a host", "GET http:///x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"another scheme", "GET ftp://h/x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"two hosts in one field", "GET / HTTP/1.1\r\nHost: h, i\r\n\r\n", 400},
      {"a host with a user", "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", 400},
      {"a host with a path", "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n", 400},
      {"a host and a port", "GET / HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\n"},
      {"HTTP/0.9", "GET /\r\n\r\n", 400},
      {"two spaces before the version", "GET /  HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a tab in the first line", "GET /\tHTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a space at the end of the first line", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400},
      {"HTTP/1.1 with a sign", "GET / HTTP/+1.1\r\nHost: h\r\n\r\n", 400},
      {"a field before the first line", "Host: h\r\nGET / HTTP/1.1\r\n\r\n", 400},
      {"a space before the first field", "GET / HTTP/1.1\r\n Content-Length: 3\r\nHost: h\r\n\r\n",
       400},
      {"a tab before the colon", Get("Content-Length\t: 3\r\n"), 400},
      {"length and chunks for HTTP/1.0",
       "POST / HTTP/1.0\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"a length in two parts", Get("Content-Length: 1 2\r\n"), 400},
      {"a length in hexadecimal", Get("Content-Length: 0x3\r\n"), 400},
      {"a length in another script", Get("Content-Length: \xD9\xA3\r\n"), 400},
      {"a quoted length", Get("Content-Length: \"3\"\r\n"), 400},
      {"chunks with a vertical tab", Get("Transfer-Encoding: \x0B" "chunked\r\n"), 400},
      {"chunks named twice", Get("Transfer-Encoding: chunked, chunked\r\n"), 501},
      {"chunks with a parameter", Get("Transfer-Encoding: chunked;x=y\r\n"), 501},
      {"quoted chunks", Get("Transfer-Encoding: \"chunked\"\r\n"), 501},
      {"an empty coding", Get("Transfer-Encoding:\r\n"), 501},
      {"nearly chunks", Get("Transfer-Encoding: chunkedx\r\n"), 501},
      {"a coding folded over two lines", Get("Transfer-Encoding:\r\n chunked\r\n"), 400},
      {"chunk size with a sign", chunked + "+3\r\nabc\r\n0\r\n\r\n", 400},
      {"chunk size with a prefix", chunked + "0x3\r\nabc\r\n0\r\n\r\n", 400},
      {"chunk size after a space", chunked + " 3\r\nabc\r\n0\r\n\r\n", 400},
      {"chunk size before a space", chunked + "3 \r\nabc\r\n0\r\n\r\n", 400},
      {"chunk size with an underscore", chunked + "0_3\r\nabc\r\n0\r\n\r\n", 400},
      {"a line feed after a chunk's size", chunked + "3\nabc\r\n0\r\n\r\n", 400},
      {"a carriage return after a chunk's size", chunked + "3\rabc\r\n0\r\n\r\n", 400},
      {"a line feed after a chunk", chunked + "3\r\nabc\n0\r\n\r\n", 400},
      {"a line feed in an extension", chunked + "3;a\nb\r\nabc\r\n0\r\n\r\n", 400},
      {"a carriage return in an extension", chunked + "3;a\rb\r\nabc\r\n0\r\n\r\n", 400},
      {"a null byte in an extension", chunked + std::string("3;a\0b\r\nabc\r\n0\r\n\r\n", 17), 400},
      {"a line feed in a quoted extension", chunked + "3;a=\"b\nc\"\r\nabc\r\n0\r\n\r\n", 400},
      {"a carriage return in a quoted extension",
       chunked + "3;a=\"b\rc\"\r\nabc\r\n0\r\n\r\n", 400},
      {"a quoted line in an extension", chunked + "3;a=\"b\\\nc\"\r\nabc\r\n0\r\n\r\n", 400},
      {"a line feed in the last chunk's extension", chunked + "0;a=\"b\nc\"\r\n\r\n", 400},
      {"a quoted extension without an end", chunked + "3;a=\"b\r\nabc\r\n0\r\n\r\n", 400},
      {"a last chunk whose quoted extension has no end",
       chunked + "0;a=\"b\\\"\r\nc\r\nabc\r\n0\r\n\r\n", 400},
      {"an extension without a name", chunked + "3;\r\nabc\r\n0\r\n\r\n", 400},
      {"an extension that is none", chunked + "3 x\r\nabc\r\n0\r\n\r\n", 400},
      {"a line feed in a trailer", chunked + "0\r\nA: b\nC: d\r\n\r\n", 400},
      {"a folded trailer", chunked + "0\r\nA: b\r\n c\r\n\r\n", 400},
      {"a length in a trailer", chunked + "0\r\nContent-Length: 5\r\n\r\n", 400},
      {"chunks in a trailer", chunked + "0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"a host in a trailer", chunked + "0\r\nHost: i\r\n\r\n"},
      {"an endless trailer", chunked + "0\r\nA: " + std::string(20'000, 'x'), 400},
      {"a packed body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: "
       "1\r\n\r\nx", 415},
      {"a packed body behind one that is not", "POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: "
       "identity\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", 415},
      {"packed chunks", "POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: br\r\n"
       "Transfer-Encoding: chunked\r\n\r\n", 415},
      {"a packed body that is empty", Get("Content-Encoding: gzip\r\nContent-Length: 0\r\n")},
  };
}

TEST(ParserTest, TellsGoodFromBad) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.name);
    const Parsed parsed = Parse(c.bytes);
    EXPECT_EQ(parsed.error_status, c.error_status);
    EXPECT_EQ(parsed.complete, c.error_status == 0);
    if (c.error_status == 0) {
      EXPECT_EQ(parsed.body, c.body);
      EXPECT_EQ(parsed.rest, c.rest);
    }
  }
}

TEST(ParserTest, TellsTheSameFromEverySplitPoint) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.name);
    const size_t step = c.bytes.size() > 3000 ? 101 : 1;
    for (size_t split = 0; split < c.bytes.size(); split += step) {
      const Parsed parsed = Parse(c.bytes, split);
      ASSERT_EQ(parsed.error_status, c.error_status) << "at " << split;
      if (c.error_status != 0) continue;
      ASSERT_TRUE(parsed.complete) << "at " << split;
      ASSERT_EQ(parsed.body, c.body) << "at " << split;
      ASSERT_EQ(parsed.rest, c.rest) << "at " << split;
    }
  }
}

TEST(ParserTest, TakesChunksByteByByte) {
  const std::string chunks = "3;a=b\r\nabc\r\n1\r\nd\r\n0\r\nA: b\r\n\r\n";
  for (const std::string& sent : {chunks, std::string("0\r\n\r\n"), std::string("00\r\n\r\n")}) {
    RequestParser parser(kMaxHead);
    ASSERT_EQ(parser.ParseHead(Get("Transfer-Encoding: chunked\r\n")).status, Status::kComplete);
    std::string waiting, body;
    for (size_t i = 0; i < sent.size(); ++i) {
      waiting += sent[i];
      const auto progress = parser.ParseBody(waiting, body, kMaxBody);
      waiting.erase(0, progress.consumed);
      const bool last = i + 1 == sent.size();
      ASSERT_EQ(progress.status, last ? Status::kComplete : Status::kNeedMore) << sent << " " << i;
    }
    EXPECT_EQ(body, sent == chunks ? "abcd" : "");
  }
}

TEST(ParserTest, BoundsWhatStandsBetweenChunksHoweverItComes) {
  const auto line = [](size_t size) { return "1;" + std::string(size - 4, 'x') + "\r\n"; };
  std::string wasteful;
  for (int i = 0; i < 20; ++i) wasteful += line(1000) + "y\r\n";
  wasteful += "3e8\r\n" + std::string(1000, 'z') + "\r\n";
  for (const size_t portion : {size_t{1}, size_t{100}, size_t{100'000}}) {
    for (const std::string& sent : {line(8192), line(8193), wasteful}) {
      RequestParser parser(kMaxHead);
      ASSERT_EQ(parser.ParseHead(Get("Transfer-Encoding: chunked\r\n")).status, Status::kComplete);
      std::string waiting, body;
      Status status = Status::kNeedMore;
      for (size_t at = 0; at < sent.size() && status == Status::kNeedMore; at += portion) {
        waiting += sent.substr(at, portion);
        const auto progress = parser.ParseBody(waiting, body, 2 * kMaxBody);
        waiting.erase(0, progress.consumed);
        status = progress.status;
      }
      EXPECT_EQ(status, sent.size() > 8192 ? Status::kError : Status::kNeedMore) << sent.size();
    }
  }
}

TEST(ParserTest, IncompleteRequestsWaitForMore) {
  const std::string whole =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  for (size_t size = 0; size < whole.size(); ++size) {
    const Parsed parsed = Parse(whole.substr(0, size));
    ASSERT_EQ(parsed.error_status, 0) << size;
    ASSERT_FALSE(parsed.complete) << size;
  }
}

TEST(ParserTest, KnowsWhetherTheConnectionGoesOn) {
  EXPECT_TRUE(Parse(Get("")).request->keep_alive);
  EXPECT_FALSE(Parse(Get("Connection: close\r\n")).request->keep_alive);
  EXPECT_FALSE(Parse("GET / HTTP/1.0\r\n\r\n").request->keep_alive);
  EXPECT_TRUE(Parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").request->keep_alive);
  EXPECT_TRUE(
      Parse(Get("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n")).request->upgrade);
  EXPECT_FALSE(Parse(Get("Upgrade: websocket\r\n")).request->upgrade);
}

TEST(ParserTest, AnUpgradeNeedsBothFields) {
  EXPECT_TRUE(Parse(Get("Connection: a, Upgrade\r\nUpgrade: websocket\r\n")).request->upgrade);
  EXPECT_FALSE(Parse(Get("Connection: upgrade\r\n")).request->upgrade);
  EXPECT_FALSE(Parse(Get("Upgrade: websocket\r\n")).request->upgrade);
  EXPECT_FALSE(
      Parse(Get("Proxy-Connection: upgrade\r\nUpgrade: websocket\r\n")).request->upgrade);
}

TEST(ParserTest, SurvivesRandomChanges) {
  std::mt19937 random(3);
  const auto cases = Cases();
  for (int round = 0; round < 30'000; ++round) {
    std::string bytes = cases[random() % cases.size()].bytes;
    for (int changes = static_cast<int>(random() % 4); changes > 0; --changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const Parsed whole = Parse(bytes);
    const Parsed split = Parse(bytes, random() % (bytes.size() + 1));
    ASSERT_EQ(whole.complete, split.complete) << bytes;
    if (whole.complete) {
      ASSERT_EQ(whole.body, split.body);
      ASSERT_EQ(whole.rest, split.rest);
    }
  }
}

TEST(DecodePathTest, RefusesWhatCouldBeReadTwoWays) {
  EXPECT_EQ(DecodePath("/"), "/");
  EXPECT_EQ(DecodePath("/a/b"), "/a/b");
  EXPECT_EQ(DecodePath("/a%20b"), "/a b");
  EXPECT_EQ(DecodePath("/a+b"), "/a+b");
  EXPECT_EQ(DecodePath("/.well-known/..x/x.."), "/.well-known/..x/x..");
  EXPECT_EQ(DecodePath("//a"), "//a");
  for (const char* bad :
       {"", "a", "/..", "/../a", "/a/..", "/a/../b", "/.", "/a/./b", "/%2e%2e/a", "/%2E%2E",
        "/.%2e", "/a%2fb", "/a%2Fb", "/%00", "/a%0d", "/%", "/%1", "/%zz", "/%7f"}) {
    EXPECT_EQ(DecodePath(bad), std::nullopt) << bad;
  }
}

TEST(HeadersTest, FindsTokensInLists) {
  Headers headers;
  headers.Add("Connection", "keep-alive");
  headers.Add("connection", "foo ,UPGRADE");
  EXPECT_TRUE(headers.HasToken("Connection", "upgrade"));
  EXPECT_TRUE(headers.HasToken("CONNECTION", "Keep-Alive"));
  EXPECT_FALSE(headers.HasToken("Connection", "up"));
  EXPECT_FALSE(headers.HasToken("Upgrade", "upgrade"));
  headers.Set("Connection", "close");
  EXPECT_EQ(headers.all().size(), 1u);
  EXPECT_EQ(headers.Find("connection"), "close");
}

}  // namespace
}  // namespace trackwire::net::http
