#include "engineio/request_check.h"

#include <gtest/gtest.h>

namespace trackwire::engineio {
namespace {

struct Row {
  const char* method;
  const char* query;
  bool upgrade;
  std::optional<RequestError> error;
};

TEST(RequestCheckTest, EveryRow) {
  const Row rows[] = {
      {"GET", "EIO=4&transport=polling", false, std::nullopt},
      {"GET", "EIO=4&transport=websocket", true, std::nullopt},
      {"GET", "EIO=4&transport=polling&transport=websocket", true, std::nullopt},
      {"POST", "EIO=4&transport=polling&sid=x", false, std::nullopt},
      {"GET", "EIO=4", false, RequestError::kUnknownTransport},
      {"GET", "EIO=4&transport=abc", false, RequestError::kUnknownTransport},
      {"GET", "EIO=4&transport=webtransport", false, RequestError::kUnknownTransport},
      {"GET", "EIO=4&transport=__proto__", false, RequestError::kUnknownTransport},
      {"POST", "EIO=4&transport=polling", false, RequestError::kBadHandshakeMethod},
      {"PUT", "EIO=4&transport=polling", false, RequestError::kBadHandshakeMethod},
      {"OPTIONS", "EIO=4&transport=polling", false, RequestError::kBadHandshakeMethod},
      {"POST", "EIO=4&transport=polling&sid=", false, RequestError::kBadHandshakeMethod},
      {"GET", "EIO=4&transport=websocket", false, RequestError::kBadRequest},
      {"GET", "EIO=4&transport=polling", true, RequestError::kBadRequest},
  };
  for (const Row& row : rows) {
    net::http::Request request;
    request.method = row.method;
    request.query = net::http::Query::Parse(row.query);
    request.upgrade = row.upgrade;
    if (row.upgrade) request.headers.Add("Upgrade", "websocket");
    const auto target = CheckRequest(request, Options());
    EXPECT_EQ(target.has_value(), !row.error) << row.method << " " << row.query;
    if (!target && row.error) {
      EXPECT_EQ(target.error(), *row.error) << row.query;
    }
  }
}

TEST(RequestCheckTest, AnOfferOfAnotherProtocolIsNoWebSocket) {
  net::http::Request request;
  request.method = "GET";
  request.upgrade = true;
  request.headers.Add("Upgrade", "h2c");
  request.query = net::http::Query::Parse("EIO=4&transport=polling");
  EXPECT_TRUE(CheckRequest(request, Options()));
  request.query = net::http::Query::Parse("EIO=4&transport=websocket");
  EXPECT_EQ(CheckRequest(request, Options()).error(), RequestError::kBadRequest);
}

TEST(RequestCheckTest, TransportsCanBeSwitchedOff) {
  net::http::Request request;
  request.method = "GET";
  request.query = net::http::Query::Parse("EIO=4&transport=polling");
  Options options;
  options.polling = false;
  EXPECT_EQ(CheckRequest(request, options).error(), RequestError::kUnknownTransport);
}

TEST(RequestCheckTest, RefusesAnOriginWithControlBytes) {
  net::http::Request request;
  request.method = "GET";
  request.query = net::http::Query::Parse("EIO=4&transport=polling");
  request.headers.Add("Origin", "http://a\x01");
  EXPECT_EQ(CheckRequest(request, Options()).error(), RequestError::kBadRequest);
}

TEST(RequestCheckTest, ErrorsAreJsonForPollingAndTextForWebSockets) {
  const auto polling = ErrorResponse(RequestError::kUnknownSid, false);
  EXPECT_EQ(polling.status, 400);
  EXPECT_EQ(polling.body, R"({"code":1,"message":"Session ID unknown"})");
  EXPECT_EQ(polling.headers.Find("Content-Type"), "application/json");

  const auto forbidden = ErrorResponse(RequestError::kForbidden, false, "not \"you\"");
  EXPECT_EQ(forbidden.status, 403);
  EXPECT_EQ(forbidden.body, R"({"code":4,"message":"not \"you\""})");

  const auto websocket = ErrorResponse(RequestError::kUnsupportedProtocol, true);
  EXPECT_EQ(websocket.status, 400);
  EXPECT_EQ(websocket.body, "Unsupported protocol version");
  EXPECT_TRUE(websocket.close);
}

}  // namespace
}  // namespace trackwire::engineio
