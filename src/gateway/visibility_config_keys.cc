#include "gateway/visibility_config_keys.h"

#include <algorithm>

#include "base/check.h"
#include "gateway/config_fields.h"

namespace trackwire::gateway {
namespace {

using Failure = std::optional<std::string>;
using Items = std::vector<std::string>;

Failure CheckEvents(const Items& names) {
  for (const std::string& name : names) {
    if (name.empty() || name.size() > 128) return "an event's name has 1 to 128 bytes";
  }
  return std::nullopt;
}

bool IsAddition(const std::string& item) { return item.rfind('+', 0) == 0; }

/// What a list means: as it is, or added to the defaults where its items begin with a plus. Who
/// wants one more field hidden does not have to know, and keep up with, all the others.
Items Whole(const Items& items, const Items& defaults) {
  if (items.empty() || !IsAddition(items.front())) return items;
  Items out = defaults;
  for (const std::string& item : items) out.push_back(item.substr(1));
  return out;
}

Failure CheckPluses(const Items& items) {
  const auto additions = std::count_if(items.begin(), items.end(), IsAddition);
  if (additions == 0 || static_cast<size_t>(additions) == items.size()) return std::nullopt;
  return "begins some items with + and some not: + adds an item to the default list, items without "
         "one replace it";
}

notify::FieldRules RulesOf(const Config& config) {
  const Config defaults;
  notify::FieldRules rules;
  rules.hidden_fields =
      Whole(config.visibility_hidden_fields, defaults.visibility_hidden_fields);
  rules.hidden_from = Whole(config.visibility_hidden_from, defaults.visibility_hidden_from);
  return rules;
}

Failure CheckRules(const Config& config) {
  auto views = notify::Views::Make(RulesOf(config));
  if (views) return std::nullopt;
  return views.error().detail;
}

Failure CheckHiddenFields(const Items& items) {
  if (auto failure = CheckPluses(items)) return failure;
  Config config;
  config.visibility_hidden_fields = items;
  config.visibility_hidden_from = {};
  return CheckRules(config);
}

Failure CheckHiddenFrom(const Items& items) {
  if (auto failure = CheckPluses(items)) return failure;
  Config config;
  config.visibility_hidden_from = items;
  return CheckRules(config);
}

}  // namespace

std::vector<ConfigKey> VisibilityKeys() {
  return {
      ChoiceKey("visibility.unknown_trackers", &Config::visibility_unknown_trackers,
                {"admin", "public"},
                "who sees notifications about trackers that the store does not know"),
      ListKey("visibility.public_events", &Config::visibility_public_events,
              "events without any address that anonymous visitors get too", CheckEvents),
      ListKey("visibility.hidden_fields", &Config::visibility_hidden_fields,
              "fields that nobody gets, admins neither, wherever they stand; +name adds to the "
              "default list instead of replacing it",
              CheckHiddenFields),
      ListKey("visibility.hidden_from", &Config::visibility_hidden_from,
              "fields that some do not get, as role=field; the roles are anonymous, user (also who "
              "has none), admin and those of tokens; +role=field adds to the default list",
              CheckHiddenFrom),
  };
}

notify::VisibilityRules VisibilityRulesOf(const Config& config) {
  notify::VisibilityRules rules;
  rules.unknown_trackers_public = config.visibility_unknown_trackers == "public";
  rules.public_events = config.visibility_public_events;
  return rules;
}

notify::Views ViewsOf(const Config& config) {
  auto views = notify::Views::Make(RulesOf(config));
  CHECK(views);
  return std::move(*views);
}

}  // namespace trackwire::gateway
