#include "net/address_limit.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace trackwire::net {
namespace {

sockaddr_storage Peer(const std::string& text) {
  sockaddr_storage peer{};
  if (text.find(':') == std::string::npos) {
    peer.ss_family = AF_INET;
    inet_pton(AF_INET, text.c_str(), &reinterpret_cast<sockaddr_in&>(peer).sin_addr);
  } else {
    peer.ss_family = AF_INET6;
    inet_pton(AF_INET6, text.c_str(), &reinterpret_cast<sockaddr_in6&>(peer).sin6_addr);
  }
  return peer;
}

AddressLimit::Admission Admit(AddressLimit& limit, const std::string& address) {
  return limit.Admit(Peer(address), address);
}

TEST(AddressLimitTest, GivesAnAddressSoManySeatsAndNoMore) {
  AddressLimit limit(2, nullptr);
  auto first = Admit(limit, "192.0.2.1");
  auto second = Admit(limit, "192.0.2.1");
  EXPECT_TRUE(first.admitted && second.admitted);
  EXPECT_FALSE(Admit(limit, "192.0.2.1").admitted);
  EXPECT_TRUE(Admit(limit, "192.0.2.2").admitted);

  second.seat.Release();
  second.seat.Release();
  EXPECT_TRUE(Admit(limit, "192.0.2.1").admitted);
}

TEST(AddressLimitTest, ForgetsAddressesWithoutASeat) {
  AddressLimit limit(2, nullptr);
  for (int i = 0; i < 200; ++i) Admit(limit, "192.0.2." + std::to_string(i));
  EXPECT_EQ(limit.addresses(), 0u);
}

TEST(AddressLimitTest, CountsIPv6ByTheNetworkAndMappedAddressesAsIPv4) {
  AddressLimit limit(1, nullptr);
  const auto six = Admit(limit, "2001:db8:0:1::1");
  EXPECT_TRUE(six.admitted);
  EXPECT_FALSE(Admit(limit, "2001:db8:0:1:ffff::2").admitted);
  EXPECT_TRUE(Admit(limit, "2001:db8:0:2::1").admitted);

  const auto four = Admit(limit, "192.0.2.1");
  EXPECT_TRUE(four.admitted);
  EXPECT_FALSE(Admit(limit, "::ffff:192.0.2.1").admitted);
}

TEST(AddressLimitTest, LeavesOutWhoIsExemptAndEverybodyWhenThereIsNoLimit) {
  AddressLimit limit(1, [](std::string_view address) { return address == "192.0.2.1"; });
  const auto proxy = Admit(limit, "192.0.2.1");
  EXPECT_TRUE(Admit(limit, "192.0.2.1").admitted);
  EXPECT_EQ(limit.addresses(), 0u);

  AddressLimit none(0, nullptr);
  const auto one = Admit(none, "192.0.2.1");
  EXPECT_TRUE(Admit(none, "192.0.2.1").admitted);
}

TEST(AddressLimitTest, SeatsOutliveTheLimitAndMove) {
  auto limit = std::make_unique<AddressLimit>(1, nullptr);
  AddressLimit::Seat seat = Admit(*limit, "192.0.2.1").seat;
  AddressLimit::Seat moved = std::move(seat);
  seat.Release();
  EXPECT_FALSE(Admit(*limit, "192.0.2.1").admitted);
  limit.reset();
  moved.Release();
}

TEST(AddressLimitTest, CountsRightlyFromManyThreads) {
  AddressLimit limit(4, nullptr);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&limit, t] {
      for (int i = 0; i < 2'000; ++i) {
        // Four threads hold one seat each at most, so that nobody is ever turned away.
        EXPECT_TRUE(Admit(limit, "192.0.2." + std::to_string((t + i) % 2)).admitted);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(limit.addresses(), 0u);
}

}  // namespace
}  // namespace trackwire::net
