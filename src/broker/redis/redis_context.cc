#include "broker/redis/redis_context.h"

#include <utility>

#include "base/text.h"

namespace trackwire::broker {

RedisContext::RedisContext(RedisBrokerOptions broker_options, net::Loop& broker_loop,
                           const Clock& broker_clock)
    : options(std::move(broker_options)),
      loop(broker_loop),
      clock(broker_clock),
      run(RandomName()),
      client(broker_loop, options.link) {}

std::string RandomName() { return base::Base64UrlEncode(base::RandomBytes(18)); }

void CutText(std::string& text, size_t max) {
  if (text.size() <= max) return;
  while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xc0) == 0x80) --max;
  text.resize(max);
}

}  // namespace trackwire::broker
