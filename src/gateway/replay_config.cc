#include "gateway/replay_config.h"

#include <map>

namespace trackwire::gateway {
namespace {

using fetcher::Column;
using fetcher::ReplayMapping;
using fetcher::SpeedUnit;
using fetcher::TimeFormat;

const std::map<std::string, Column ReplayMapping::*>& ColumnFields() {
  static const std::map<std::string, Column ReplayMapping::*> fields = {
      {"id", &ReplayMapping::id},
      {"time", &ReplayMapping::time},
      {"latitude", &ReplayMapping::latitude},
      {"longitude", &ReplayMapping::longitude},
      {"speed", &ReplayMapping::speed},
      {"course", &ReplayMapping::course},
      {"heading", &ReplayMapping::heading},
      {"altitude", &ReplayMapping::altitude},
      {"accuracy", &ReplayMapping::accuracy},
      {"name", &ReplayMapping::name},
      {"category", &ReplayMapping::category},
  };
  return fields;
}

bool SetSpeedUnit(ReplayMapping& mapping, const std::string& word) {
  static const std::map<std::string, SpeedUnit> units = {
      {"mps", SpeedUnit::kMetresPerSecond},
      {"knots", SpeedUnit::kKnots},
      {"kmh", SpeedUnit::kKilometresPerHour},
      {"mph", SpeedUnit::kMilesPerHour},
  };
  const auto unit = units.find(word);
  if (unit == units.end()) return false;
  mapping.speed_unit = unit->second;
  return true;
}

bool SetTimeFormat(ReplayMapping& mapping, const std::string& word) {
  static const std::map<std::string, TimeFormat> formats = {
      {"iso", TimeFormat::kIso},
      {"seconds", TimeFormat::kEpochSeconds},
      {"millis", TimeFormat::kEpochMillis},
  };
  const auto format = formats.find(word);
  if (format == formats.end()) return false;
  mapping.time_format = format->second;
  return true;
}

bool SetField(ReplayMapping& mapping, const std::string& field, const std::string& value) {
  if (field == "speed_unit") return SetSpeedUnit(mapping, value);
  if (field == "time_format") return SetTimeFormat(mapping, value);
  const auto column = ColumnFields().find(field);
  if (column == ColumnFields().end()) return false;
  (mapping.*(column->second)).name = value;
  return true;
}

std::string FileStem(const std::string& path) {
  std::string name = path.substr(path.rfind('/') + 1);
  return name.substr(0, name.find('.'));
}

}  // namespace

Result<fetcher::ReplayMapping> ParseReplayColumns(const std::vector<std::string>& columns) {
  ReplayMapping mapping;
  for (const std::string& text : columns) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos ||
        !SetField(mapping, text.substr(0, equals), text.substr(equals + 1))) {
      return Err("bad_columns", "replay.columns: \"" + text + "\" names no known field or value");
    }
  }
  for (const Column* needed : {&mapping.id, &mapping.time, &mapping.latitude, &mapping.longitude}) {
    if (needed->name.empty()) {
      return Err("bad_columns", "replay.columns: id, time, latitude and longitude are needed");
    }
  }
  return mapping;
}

Result<fetcher::ReplayOptions> ReplayOptionsOf(const Config& config) {
  fetcher::ReplayOptions options;
  options.guess_columns = config.replay_columns.empty() && config.replay_preset == "names";
  Result<ReplayMapping> mapping = ReplayMapping{};
  if (!config.replay_columns.empty()) {
    mapping = ParseReplayColumns(config.replay_columns);
  } else if (!options.guess_columns) {
    mapping = fetcher::ReplayPreset(config.replay_preset);
  }
  if (!mapping) return Err(mapping.error());
  options.format = formats::ParseFileFormat(config.replay_format);
  options.path = config.replay_file;
  options.instance = FileStem(config.replay_file);
  options.mapping = std::move(*mapping);
  options.speed = config.replay_speed;
  options.loop = config.replay_loop;
  options.lead_in = std::chrono::seconds(config.replay_lead_in_s);
  options.keep_times = config.replay_times == "recorded";
  options.step = std::chrono::milliseconds(config.replay_step_ms);
  options.max_gap = std::chrono::seconds(config.replay_max_gap_s);
  options.copies = static_cast<size_t>(config.replay_copies);
  options.copy_offset = std::chrono::seconds(config.replay_copy_offset_s);
  options.is_public = config.replay_public;
  return options;
}

}  // namespace trackwire::gateway
