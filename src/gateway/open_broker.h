#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "broker/broker.h"
#include "broker/redis/redis_broker.h"
#include "gateway/config.h"
#include "net/loop.h"

namespace trackwire::gateway {

/// What `redis.*` asks for; only when redis.url is set. `name` tells processes apart in Redis's
/// list of clients. Errors: `bad_config`.
Result<broker::RedisBrokerOptions> RedisOptionsOf(const Config& config, std::string name);

/// Opens the broker that the configuration names: the embedded one, or one on Redis. `loop` runs
/// already; not from it. Errors name the file or the server, never a password.
Result<std::unique_ptr<broker::Broker>> OpenBroker(const Config& config, const std::string& name,
                                                   net::Loop& loop, const Clock& clock);

/// A line for people on where the notifications are kept.
std::string DescribeBroker(const Config& config);

}  // namespace trackwire::gateway
