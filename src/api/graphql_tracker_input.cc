#include "api/graphql_tracker_input.h"

#include "graphql/problem.h"

namespace trackwire::api {
namespace {

using boost::json::object;
using tracking::Id;
using std::chrono::seconds;

constexpr size_t kMaxNameBytes = 256;
constexpr size_t kMaxCategoryBytes = 64;
constexpr size_t kMaxProviderBytes = 128;
constexpr size_t kMaxExternalIdBytes = 256;
constexpr int64_t kYear = 31'536'000;

Unexpected<Error> Bad(std::string detail) {
  return Err(graphql::codes::kBadArgument, "input." + std::move(detail));
}

const boost::json::value* Given(const object& input, const char* name) {
  const auto* value = input.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<bool> FlagIn(const object& input, const char* name) {
  const auto* value = Given(input, name);
  return value == nullptr ? std::nullopt : std::optional(value->get_bool());
}

std::optional<seconds> SecondsIn(const object& input, const char* name) {
  const auto* value = Given(input, name);
  return value == nullptr ? std::nullopt : std::optional(seconds(value->get_int64()));
}

Result<Id> ReadId(const object& input) {
  const std::string text = *TextIn(input, "id");
  if (!*FlagIn(input, "idIsInteger")) {
    if (text.empty() || text.size() > 128) return Bad("id has 1 to 128 bytes");
    return Id(text);
  }
  auto id = Id::FromJson(text);
  if (!id || !id->is_integer()) return Bad("id is no integer");
  return std::move(*id);
}

/// Both inputs have these members, named alike, with the same bounds.
Result<void> Check(const tracking::TrackerEdit& edit) {
  const auto within = [](const std::optional<std::string>& text, size_t least, size_t most) {
    return !text || (text->size() >= least && text->size() <= most);
  };
  const auto lasts = [](const std::optional<seconds>& time, int64_t least) {
    return !time || (time->count() >= least && time->count() <= kYear);
  };
  if (!within(edit.name, 1, kMaxNameBytes)) return Bad("name has 1 to 256 bytes");
  if (!within(edit.category, 0, kMaxCategoryBytes)) return Bad("category has at most 64 bytes");
  if (!within(edit.provider, 1, kMaxProviderBytes)) return Bad("provider has 1 to 128 bytes");
  if (!within(edit.external_id, 1, kMaxExternalIdBytes)) {
    return Bad("externalId has 1 to 256 bytes");
  }
  if (!lasts(edit.offline_after, 1)) return Bad("offlineAfter is 1 to 31536000 seconds");
  if (!lasts(edit.expected_interval, 0)) return Bad("expectedInterval is 0 to 31536000 seconds");
  return Ok();
}

tracking::TrackerEdit EditIn(const object& input) {
  tracking::TrackerEdit edit;
  edit.name = TextIn(input, "name");
  edit.category = TextIn(input, "category");
  edit.is_public = FlagIn(input, "public");
  edit.offline_after = SecondsIn(input, "offlineAfter");
  edit.expected_interval = SecondsIn(input, "expectedInterval");
  edit.provider = TextIn(input, "provider");
  edit.external_id = TextIn(input, "externalId");
  return edit;
}

}  // namespace

std::optional<std::string> TextIn(const object& input, const char* name) {
  const auto* value = Given(input, name);
  return value == nullptr ? std::nullopt : std::optional(std::string(value->get_string()));
}

Result<tracking::Tracker> ReadCreateTracker(const object& input) {
  auto id = ReadId(input);
  if (!id) return Err(std::move(id.error()));
  const tracking::TrackerEdit given = EditIn(input);
  if (auto checked = Check(given); !checked) return Err(std::move(checked.error()));
  tracking::Tracker tracker;
  tracker.name = given.name.value_or(id->ToText());
  tracker.category = given.category.value_or("");
  tracker.is_public = *given.is_public;
  tracker.offline_after = *given.offline_after;
  tracker.expected_interval = *given.expected_interval;
  tracker.provider = *given.provider;
  tracker.external_id = given.external_id.value_or(id->ToText());
  tracker.id = std::move(*id);
  return tracker;
}

Result<tracking::TrackerEdit> ReadUpdateTracker(const object& input) {
  tracking::TrackerEdit edit = EditIn(input);
  if (auto checked = Check(edit); !checked) return Err(std::move(checked.error()));
  edit.sets_client = input.if_contains("clientId") != nullptr;
  const bool changes = edit.name || edit.category || edit.is_public || edit.offline_after ||
                       edit.expected_interval || edit.provider || edit.external_id ||
                       edit.sets_client;
  if (!changes) return Err(graphql::codes::kBadArgument, "input says nothing to change");
  return edit;
}

Result<tracking::Client> ReadCreateClient(const object& input) {
  auto id = ReadId(input);
  if (!id) return Err(std::move(id.error()));
  auto name = ReadName(input);
  if (!name) return Err(std::move(name.error()));
  return tracking::Client{std::move(*id), std::move(*name)};
}

Result<std::string> ReadName(const object& input) {
  std::string name = *TextIn(input, "name");
  if (name.empty() || name.size() > kMaxNameBytes) return Bad("name has 1 to 256 bytes");
  return name;
}

}  // namespace trackwire::api
