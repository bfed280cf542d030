#include "store/sqlite_rows.h"

#include <utility>

namespace trackwire::store {

using base::SqliteStatement;
using tracking::Fix;
using tracking::Id;
using tracking::Position;
using tracking::Tracker;

void BindPosition(SqliteStatement& statement, int at, const Position& position) {
  const Fix& fix = position.fix;
  statement.Bind(at, ToMillis(fix.fix_time)).Bind(at + 1, ToMillis(position.received_at));
  statement.Bind(at + 2, fix.place.latitude).Bind(at + 3, fix.place.longitude);
  statement.BindOptional(at + 4, fix.altitude_m).BindOptional(at + 5, fix.accuracy_m);
  statement.BindOptional(at + 6, fix.speed_mps).BindOptional(at + 7, fix.course_deg);
  statement.BindOptional(at + 8, fix.heading_deg).BindOptional(at + 9, fix.battery_percent);
  if (fix.valid) {
    statement.Bind(at + 10, static_cast<int64_t>(*fix.valid));
  } else {
    statement.BindNull(at + 10);
  }
  statement.Bind(at + 11, static_cast<int64_t>(position.motion));
  statement.Bind(at + 12, std::string_view(fix.source));
  statement.Bind(at + 13, std::string_view(fix.attributes_json));
}

Position ReadPosition(const SqliteStatement& row, int at, Id id) {
  Position position;
  position.tracker_id = std::move(id);
  Fix& fix = position.fix;
  fix.fix_time = FromMillis(row.Int(at));
  position.received_at = FromMillis(row.Int(at + 1));
  fix.place = {row.Double(at + 2), row.Double(at + 3)};
  fix.altitude_m = row.OptionalDouble(at + 4);
  fix.accuracy_m = row.OptionalDouble(at + 5);
  fix.speed_mps = row.OptionalDouble(at + 6);
  fix.course_deg = row.OptionalDouble(at + 7);
  fix.heading_deg = row.OptionalDouble(at + 8);
  fix.battery_percent = row.OptionalDouble(at + 9);
  if (!row.IsNull(at + 10)) fix.valid = row.Int(at + 10) != 0;
  position.motion = static_cast<tracking::Motion>(row.Int(at + 11));
  fix.source = row.Text(at + 12);
  fix.attributes_json = row.Text(at + 13);
  return position;
}

Result<Tracker> ReadTracker(const SqliteStatement& row) {
  auto id = Id::FromJson(row.Text(0));
  if (!id) return Err("corrupt", "a tracker's id cannot be read");
  Tracker tracker;
  tracker.id = std::move(*id);
  tracker.name = row.Text(1);
  tracker.category = row.Text(2);
  if (!row.IsNull(3)) tracker.client_id = Id::FromJson(row.Text(3));
  tracker.is_public = row.Int(4) != 0;
  tracker.provider = row.Text(5);
  tracker.external_id = row.Text(6);
  tracker.offline_after = std::chrono::seconds(row.Int(7));
  tracker.expected_interval = std::chrono::seconds(row.Int(8));
  tracker.attributes_json = row.Text(9);
  tracker.edited = EditedFrom(row.Int(10));
  return tracker;
}

void BindOptionalText(SqliteStatement& statement, int at, const std::optional<std::string>& text) {
  if (text) {
    statement.Bind(at, std::string_view(*text));
  } else {
    statement.BindNull(at);
  }
}

}  // namespace trackwire::store
