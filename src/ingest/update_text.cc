#include "ingest/update_text.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::ingest {
namespace {

using base::FindMember;
using base::JsonValue;

constexpr size_t kMaxIdBytes = 128;
constexpr size_t kMaxAnnouncementBytes = 4'096;
constexpr const char* kOurs = "trackwire";
constexpr std::array<const char*, 5> kNames = {"queued", "fetching", "fetched", "unchanged",
                                               "failed"};

constexpr std::array<std::string_view, 9> kReasons = {
    "unknown_tracker", "no_provider", "unsupported", "provider_unavailable", "rate_limited",
    "no_fix",          "timeout",     "queue_full",  "cancelled"};

void Add(std::string& out, std::string_view name, std::string_view text) {
  out += out.size() > 1 ? ",\"" : "\"";
  out += name;
  out += "\":";
  base::AppendJsonString(out, text);
}

void AddRaw(std::string& out, std::string_view name, std::string_view json) {
  out += out.size() > 1 ? ",\"" : "\"";
  out += name;
  out += "\":";
  out += json;
}

int64_t Millis(WallTime time) { return time.time_since_epoch().count(); }

/// An object and what is in it; nothing else.
std::optional<JsonValue> ObjectOf(std::string_view text) {
  const auto value = base::ScanJson(text);
  if (!value || !value->is_object()) return std::nullopt;
  return *value;
}

/// A member of an object; null counts as none.
std::optional<JsonValue> Member(JsonValue object, std::string_view name) {
  auto member = FindMember(object, name);
  if (member && member->is_null()) return std::nullopt;
  return member;
}

std::optional<std::string> Text(JsonValue object, std::string_view name) {
  const auto member = Member(object, name);
  if (!member || !member->is_string()) return std::nullopt;
  return base::DecodeJsonString(member->text);
}

std::optional<int64_t> Integer(JsonValue object, std::string_view name) {
  const auto member = Member(object, name);
  if (!member || !member->is_number()) return std::nullopt;
  return base::JsonInteger(*member);
}

std::optional<WallTime> Time(JsonValue object, std::string_view name) {
  const auto ms = Integer(object, name);
  if (!ms) return std::nullopt;
  return WallTime(std::chrono::milliseconds(*ms));
}

std::optional<tracking::Id> IdIn(JsonValue object, std::string_view name) {
  const auto member = Member(object, name);
  return member ? tracking::Id::FromJson(member->text) : std::nullopt;
}

void AddRequest(std::string& out, const UpdateRequest& request) {
  Add(out, "request_id", request.request_id);
  AddRaw(out, "tracker_id", request.tracker_id.ToJson());
  if (request.socket_id) Add(out, "socket_id", *request.socket_id);
  Add(out, "requested_by", request.requested_by);
}

void AddRequestWithTimes(std::string& out, const UpdateRequest& request) {
  AddRequest(out, request);
  AddRaw(out, "requested_at", std::to_string(Millis(request.requested_at)));
  AddRaw(out, "deadline", std::to_string(Millis(request.deadline)));
}

std::optional<UpdateRequest> RequestIn(JsonValue object) {
  auto id = Text(object, "request_id");
  auto tracker = IdIn(object, "tracker_id");
  const auto requested_at = Time(object, "requested_at");
  const auto deadline = Time(object, "deadline");
  if (!id || !tracker || !requested_at || !deadline) return std::nullopt;
  UpdateRequest request;
  request.request_id = std::move(*id);
  request.tracker_id = std::move(*tracker);
  request.socket_id = Text(object, "socket_id");
  request.requested_by = Text(object, "requested_by").value_or("");
  request.requested_at = *requested_at;
  request.deadline = *deadline;
  return request;
}

std::optional<UpdateStatus> StatusIn(JsonValue object) {
  const auto text = Text(object, "status");
  return text ? ParseUpdateStatus(*text) : std::nullopt;
}

/// An id that others chose: a short text, or an integer.
bool ReadForeignId(JsonValue object, std::string_view name, std::string& into) {
  const auto member = Member(object, name);
  if (!member) return true;
  if (member->is_number() && base::JsonInteger(*member)) {
    into = std::string(member->text);
    return true;
  }
  if (!member->is_string()) return false;
  into = base::DecodeJsonString(member->text);
  return into.size() <= kMaxIdBytes;
}

/// One of those that UpdateState names, whatever another process says: it becomes a label.
std::string KnownReason(std::string reason) {
  const bool known = std::find(kReasons.begin(), kReasons.end(), reason) != kReasons.end();
  return known ? reason : "provider_unavailable";
}

}  // namespace

const char* ToString(UpdateStatus status) { return kNames[static_cast<size_t>(status)]; }

std::optional<UpdateStatus> ParseUpdateStatus(std::string_view text) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (text == kNames[i]) return static_cast<UpdateStatus>(i);
  }
  return std::nullopt;
}

std::string AnnouncementOf(const UpdateRequest& request) {
  std::string out = "{";
  AddRequest(out, request);
  Add(out, "requested_at", base::FormatTime(request.requested_at));
  Add(out, "queued_by", kOurs);
  return out + "}";
}

