// Addresses: who finds them, and who asks.
#include "gateway/parts.h"

namespace trackwire::gateway {

void Gateway::Parts::MakeGeocoding() {
  if (!config.geocoding_enabled) return notify::RefuseGeocoding(*nsp);
  geocoding = std::make_unique<GeocodingParts>(config, control, *broker, clock);
  geocoding->Attach(*limits, *nsp);
}

void Gateway::Parts::StartGeocoding() {
  if (geocoding == nullptr) return;
  control.Run(
      [this] { geocoding->Start([this](const tracking::Id& id) { return board.PlaceOf(id); }); });
}

}  // namespace trackwire::gateway
