#include "gateway/ingest_config_keys.h"

#include "gateway/config_fields.h"

namespace trackwire::gateway {

std::vector<ConfigKey> IngestKeys() {
  return {
      BoolKey("ingest.open", &Config::ingest_open,
              "for tests: trackers push without a token, and who is not known becomes a tracker"),
      BoolKey("ingest.from_notifications", &Config::ingest_from_notifications,
              "store the positions in notifications of others, as they pass"),
      ChoiceKey("ingest.speed_unit", &Config::ingest_speed_unit, {"knots", "m/s", "km/h", "mph"},
                "what the parameter speed of the OsmAnd protocol is in"),
  };
}

double SpeedUnitOf(const Config& config) {
  if (config.ingest_speed_unit == "m/s") return 1;
  if (config.ingest_speed_unit == "km/h") return 1 / 3.6;
  if (config.ingest_speed_unit == "mph") return 0.44704;
  return 1852.0 / 3600.0;
}

}  // namespace trackwire::gateway
