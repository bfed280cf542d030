#include "outbound/address_rules.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>

namespace trackwire::outbound {
namespace {

TEST(AddressRulesTest, LetsTheOpenInternetPass) {
  for (const char* address :
       {"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0",
        "192.0.1.0", "192.167.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255",
        "2606:4700::1111", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
        "2002:808:808::1"}) {
    EXPECT_TRUE(IsPublicAddress(std::string_view(address))) << address;
  }
}

TEST(AddressRulesTest, RefusesWhatIsOurOwnOrNobodys) {
  for (const char* address :
       {"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",
        "100.127.255.255", "127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1",
        "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
        "239.255.255.255", "240.0.0.1", "250.0.0.1", "255.255.255.255"}) {
    EXPECT_FALSE(IsPublicAddress(std::string_view(address))) << address;
    // The same addresses inside those of IPv6.
    for (const char* prefix : {"::ffff:", "64:ff9b::", "::"}) {
      EXPECT_FALSE(IsPublicAddress(std::string_view(prefix + std::string(address))))
          << prefix << address;
    }
  }
  for (const char* address :
       {"::", "::1", "fe80::1", "febf::1", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1",
        "2001:db8::1", "2001::1", "2001:1ff::1", "2002:7f00:1::", "2002:c0a8:101::1", "3fff::1",
        "3fff:fff::1", "64:ff9b:1::808:808", "64:ff9b:0:0:0:1:808:808", "100::1", "4000::1",
        "::8.8.8.8", "::ffff:0:808:808"}) {
    EXPECT_FALSE(IsPublicAddress(std::string_view(address))) << address;
  }
}

TEST(AddressRulesTest, RefusesWhatIsNoAddress) {
  for (const char* text : {"", "8.8.8.8.", "8.8.8", "08.8.8.8 ", "fe80::1%lo", "[2606:4700::1]",
                           "example.com", "8.8.8.8:80"}) {
    EXPECT_FALSE(IsPublicAddress(std::string_view(text))) << text;
  }
  EXPECT_FALSE(IsPublicAddress(std::string_view("8.8.8.8\0", 8)));
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  EXPECT_FALSE(IsPublicAddress(reinterpret_cast<const sockaddr*>(&local)));
}

TEST(AddressRulesTest, ReadsSocketAddresses) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(0x08080808);
  EXPECT_TRUE(IsPublicAddress(reinterpret_cast<const sockaddr*>(&in)));
  in.sin_addr.s_addr = htonl(0x7f000001);
  EXPECT_FALSE(IsPublicAddress(reinterpret_cast<const sockaddr*>(&in)));
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  in6.sin6_addr = in6addr_loopback;
  EXPECT_FALSE(IsPublicAddress(reinterpret_cast<const sockaddr*>(&in6)));
  in6.sin6_addr.s6_addr[0] = 0x26;
  EXPECT_TRUE(IsPublicAddress(reinterpret_cast<const sockaddr*>(&in6)));
}

}  // namespace
}  // namespace trackwire::outbound
