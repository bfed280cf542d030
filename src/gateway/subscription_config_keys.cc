#include "gateway/subscription_config_keys.h"

#include "gateway/config_fields.h"

namespace trackwire::gateway {

std::vector<ConfigKey> SubscriptionKeys() {
  return {
      IntegerKey("limits.max_subscriptions", &Config::limits_max_subscriptions, 1, 100'000,
                 "trackers and clients together that one connection may subscribe to"),
      IntegerKey("limits.max_snapshot_positions", &Config::limits_max_snapshot_positions, 0,
                 100'000,
                 "positions in one answer to `subscribe`; what is more is left out and the answer "
                 "says so"),
  };
}

}  // namespace trackwire::gateway
