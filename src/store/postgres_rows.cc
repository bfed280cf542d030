#include "store/postgres_rows.h"

#include <utility>

namespace trackwire::store {

using tracking::Fix;
using tracking::Id;
using tracking::Position;
using tracking::Tracker;

namespace {

using Of = PgArray::Of;

/// Adds one array: what `read` gives for each of `items`.
template <typename T, typename Read>
void AddColumn(PgParams& params, Of type, const std::vector<T>& items, Read read) {
  PgArray array(type);
  for (const T& item : items) array.Add(read(item));
  params.Add(array);
}

}  // namespace

void AddPositions(PgParams& params, const std::vector<Position>& positions) {
  const auto add = [&](Of type, auto read) { AddColumn(params, type, positions, read); };
  const auto add_number = [&](std::optional<double> Fix::*member) {
    add(Of::kDouble, [member](const Position& p) { return p.fix.*member; });
  };
  add(Of::kText, [](const Position& p) { return p.tracker_id.ToJson(); });
  add(Of::kInt, [](const Position& p) { return ToMillis(p.fix.fix_time); });
  add(Of::kInt, [](const Position& p) { return ToMillis(p.received_at); });
  add(Of::kDouble, [](const Position& p) { return p.fix.place.latitude; });
  add(Of::kDouble, [](const Position& p) { return p.fix.place.longitude; });
  add_number(&Fix::altitude_m);
  add_number(&Fix::accuracy_m);
  add_number(&Fix::speed_mps);
  add_number(&Fix::course_deg);
  add_number(&Fix::heading_deg);
  add_number(&Fix::battery_percent);
  add(Of::kBool, [](const Position& p) { return p.fix.valid; });
  add(Of::kInt, [](const Position& p) { return static_cast<int64_t>(p.motion); });
  add(Of::kText, [](const Position& p) { return std::string_view(p.fix.source); });
  add(Of::kText, [](const Position& p) { return std::string_view(p.fix.attributes_json); });
}

Position ReadPosition(const PgRows& rows, int row, int at, Id id) {
  Position position;
  position.tracker_id = std::move(id);
  Fix& fix = position.fix;
  fix.fix_time = FromMillis(rows.Int(row, at));
  position.received_at = FromMillis(rows.Int(row, at + 1));
  fix.place = {rows.Double(row, at + 2), rows.Double(row, at + 3)};
  fix.altitude_m = rows.OptionalDouble(row, at + 4);
  fix.accuracy_m = rows.OptionalDouble(row, at + 5);
  fix.speed_mps = rows.OptionalDouble(row, at + 6);
  fix.course_deg = rows.OptionalDouble(row, at + 7);
  fix.heading_deg = rows.OptionalDouble(row, at + 8);
  fix.battery_percent = rows.OptionalDouble(row, at + 9);
  if (!rows.IsNull(row, at + 10)) fix.valid = rows.Bool(row, at + 10);
  position.motion = static_cast<tracking::Motion>(rows.Int(row, at + 11));
  fix.source = rows.Text(row, at + 12);
  fix.attributes_json = rows.Text(row, at + 13);
  return position;
}

void AddTrackers(PgParams& params, const std::vector<Tracker>& trackers) {
  const auto add = [&](Of type, auto read) { AddColumn(params, type, trackers, read); };
  add(Of::kText, [](const Tracker& t) { return t.id.ToJson(); });
  add(Of::kText, [](const Tracker& t) { return std::string_view(t.name); });
  add(Of::kText, [](const Tracker& t) { return std::string_view(t.category); });
  add(Of::kText, [](const Tracker& t) {
    return t.client_id ? std::optional(t.client_id->ToJson()) : std::nullopt;
  });
  add(Of::kBool, [](const Tracker& t) { return t.is_public; });
  add(Of::kText, [](const Tracker& t) { return std::string_view(t.provider); });
  add(Of::kText, [](const Tracker& t) { return std::string_view(t.external_id); });
  add(Of::kInt, [](const Tracker& t) { return int64_t{t.offline_after.count()}; });
  add(Of::kInt, [](const Tracker& t) { return int64_t{t.expected_interval.count()}; });
  add(Of::kText, [](const Tracker& t) { return std::string_view(t.attributes_json); });
  add(Of::kInt, [](const Tracker& t) { return EditedBits(t.edited); });
}

Result<Tracker> ReadTracker(const PgRows& rows, int row) {
  auto id = Id::FromJson(rows.Text(row, 0));
  if (!id) return Err("corrupt", "a tracker's id cannot be read");
  Tracker tracker;
  tracker.id = std::move(*id);
  tracker.name = rows.Text(row, 1);
  tracker.category = rows.Text(row, 2);
  if (!rows.IsNull(row, 3)) tracker.client_id = Id::FromJson(rows.Text(row, 3));
  tracker.is_public = rows.Bool(row, 4);
  tracker.provider = rows.Text(row, 5);
  tracker.external_id = rows.Text(row, 6);
  tracker.offline_after = std::chrono::seconds(rows.Int(row, 7));
  tracker.expected_interval = std::chrono::seconds(rows.Int(row, 8));
  tracker.attributes_json = rows.Text(row, 9);
  tracker.edited = EditedFrom(rows.Int(row, 10));
  return tracker;
}

}  // namespace trackwire::store
