#pragma once

#include <memory>

#include "broker/redis/node.h"

namespace trackwire::broker {

/// Where the target's server is: its addresses in turn, or what the Sentinels say. All Sentinels
/// are asked at once; the master that most of them name is taken, without waiting for the last one
/// when more than half agree. Error: `unavailable` when none names one.
RedisNode::Find FinderOf(const std::shared_ptr<RedisLinkContext>& context);

}  // namespace trackwire::broker
