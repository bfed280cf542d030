#include "tracking/selection.h"

namespace trackwire::tracking {

bool BoundingBox::Contains(LatLon place) const {
  if (place.latitude < south || place.latitude > north) return false;
  if (west <= east) return place.longitude >= west && place.longitude <= east;
  return place.longitude >= west || place.longitude <= east;
}

bool Selection::Selects(const Subject& subject) const {
  if (trackers.contains(subject.tracker)) return true;
  if (subject.client && clients.contains(*subject.client)) return true;
  return box && subject.place && box->Contains(*subject.place);
}

}  // namespace trackwire::tracking
