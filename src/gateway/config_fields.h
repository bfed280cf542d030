#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config_keys.h"

namespace trackwire::gateway {

/// Makers of table rows: each ties a member of Config to a name, a type and a check.
using TextCheck = std::optional<std::string> (*)(const std::string&);

ConfigKey TextKey(std::string name, std::string Config::*member, std::string help,
                  TextCheck check = nullptr);
ConfigKey SecretKeyRow(std::string name, std::string Config::*member, std::string help,
                       TextCheck check = nullptr);
/// A text that may hold a secret: shown as `shown` has it.
ConfigKey ShownAsKey(std::string name, std::string Config::*member, std::string help,
                     TextCheck check, std::string (*shown)(const std::string&));
ConfigKey ChoiceKey(std::string name, std::string Config::*member, std::vector<std::string> choices,
                    std::string help);
ConfigKey IntegerKey(std::string name, int64_t Config::*member, int64_t min, int64_t max,
                     std::string help);
ConfigKey NumberKey(std::string name, double Config::*member, double min, double max,
                    std::string help);
/// For what is no member of Config itself.
ConfigKey NumberKey(std::string name, std::function<double&(Config&)> place, double min, double max,
                    std::string help);
ConfigKey IntegerKey(std::string name, std::function<int64_t&(Config&)> place, int64_t min,
                     int64_t max, std::string help);
ConfigKey BoolKey(std::string name, bool Config::*member, std::string help);
ConfigKey BoolKey(std::string name, std::function<bool&(Config&)> place, std::string help);
using ListCheck = std::optional<std::string> (*)(const std::vector<std::string>&);
ConfigKey ListKey(std::string name, std::vector<std::string> Config::*member, std::string help,
                  ListCheck check = nullptr);

}  // namespace trackwire::gateway
