#include "tracking/selection.h"

#include <array>

namespace trackwire::tracking {
namespace {

constexpr double kMaxLatitude = 90;
constexpr double kMaxLongitude = 180;

bool Spans(const BoundingBox& box, double longitude) {
  if (box.west <= box.east) return longitude >= box.west && longitude <= box.east;
  return longitude >= box.west || longitude <= box.east;
}

bool IsWithin(double value, double limit) { return value >= -limit && value <= limit; }

std::optional<std::set<Id>> ReadIds(base::JsonValue object, std::string_view name) {
  const auto list = base::FindMember(object, name);
  if (!list || !list->is_array()) return std::nullopt;
  std::set<Id> ids;
  base::JsonArrayReader items(*list);
  while (const auto item = items.Next()) {
    auto id = Id::FromJson(item->text);
    if (!id) return std::nullopt;
    ids.insert(std::move(*id));
  }
  return ids;
}

}  // namespace

bool BoundingBox::Contains(LatLon place) const {
  if (place.latitude < south || place.latitude > north) return false;
  if (Spans(*this, place.longitude)) return true;
  const bool on_the_seam =
      place.longitude == kMaxLongitude || place.longitude == -kMaxLongitude;
  return on_the_seam && Spans(*this, -place.longitude);
}

bool Selection::Selects(const Subject& subject) const {
  if (trackers.contains(subject.tracker)) return true;
  if (subject.client && clients.contains(*subject.client)) return true;
  return box && subject.place && box->Contains(*subject.place);
}

Result<BoundingBox> ReadBox(base::JsonValue value) {
  if (!value.is_array()) return Err("invalid_request", "bbox is not an array");
  std::array<double, 4> edges{};
  size_t count = 0;
  base::JsonArrayReader items(value);
  while (const auto item = items.Next()) {
    const auto number = item->is_number() ? base::JsonNumber(*item) : std::nullopt;
    if (!number || count == edges.size()) {
      return Err("invalid_request", "bbox is not [west, south, east, north] in numbers");
    }
    edges[count++] = *number;
  }
  if (count != edges.size()) {
    return Err("invalid_request", "bbox is not [west, south, east, north]");
  }
  const BoundingBox box{edges[0], edges[1], edges[2], edges[3]};
  if (!IsWithin(box.west, kMaxLongitude) || !IsWithin(box.east, kMaxLongitude)) {
    return Err("invalid_request", "bbox: a longitude is not between -180 and 180");
  }
  if (!IsWithin(box.south, kMaxLatitude) || !IsWithin(box.north, kMaxLatitude)) {
    return Err("invalid_request", "bbox: a latitude is not between -90 and 90");
  }
  if (box.south > box.north) return Err("invalid_request", "bbox: south lies north of north");
  return box;
}

std::string ToJson(const BoundingBox& box) {
  std::string out;
  for (const double edge : {box.west, box.south, box.east, box.north}) {
    out += out.empty() ? '[' : ',';
    base::AppendJsonNumber(out, edge);
  }
  return out + "]";
}

std::string ToJson(const std::set<Id>& ids) {
  std::string out = "[";
  for (const Id& id : ids) {
    if (out.size() > 1) out += ',';
    out += id.ToJson();
  }
  return out + "]";
}

std::string ToJson(const Selection& selection) {
  return "{\"trackers\":" + ToJson(selection.trackers) +
         ",\"clients\":" + ToJson(selection.clients) +
         ",\"bbox\":" + (selection.box ? ToJson(*selection.box) : "null") + "}";
}

std::optional<Selection> ParseSelection(std::string_view json) {
  const auto value = base::ScanJson(json);
  if (!value || !value->is_object()) return std::nullopt;
  auto trackers = ReadIds(*value, "trackers");
  auto clients = ReadIds(*value, "clients");
  const auto box = base::FindMember(*value, "bbox");
  if (!trackers || !clients || !box) return std::nullopt;
  Selection selection{std::move(*trackers), std::move(*clients), std::nullopt};
  if (box->is_null()) return selection;
  auto read = ReadBox(*box);
  if (!read) return std::nullopt;
  selection.box = *read;
  return selection;
}

}  // namespace trackwire::tracking
