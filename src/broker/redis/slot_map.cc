#include "broker/redis/slot_map.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace trackwire::broker {
namespace {

constexpr uint16_t kPolynomial = 0x1021;

constexpr std::array<uint16_t, 256> MakeTable() {
  std::array<uint16_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    uint16_t crc = static_cast<uint16_t>(byte << 8);
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<uint16_t>((crc & 0x8000) ? (crc << 1) ^ kPolynomial : crc << 1);
    }
    table[byte] = crc;
  }
  return table;
}

constexpr std::array<uint16_t, 256> kTable = MakeTable();

bool IsSlot(const RespValue& value) {
  return value.is_integer() && value.integer >= 0 &&
         value.integer < static_cast<int64_t>(kRedisSlots);
}

std::optional<RedisAddress> ParseNode(const RespValue& node, const std::string& asked_host) {
  if (!node.is_array() || node.items.size() < 2 || !node.items[1].is_integer()) return std::nullopt;
  const int64_t port = node.items[1].integer;
  if (port < 1 || port > 65'535) return std::nullopt;
  RedisAddress address;
  address.host = node.items[0].text;
  if (address.host.empty() || address.host == "?") address.host = asked_host;
  address.port = static_cast<uint16_t>(port);
  return address;
}

}  // namespace

uint16_t RedisSlot(std::string_view key) {
  if (const size_t open = key.find('{'); open != std::string_view::npos) {
    const size_t close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) {
      key = key.substr(open + 1, close - open - 1);
    }
  }
  uint16_t crc = 0;
  for (const char c : key) {
    crc = static_cast<uint16_t>((crc << 8) ^ kTable[(crc >> 8) ^ static_cast<unsigned char>(c)]);
  }
  return crc % kRedisSlots;
}

std::optional<RedisSlotMap> RedisSlotMap::Parse(const RespValue& slots,
                                                const std::string& asked_host) {
  if (!slots.is_array()) return std::nullopt;
  RedisSlotMap map;
  for (const RespValue& range : slots.items) {
    if (!range.is_array() || range.items.size() < 3 || !IsSlot(range.items[0]) ||
        !IsSlot(range.items[1])) {
      return std::nullopt;
    }
    const auto master = ParseNode(range.items[2], asked_host);
    if (!master) return std::nullopt;
    const uint16_t index = map.IndexOf(*master);
    for (int64_t slot = range.items[0].integer; slot <= range.items[1].integer; ++slot) {
      map.owners_[static_cast<size_t>(slot)] = index;
    }
  }
  return map;
}

uint16_t RedisSlotMap::IndexOf(const RedisAddress& address) {
  const auto found = std::find(masters_.begin(), masters_.end(), address);
  const auto index = static_cast<uint16_t>(found - masters_.begin());
  if (found == masters_.end()) masters_.push_back(address);
  return index;
}

const RedisAddress* RedisSlotMap::OwnerOf(uint16_t slot) const {
  const uint16_t index = owners_[slot % kRedisSlots];
  return index == kNobody ? nullptr : &masters_[index];
}

void RedisSlotMap::Move(uint16_t slot, const RedisAddress& owner) {
  owners_[slot % kRedisSlots] = IndexOf(owner);
}

bool RedisSlotMap::complete() const {
  return std::find(owners_.begin(), owners_.end(), kNobody) == owners_.end();
}

std::optional<RedisRedirect> ParseRedirect(const std::string& error,
                                           const std::string& asked_host) {
  RedisRedirect redirect;
  redirect.ask = error.starts_with("ASK ");
  if (!redirect.ask && !error.starts_with("MOVED ")) return std::nullopt;
  const char* const end = error.data() + error.size();
  const char* at = error.data() + (redirect.ask ? 4 : 6);
  const auto slot = std::from_chars(at, end, redirect.slot);
  if (slot.ec != std::errc() || redirect.slot >= kRedisSlots || slot.ptr == end ||
      *slot.ptr != ' ') {
    return std::nullopt;
  }
  // The port stands after the last colon: an IPv6 address has no brackets here.
  const size_t host = static_cast<size_t>(slot.ptr - error.data()) + 1;
  const size_t colon = error.rfind(':');
  if (colon == std::string::npos || colon < host) return std::nullopt;
  const auto port = std::from_chars(error.data() + colon + 1, end, redirect.address.port);
  if (port.ec != std::errc() || port.ptr != end || redirect.address.port == 0) return std::nullopt;
  redirect.address.host = error.substr(host, colon - host);
  if (redirect.address.host.empty()) redirect.address.host = asked_host;
  return redirect;
}

}  // namespace trackwire::broker