Result<std::optional<UpdateRequest>> ReadAnnouncement(std::string_view text, WallTime now) {
  if (text.size() > kMaxAnnouncementBytes) return Err("bad_json", "the message is too long");
  const auto object = ObjectOf(text);
  if (!object) return Err("bad_json", "the message is no JSON object");
  if (Text(*object, "queued_by") == kOurs) return std::optional<UpdateRequest>();
  UpdateRequest request;
  if (!ReadForeignId(*object, "request_id", request.request_id)) {
    return Err("bad_request_id", "request_id is neither a text of at most 128 bytes nor a number");
  }
  auto tracker = IdIn(*object, "tracker_id");
  if (!tracker) {
    return Err("bad_tracker_id", "tracker_id is neither a text of 1 to 128 bytes nor an integer");
  }
  request.tracker_id = std::move(*tracker);
  std::string socket;
  if (!ReadForeignId(*object, "socket_id", socket)) {
    return Err("bad_socket_id", "socket_id is not a text of at most 128 bytes");
  }
  if (!socket.empty()) request.socket_id = std::move(socket);
  if (!ReadForeignId(*object, "requested_by", request.requested_by)) {
    return Err("bad_requested_by", "requested_by is not a text of at most 128 bytes");
  }
  request.requested_at = now;
  return std::optional<UpdateRequest>(std::move(request));
}

std::string ToJson(const UpdateRequest& request) {
  std::string out = "{";
  AddRequestWithTimes(out, request);
  return out + "}";
}

std::optional<UpdateRequest> ParseUpdateRequest(std::string_view text) {
  const auto object = ObjectOf(text);
  return object ? RequestIn(*object) : std::nullopt;
}

std::string ToJson(const UpdateRecord& record) {
  std::string out = "{";
  AddRequestWithTimes(out, record.state.request);
  Add(out, "status", ToString(record.state.status));
  if (!record.state.reason.empty()) Add(out, "reason", record.state.reason);
  AddRaw(out, "since", std::to_string(Millis(record.state.since)));
  if (!record.queue.empty()) {
    Add(out, "queue", record.queue);
    Add(out, "task", record.task_id);
  }
  return out + "}";
}

std::optional<UpdateRecord> ParseUpdateRecord(std::string_view text) {
  const auto object = ObjectOf(text);
  if (!object) return std::nullopt;
  auto request = RequestIn(*object);
  const auto status = StatusIn(*object);
  const auto since = Time(*object, "since");
  if (!request || !status || !since) return std::nullopt;
  UpdateRecord record;
  record.state = {std::move(*request), *status, Text(*object, "reason").value_or(""), *since};
  record.queue = Text(*object, "queue").value_or("");
  record.task_id = Text(*object, "task").value_or("");
  return record;
}

std::string ToJson(const UpdateProgress& progress) {
  std::string out = "{";
  Add(out, "queue", progress.queue);
  Add(out, "task", progress.task_id);
  Add(out, "status", ToString(progress.status));
  if (!progress.reason.empty()) Add(out, "reason", progress.reason);
  AddRaw(out, "provider_ms", std::to_string(progress.provider_time.count()));
  return out + "}";
}

std::optional<UpdateProgress> ParseUpdateProgress(std::string_view text) {
  const auto object = ObjectOf(text);
  if (!object) return std::nullopt;
  auto queue = Text(*object, "queue");
  auto task = Text(*object, "task");
  const auto status = StatusIn(*object);
  if (!queue || !task || !status) return std::nullopt;
  UpdateProgress progress;
  progress.queue = std::move(*queue);
  progress.task_id = std::move(*task);
  progress.status = *status;
  if (progress.status == UpdateStatus::kFailed) {
    progress.reason = KnownReason(Text(*object, "reason").value_or(""));
  }
  progress.provider_time = std::chrono::milliseconds(Integer(*object, "provider_ms").value_or(0));
  return progress;
}

std::string StatusEnvelope(const UpdateState& state) {
  std::string notification = "{";
  Add(notification, "request_id", state.request.request_id);
  AddRaw(notification, "tracker_id", state.request.tracker_id.ToJson());
  Add(notification, "status", ToString(state.status));
  if (!state.reason.empty()) Add(notification, "reason", state.reason);
  notification += '}';
  std::string out = "{";
  Add(out, "message_type", "tracker_update_status");
  Add(out, "socket_id", state.request.socket_id.value_or(""));
  AddRaw(out, "notification", notification);
  return out + "}";
}

std::string UpdateQueueOf(const std::string& provider) { return "update:" + provider; }
std::string RecordKey(const std::string& request_id) { return "update:request:" + request_id; }
std::string ProgressKey(const std::string& queue, const std::string& task_id) {
  return "update:progress:" + queue + ":" + task_id;
}
std::string WantedKey(const std::string& queue, const std::string& task_id) {
  return "update:wanted:" + queue + ":" + task_id;
}

}  // namespace trackwire::ingest
