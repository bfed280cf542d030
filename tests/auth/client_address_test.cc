#include "auth/client_address.h"

#include <gtest/gtest.h>

namespace trackwire::auth {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// A request from `peer`, as it is once 10.0.0.0/8 and ::1 are trusted.
net::http::Request Resolved(const std::string& peer, const Fields& fields) {
  static const TrustedProxies kProxies = TrustedProxies::Parse({"10.0.0.0/8", "::1"}).value();
  net::http::Request request;
  request.remote_address = peer;
  for (const auto& [name, value] : fields) request.headers.Add(name, value);
  kProxies.Resolve(request);
  return request;
}
std::string AddressOf(const std::string& peer, const std::string& forwarded_for) {
  return Resolved(peer, {{"X-Forwarded-For", forwarded_for}}).remote_address;
}

TEST(ClientAddressTest, WhoIsNotTrustedIsNotBelieved) {
  EXPECT_EQ(AddressOf("192.0.2.1", "203.0.113.9"), "192.0.2.1");
  EXPECT_EQ(AddressOf("192.0.2.1", "10.0.0.1"), "192.0.2.1");
  EXPECT_EQ(AddressOf("", "203.0.113.9"), "");
  EXPECT_FALSE(Resolved("192.0.2.1", {{"X-Forwarded-Proto", "https"}}).secure);
}

TEST(ClientAddressTest, TakesTheLastThatNoTrustedProxyHas) {
  EXPECT_EQ(AddressOf("10.0.0.1", "203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(AddressOf("::1", "203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(AddressOf("10.0.0.1", "203.0.113.9, 10.0.0.2,10.0.0.3"), "203.0.113.9");
  EXPECT_EQ(AddressOf("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2"), "203.0.113.9")
      << "what the client wrote itself stands before its address";
  EXPECT_EQ(AddressOf("10.0.0.1", "127.0.0.1, 203.0.113.9"), "203.0.113.9");
}

TEST(ClientAddressTest, ReadsSeveralFieldsAsOneList) {
  const Fields fields{{"X-Forwarded-For", "1.1.1.1, 203.0.113.9"},
                      {"Host", "example.org"},
                      {"x-forwarded-for", "10.0.0.2"}};
  EXPECT_EQ(Resolved("10.0.0.1", fields).remote_address, "203.0.113.9");
}

TEST(ClientAddressTest, AllTrustedMeansTheFirst) {
  EXPECT_EQ(AddressOf("10.0.0.1", "10.0.0.3, 10.0.0.2"), "10.0.0.3");
  EXPECT_EQ(Resolved("10.0.0.1", {}).remote_address, "10.0.0.1");
}

TEST(ClientAddressTest, WhatIsNoAddressEndsTheWalk) {
  for (const char* odd : {"unknown", "_hidden", "", " ", "203.0.113.999", "host.example", "\"::1\"",
                          "203.0.113.9;", "203.0.113.9 10.0.0.9"}) {
    EXPECT_EQ(AddressOf("10.0.0.1", std::string("198.51.100.1, ") + odd), "10.0.0.1") << odd;
    EXPECT_EQ(AddressOf("10.0.0.1", std::string("198.51.100.1, ") + odd + ", 10.0.0.2"),
              "10.0.0.2")
        << odd;
  }
}

TEST(ClientAddressTest, ReadsPortsAndIpv6) {
  EXPECT_EQ(AddressOf("10.0.0.1", "203.0.113.9:4711"), "203.0.113.9");
  EXPECT_EQ(AddressOf("10.0.0.1", "[2001:DB8::9]:4711"), "2001:db8::9");
  EXPECT_EQ(AddressOf("10.0.0.1", "2001:db8::9"), "2001:db8::9");
  EXPECT_EQ(AddressOf("::ffff:10.0.0.1", "::ffff:203.0.113.9"), "203.0.113.9");
}

TEST(ClientAddressTest, ALongListIsNotWalkedForLong) {
  std::string hops = "203.0.113.9";
  for (int i = 0; i < 1'000; ++i) hops += ",10.0.0.2";
  EXPECT_EQ(AddressOf("10.0.0.1", hops), "10.0.0.2");
  EXPECT_EQ(AddressOf("10.0.0.1", std::string(16'000, ',')), "10.0.0.1");
}

TEST(ClientAddressTest, TheLastWordOnTheProtocolCounts) {
  EXPECT_TRUE(Resolved("10.0.0.1", {{"X-Forwarded-Proto", "https"}}).secure);
  EXPECT_TRUE(Resolved("10.0.0.1", {{"X-Forwarded-Proto", "http, HTTPS"}}).secure);
  EXPECT_FALSE(Resolved("10.0.0.1", {{"X-Forwarded-Proto", "https, http"}}).secure);
  EXPECT_FALSE(Resolved("10.0.0.1", {{"X-Forwarded-Proto", "httpsx"}}).secure);
}

TEST(ClientAddressTest, NobodyIsTrustedByDefault) {
  net::http::Request request;
  request.remote_address = "127.0.0.1";
  request.headers.Add("X-Forwarded-For", "203.0.113.9");
  TrustedProxies().Resolve(request);
  EXPECT_EQ(request.remote_address, "127.0.0.1");
}

}  // namespace
}  // namespace trackwire::auth
