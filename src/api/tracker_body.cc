#include "api/tracker_body.h"

#include <chrono>
#include <optional>
#include <utility>

#include "base/json_scanner.h"

namespace trackwire::api {
namespace {

using base::JsonMember;
using base::JsonValue;
using tracking::Id;
using tracking::TrackerEdit;

Error Invalid(std::string detail) { return {"invalid_request", std::move(detail)}; }

Result<JsonValue> ObjectOf(std::string_view body) {
  const auto object = base::ScanJson(body);
  if (!object || !object->is_object()) return Err(Invalid("the body is not a JSON object"));
  return *object;
}

Result<Id> IdOf(const JsonMember& member) {
  auto id = Id::FromJson(member.value.text);
  if (id) return std::move(*id);
  return Err(Invalid(std::string(member.raw_key) +
                     " is neither a string of 1 to 128 bytes nor an integer"));
}

Result<void> ReadText(const JsonMember& member, std::optional<std::string>& out) {
  if (!member.value.is_string()) {
    return Err(Invalid(std::string(member.raw_key) + " is not a string"));
  }
  out = base::DecodeJsonString(member.value.text);
  return Ok();
}

Result<void> ReadSeconds(const JsonMember& member, std::optional<std::chrono::seconds>& out) {
  const auto number =
      member.value.is_number() ? base::JsonInteger(member.value) : std::optional<int64_t>();
  if (!number) return Err(Invalid(std::string(member.raw_key) + " is not a number of seconds"));
  out = std::chrono::seconds(*number);
  return Ok();
}

Result<void> ReadPublic(const JsonValue& value, TrackerEdit& edit) {
  const bool yes = value.type == base::JsonType::kTrue;
  if (!yes && value.type != base::JsonType::kFalse) {
    return Err(Invalid("public is neither true nor false"));
  }
  edit.is_public = yes;
  return Ok();
}

Result<void> ReadClientOf(const JsonMember& member, TrackerEdit& edit) {
  edit.sets_client = true;
  edit.client_id.reset();
  if (member.value.is_null()) return Ok();
  auto id = IdOf(member);
  if (!id) return Err(Invalid(id.error().detail + " nor null"));
  edit.client_id = std::move(*id);
  return Ok();
}

Result<void> ReadMember(const JsonMember& member, TrackerEdit& edit) {
  if (member.KeyIs("name")) return ReadText(member, edit.name);
  if (member.KeyIs("category")) return ReadText(member, edit.category);
  if (member.KeyIs("provider")) return ReadText(member, edit.provider);
  if (member.KeyIs("external_id")) return ReadText(member, edit.external_id);
  if (member.KeyIs("public")) return ReadPublic(member.value, edit);
  if (member.KeyIs("client_id")) return ReadClientOf(member, edit);
  if (member.KeyIs("offline_after")) return ReadSeconds(member, edit.offline_after);
  if (member.KeyIs("expected_interval")) return ReadSeconds(member, edit.expected_interval);
  return Err(Invalid("there is no " + std::string(member.raw_key) + " to set"));
}

/// Sets what is there; `id` goes where the caller wants it, or is refused.
Result<TrackerEdit> ReadMembers(JsonValue object, std::optional<Id>* id) {
  TrackerEdit edit;
  base::JsonObjectReader members(object);
  while (const auto member = members.Next()) {
    if (id != nullptr && member->KeyIs("id")) {
      auto found = IdOf(*member);
      if (!found) return Err(std::move(found.error()));
      *id = std::move(*found);
    } else if (auto done = ReadMember(*member, edit); !done) {
      return Err(std::move(done.error()));
    }
  }
  return edit;
}

bool IsEmpty(const TrackerEdit& edit) {
  return !edit.name && !edit.is_public && !edit.sets_client && !edit.category &&
         !edit.offline_after && !edit.expected_interval && !edit.provider && !edit.external_id;
}

void AppendText(std::string& out, const char* name, std::string_view text) {
  out += std::string(",\"") + name + "\":";
  base::AppendJsonString(out, text);
}

}  // namespace

Result<tracking::Tracker> ReadTracker(std::string_view body) {
  auto object = ObjectOf(body);
  if (!object) return Err(std::move(object.error()));
  std::optional<Id> id;
  auto edit = ReadMembers(*object, &id);
  if (!edit) return Err(std::move(edit.error()));
  if (!id) return Err(Invalid("id is missing"));
  tracking::Tracker tracker;
  tracker.id = std::move(*id);
  Apply(*edit, tracker);
  tracker.edited = {};
  return tracker;
}

Result<TrackerEdit> ReadTrackerEdit(std::string_view body) {
  auto object = ObjectOf(body);
  if (!object) return Err(std::move(object.error()));
  auto edit = ReadMembers(*object, nullptr);
  if (edit && IsEmpty(*edit)) return Err(Invalid("nothing to change"));
  return edit;
}

Result<tracking::Client> ReadClient(std::string_view body) {
  auto object = ObjectOf(body);
  if (!object) return Err(std::move(object.error()));
  std::optional<Id> id;
  std::optional<std::string> name;
  base::JsonObjectReader members(*object);
  while (const auto member = members.Next()) {
    if (member->KeyIs("id")) {
      auto found = IdOf(*member);
      if (!found) return Err(std::move(found.error()));
      id = std::move(*found);
    } else if (!member->KeyIs("name")) {
      return Err(Invalid("there is no " + std::string(member->raw_key) + " to set"));
    } else if (auto read = ReadText(*member, name); !read) {
      return Err(std::move(read.error()));
    }
  }
  if (!id) return Err(Invalid("id is missing"));
  return tracking::Client{std::move(*id), name.value_or("")};
}

Result<std::string> ReadClientName(std::string_view body) {
  auto object = ObjectOf(body);
  if (!object) return Err(std::move(object.error()));
  std::optional<std::string> name;
  base::JsonObjectReader members(*object);
  while (const auto member = members.Next()) {
    if (!member->KeyIs("name")) {
      return Err(Invalid("only name can be changed, not " + std::string(member->raw_key)));
    }
    if (auto read = ReadText(*member, name); !read) return Err(std::move(read.error()));
  }
  if (!name) return Err(Invalid("nothing to change: name is needed"));
  return std::move(*name);
}

std::string ToAdminJson(const tracking::Tracker& tracker) {
  std::string out = "{\"id\":" + tracker.id.ToJson();
  AppendText(out, "name", tracker.name);
  AppendText(out, "category", tracker.category);
  out += ",\"client_id\":" + (tracker.client_id ? tracker.client_id->ToJson() : "null");
  out += std::string(",\"public\":") + (tracker.is_public ? "true" : "false");
  AppendText(out, "provider", tracker.provider);
  out += ",\"offline_after\":" + std::to_string(tracker.offline_after.count());
  out += ",\"expected_interval\":" + std::to_string(tracker.expected_interval.count());
  return out + '}';
}

std::string ToJson(const tracking::Client& client) {
  std::string out = "{\"id\":" + client.id.ToJson();
  AppendText(out, "name", client.name);
  return out + '}';
}

}  // namespace trackwire::api
