#include "gateway/update_config_keys.h"

#include "gateway/config_fields.h"

namespace trackwire::gateway {

std::vector<ConfigKey> UpdateKeys() {
  return {
      ChoiceKey("updates.fetcher", &Config::updates_fetcher, {"trackwire", "external"},
                "who asks providers when an admin wants a position now: our fetcher, or another "
                "program that hears the requests on tracker:update:requests"),
      IntegerKey("updates.deadline_s", &Config::updates_deadline_s, 1, 600,
                 "seconds after which a request for a position without a result has failed"),
      IntegerKey("updates.max_waiting", &Config::updates_max_waiting, 1, 100'000,
                 "requests for positions of one provider that wait; what is more is refused"),
  };
}

}  // namespace trackwire::gateway
