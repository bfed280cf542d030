#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/redis/redis_url.h"
#include "broker/redis/resp.h"

namespace trackwire::broker {

inline constexpr size_t kRedisSlots = 16'384;

/// The slot of a key or sharded channel: CRC-16/XMODEM of it, or of what stands between its first
/// braces when that is not empty. Spec: Redis Cluster, "Hash tags".
uint16_t RedisSlot(std::string_view key);

/// Which master of a cluster holds which slot.
class RedisSlotMap {
 public:
  /// From the answer to CLUSTER SLOTS. A node that does not know its own name is at `asked_host`.
  /// Nothing when it is no such answer.
  static std::optional<RedisSlotMap> Parse(const RespValue& slots, const std::string& asked_host);

  /// nullptr when nobody is known to hold it.
  const RedisAddress* OwnerOf(uint16_t slot) const;
  /// What MOVED said.
  void Move(uint16_t slot, const RedisAddress& owner);
  /// Every slot has an owner.
  bool complete() const;
  const std::vector<RedisAddress>& masters() const { return masters_; }

 private:
  uint16_t IndexOf(const RedisAddress& address);

  std::vector<RedisAddress> masters_;
  std::vector<uint16_t> owners_ = std::vector<uint16_t>(kRedisSlots, kNobody);
  static constexpr uint16_t kNobody = 0xFFFF;
};

/// What MOVED and ASK name: `MOVED 3999 127.0.0.1:6381`.
struct RedisRedirect {
  bool ask = false;
  uint16_t slot = 0;
  RedisAddress address;
};
/// Nothing when the error is no redirection. `asked_host` stands in for an empty host.
std::optional<RedisRedirect> ParseRedirect(const std::string& error, const std::string& asked_host);

}  // namespace trackwire::broker
