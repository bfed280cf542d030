#include "auth/ip_address.h"

#include <gtest/gtest.h>

namespace trackwire::auth {
namespace {

TEST(IpAddressTest, ReadsBothKinds) {
  EXPECT_EQ(IpAddress::Parse("192.0.2.7")->ToString(), "192.0.2.7");
  EXPECT_EQ(IpAddress::Parse("2001:DB8:0:0::1")->ToString(), "2001:db8::1");
  EXPECT_EQ(IpAddress::Parse("::ffff:192.0.2.7")->ToString(), "192.0.2.7");
  for (const std::string bad :
       {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "::1%lo", "[::1]", "1.2.3.4:80", "x",
        " 1.2.3.4", "1.2.3.4 ", "::1::", "1111:2222:3333:4444:5555:6666:7777:8888:9999",
        "unknown", "_hidden"}) {
    EXPECT_FALSE(IpAddress::Parse(bad)) << bad;
  }
  EXPECT_FALSE(IpAddress::Parse(std::string("1.2.3.4\0", 8)));
  EXPECT_FALSE(IpAddress::Parse(std::string(100'000, '1')));
}

TEST(IpAddressTest, LeavesOutPorts) {
  for (const std::string text : {"192.0.2.7", "192.0.2.7:80", "192.0.2.7:"}) {
    EXPECT_EQ(IpAddress::ParseWithPort(text)->ToString(), "192.0.2.7") << text;
  }
  for (const std::string text : {"2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80"}) {
    EXPECT_EQ(IpAddress::ParseWithPort(text)->ToString(), "2001:db8::1") << text;
  }
  for (const std::string bad : {"", ":", "[", "[]", "[::1", "[::1]x", "host:80", "[1.2.3.4"}) {
    EXPECT_FALSE(IpAddress::ParseWithPort(bad)) << bad;
  }
}

TEST(IpAddressTest, KnowsLoopback) {
  for (const char* address : {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(IsLoopback(address)) << address;
  }
  for (const char* address : {"128.0.0.1", "::", "::2", "1::1", "", "localhost"}) {
    EXPECT_FALSE(IsLoopback(address)) << address;
  }
}

TEST(IpAddressTest, ACustomerOfIpv6HasSixtyFourBits) {
  EXPECT_EQ(IpAddress::Parse("192.0.2.7")->Site(), "192.0.2.7");
  EXPECT_EQ(IpAddress::Parse("2001:db8:1:2:3:4:5:6")->Site(), "2001:db8:1:2::/64");
  EXPECT_EQ(IpAddress::Parse("2001:db8:1:2:ffff::")->Site(), "2001:db8:1:2::/64");
}

TEST(IpNetworksTest, ContainsWhatIsInOne) {
  auto list = IpNetworks::Parse({"10.0.0.0/8", "192.0.2.4/30", "203.0.113.5", "2001:db8::/33"});
  ASSERT_TRUE(list);
  const auto contains = [&](const char* address) {
    return list->Contains(*IpAddress::Parse(address));
  };
  for (const char* in : {"10.255.0.1", "192.0.2.7", "203.0.113.5", "2001:db8:7fff::1",
                         "::ffff:10.1.1.1"}) {
    EXPECT_TRUE(contains(in)) << in;
  }
  for (const char* out : {"11.0.0.1", "192.0.2.8", "192.0.2.3", "203.0.113.4",
                          "2001:db8:8000::1", "::1", "a00::"}) {
    EXPECT_FALSE(contains(out)) << out;
  }
}

TEST(IpNetworksTest, ZeroBitsAreAllOfOneKind) {
  auto list = IpNetworks::Parse({"0.0.0.0/0"});
  ASSERT_TRUE(list);
  EXPECT_TRUE(list->Contains(*IpAddress::Parse("8.8.8.8")));
  EXPECT_FALSE(list->Contains(*IpAddress::Parse("2001:db8::1")));
}

TEST(IpNetworksTest, NamesWhatIsNone) {
  for (const char* bad : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "proxy.local",
                          "10.0.0.0/8 ", "10.0.0.0/8/8", "10.0.0.0/08x"}) {
    const auto list = IpNetworks::Parse({"127.0.0.1", bad});
    ASSERT_FALSE(list) << bad;
    EXPECT_EQ(list.error().code, "bad_network");
    EXPECT_NE(list.error().detail.find(std::string("\"") + bad + "\""), std::string::npos);
  }
}

}  // namespace
}  // namespace trackwire::auth
