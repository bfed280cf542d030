#pragma once

#include <memory>

#include "broker/redis/node.h"

namespace trackwire::broker {

using RedisAddresses = std::shared_ptr<std::vector<RedisAddress>>;

/// Where the target's server is: one of `addresses` in turn, or what the Sentinels say. All Sentinels
/// are asked at once; the master that most of them name is taken, without waiting for the last one
/// when more than half agree. Error: `unavailable` when none names one.
RedisNode::Find FinderOf(const std::shared_ptr<RedisLinkContext>& context,
                         RedisAddresses addresses);

}  // namespace trackwire::broker
