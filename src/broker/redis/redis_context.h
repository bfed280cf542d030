#pragma once

#include <string>

#include "base/clock.h"
#include "broker/redis/redis_broker.h"
#include "broker/redis/redis_client.h"
#include "broker/redis/redis_keys.h"
#include "net/loop.h"

namespace trackwire::broker {

/// What the parts of one broker on Redis share. Belongs to the loop; outlives the parts.
struct RedisContext {
  RedisContext(RedisBrokerOptions broker_options, net::Loop& broker_loop, const Clock& broker_clock);

  const RedisBrokerOptions options;
  net::Loop& loop;
  const Clock& clock;
  const std::string run;  ///< names this broker among all that ever were
  RedisKeys keys;         ///< complete once the first link is up
  RedisClient client;     ///< of commands that do not block

  std::chrono::milliseconds ahead() const {
    return options.clock_ahead ? options.clock_ahead() : std::chrono::milliseconds(0);
  }
};

/// A random name: 24 characters of the URL alphabet of base64.
std::string RandomName();

/// Cuts to at most `max` bytes, at the start of a character.
void CutText(std::string& text, size_t max);

}  // namespace trackwire::broker
