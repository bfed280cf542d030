#include "gateway/forward_seal.h"

#include <gtest/gtest.h>

#include "engineio/request_check.h"
#include "gateway/forward_wire.h"

namespace trackwire::gateway {
namespace {

net::http::Request Poll() {
  net::http::Request request;
  request.method = "GET";
  request.target = "/socket.io/?EIO=4&transport=polling&sid=abc";
  request.remote_address = "2001:db8::7";
  request.secure = true;
  return request;
}

TEST(ForwardSealTest, TellsWhoARequestIsFor) {
  const ForwardSeal seal("key");
  net::http::Request request = Poll();
  request.headers.Add("trackwire-forwarded", seal.Make(request));
  request.remote_address = "10.0.0.1";
  request.secure = false;
  const auto client = seal.Open(request);
  ASSERT_TRUE(client);
  EXPECT_EQ(client->address, "2001:db8::7");
  EXPECT_TRUE(client->secure);
}

TEST(ForwardSealTest, AnythingElseIsForged) {
  const ForwardSeal seal("key");
  const std::string good = seal.Make(Poll());
  const auto opens = [&seal](const std::string& value, const net::http::Request& about) {
    net::http::Request request = about;
    request.headers.Add(kForwardedHeader, value);
    return seal.Open(request).has_value();
  };
  EXPECT_TRUE(opens(good, Poll()));
  EXPECT_FALSE(seal.Open(Poll()));
  EXPECT_FALSE(opens(ForwardSeal("another key").Make(Poll()), Poll()));
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(opens(bad, Poll())) << i;
    EXPECT_FALSE(opens(good.substr(0, i), Poll())) << i;
  }
  net::http::Request other = Poll();
  other.target += "d";
  EXPECT_FALSE(opens(good, other));
  other = Poll();
  other.method = "POST";
  EXPECT_FALSE(opens(good, other));
  other = Poll();
  other.headers.Add(kForwardedHeader, good);
  EXPECT_FALSE(opens(good, other)) << "given twice";
}

TEST(ForwardedWireTest, IsTheRequestWithoutItsConnection) {
  net::http::Request request = Poll();
  request.method = "POST";
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"Host", "map.test"}, {"Connection", "keep-alive, X-Hop"}, {"X-Hop", "1"},
           {"Content-Length", "99"}, {"Transfer-Encoding", "chunked"}, {"Expect", "100-continue"},
           {"Trackwire-Forwarded", "forged"}, {"Cookie", "a=1"}, {"Origin", "https://map.test"}}) {
    request.headers.Add(name, value);
  }
  EXPECT_EQ(ForwardedWire(request, "sealed", {"body", 4}),
            "POST /socket.io/?EIO=4&transport=polling&sid=abc HTTP/1.1\r\n"
            "Host: map.test\r\nCookie: a=1\r\nOrigin: https://map.test\r\n"
            "Trackwire-Forwarded: sealed\r\nContent-Length: 4\r\n\r\nbody");
}

TEST(ForwardedWireTest, AsksForAWebSocketAnew) {
  net::http::Request request = Poll();
  request.upgrade = true;
  request.headers.Add("Connection", "keep-alive, Upgrade");
  request.headers.Add("Upgrade", "websocket");
  request.headers.Add("Sec-WebSocket-Version", "13");
  EXPECT_EQ(ForwardedWire(request, "sealed", {}),
            "GET /socket.io/?EIO=4&transport=polling&sid=abc HTTP/1.1\r\n"
            "Sec-WebSocket-Version: 13\r\nTrackwire-Forwarded: sealed\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
}

}  // namespace
}  // namespace trackwire::gateway
