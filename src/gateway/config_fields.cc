#include "gateway/config_fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::gateway {
namespace {

using Failure = std::optional<std::string>;

std::string Join(const std::vector<std::string>& items, std::string_view separator) {
  std::string out;
  for (const std::string& item : items) {
    if (!out.empty()) out += separator;
    out += item;
  }
  return out;
}

std::string NumberText(double value) {
  std::string out;
  base::AppendJsonNumber(out, value);
  return out;
}

const std::string* AsText(const RawValue& raw) { return std::get_if<std::string>(&raw.value); }

std::optional<int64_t> AsInteger(const RawValue& raw) {
  if (const auto* number = std::get_if<int64_t>(&raw.value)) return *number;
  const std::string* text = AsText(raw);
  if (text == nullptr || raw.typed) return std::nullopt;
  int64_t number = 0;
  const char* end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

std::optional<double> AsNumber(const RawValue& raw) {
  if (const auto* number = std::get_if<double>(&raw.value)) return *number;
  if (const auto integer = AsInteger(raw)) return static_cast<double>(*integer);
  const std::string* text = AsText(raw);
  if (text == nullptr || raw.typed) return std::nullopt;
  double number = 0;
  const char* end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

std::optional<bool> AsBool(const RawValue& raw) {
  if (const auto* flag = std::get_if<bool>(&raw.value)) return *flag;
  const std::string* text = AsText(raw);
  if (text == nullptr || raw.typed) return std::nullopt;
  for (const char* word : {"true", "1", "yes", "on"}) {
    if (base::EqualsIgnoreCase(*text, word)) return true;
  }
  for (const char* word : {"false", "0", "no", "off"}) {
    if (base::EqualsIgnoreCase(*text, word)) return false;
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> AsList(const RawValue& raw) {
  if (const auto* list = std::get_if<std::vector<std::string>>(&raw.value)) return *list;
  const std::string* text = AsText(raw);
  if (text == nullptr || raw.typed) return std::nullopt;
  std::vector<std::string> items;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view item = base::Trim(rest.substr(0, comma));
    if (!item.empty()) items.emplace_back(item);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return items;
}

/// One function names a place for reading and writing; reading writes nothing.
template <typename T>
T ValueOf(const Config& config, const std::function<T&(Config&)>& place) {
  return place(const_cast<Config&>(config));
}

ConfigKey Row(std::string name, std::string type, std::string help) {
  ConfigKey key;
  key.name = std::move(name);
  key.type = std::move(type);
  key.help = std::move(help);
  return key;
}

}  // namespace

ConfigKey TextKey(std::string name, std::string Config::*member, std::string help,
                  TextCheck check) {
  ConfigKey key = Row(std::move(name), "text", std::move(help));
  key.set = [member, check](Config& config, const RawValue& raw) -> Failure {
    const std::string* text = AsText(raw);
    if (text == nullptr) return "must be text in quotes";
    if (check != nullptr) {
      if (auto failure = check(*text)) return failure;
    }
    config.*member = *text;
    return std::nullopt;
  };
  key.get = [member](const Config& config) { return config.*member; };
  return key;
}

ConfigKey SecretKeyRow(std::string name, std::string Config::*member, std::string help,
                       TextCheck check) {
  ConfigKey key = TextKey(std::move(name), member, std::move(help), check);
  key.secret = true;
  return key;
}

ConfigKey ShownAsKey(std::string name, std::string Config::*member, std::string help,
                     TextCheck check, std::string (*shown)(const std::string&)) {
  ConfigKey key = TextKey(std::move(name), member, std::move(help), check);
  key.get = [member, shown](const Config& config) { return shown(config.*member); };
  return key;
}

ConfigKey ChoiceKey(std::string name, std::string Config::*member, std::vector<std::string> choices,
                    std::string help) {
  ConfigKey key = Row(std::move(name), Join(choices, ", "), std::move(help));
  key.set = [member, choices](Config& config, const RawValue& raw) -> Failure {
    const std::string* text = AsText(raw);
    if (text == nullptr || std::find(choices.begin(), choices.end(), *text) == choices.end()) {
      return "must be one of " + Join(choices, ", ");
    }
    config.*member = *text;
    return std::nullopt;
  };
  key.get = [member](const Config& config) { return config.*member; };
  return key;
}

ConfigKey IntegerKey(std::string name, int64_t Config::*member, int64_t min, int64_t max,
                     std::string help) {
  return IntegerKey(
      std::move(name), [member](Config& config) -> int64_t& { return config.*member; }, min, max,
      std::move(help));
}

ConfigKey IntegerKey(std::string name, std::function<int64_t&(Config&)> place, int64_t min,
                     int64_t max, std::string help) {
  const std::string range = std::to_string(min) + ".." + std::to_string(max);
  ConfigKey key = Row(std::move(name), "whole number " + range, std::move(help));
  key.set = [place, min, max, range](Config& config, const RawValue& raw) -> Failure {
    const auto number = AsInteger(raw);
    if (!number || *number < min || *number > max) return "must be a whole number " + range;
    place(config) = *number;
    return std::nullopt;
  };
  key.get = [place](const Config& config) { return std::to_string(ValueOf(config, place)); };
  return key;
}

ConfigKey NumberKey(std::string name, double Config::*member, double min, double max,
                    std::string help) {
  return NumberKey(
      std::move(name), [member](Config& config) -> double& { return config.*member; }, min, max,
      std::move(help));
}

ConfigKey NumberKey(std::string name, std::function<double&(Config&)> place, double min, double max,
                    std::string help) {
  const std::string range = NumberText(min) + ".." + NumberText(max);
  ConfigKey key = Row(std::move(name), "number " + range, std::move(help));
  key.set = [place, min, max, range](Config& config, const RawValue& raw) -> Failure {
    const auto number = AsNumber(raw);
    if (!number || !std::isfinite(*number) || *number < min || *number > max) {
      return "must be a number " + range;
    }
    place(config) = *number;
    return std::nullopt;
  };
  key.get = [place](const Config& config) { return NumberText(ValueOf(config, place)); };
  return key;
}

ConfigKey BoolKey(std::string name, bool Config::*member, std::string help) {
  return BoolKey(
      std::move(name), [member](Config& config) -> bool& { return config.*member; },
      std::move(help));
}

ConfigKey BoolKey(std::string name, std::function<bool&(Config&)> place, std::string help) {
  ConfigKey key = Row(std::move(name), "true or false", std::move(help));
  key.set = [place](Config& config, const RawValue& raw) -> Failure {
    const auto flag = AsBool(raw);
    if (!flag) return "must be true or false";
    place(config) = *flag;
    return std::nullopt;
  };
  key.get = [place](const Config& config) -> std::string {
    return ValueOf(config, place) ? "true" : "false";
  };
  return key;
}

ConfigKey ListKey(std::string name, std::vector<std::string> Config::*member, std::string help,
                  ListCheck check) {
  ConfigKey key = Row(std::move(name), "list of texts", std::move(help));
  key.set = [member, check](Config& config, const RawValue& raw) -> Failure {
    auto list = AsList(raw);
    if (!list) return "must be a list of texts";
    if (check != nullptr) {
      if (auto failure = check(*list)) return failure;
    }
    config.*member = std::move(*list);
    return std::nullopt;
  };
  key.get = [member](const Config& config) { return Join(config.*member, ", "); };
  return key;
}

}  // namespace trackwire::gateway
