#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/update_desk.h"

namespace trackwire::ingest {

/// Where requests for an immediate position are announced: spec.md section 6.
inline constexpr const char* kUpdateRequests = "tracker:update:requests";
/// Where those who ask providers say how far they are.
inline constexpr const char* kUpdateProgress = "tracker:update:progress";

/// How far the one who asks a provider is with a task, which several requests may have joined.
struct UpdateProgress {
  std::string queue;
  std::string task_id;
  UpdateStatus status = UpdateStatus::kFetching;
  std::string reason;                        ///< of kFailed
  std::chrono::milliseconds provider_time{0};  ///< what the provider itself took of it
};

/// A request with the task at a provider that it waits for, as it is kept for an hour.
struct UpdateRecord {
  UpdateState state;
  std::string queue;    ///< empty: there is no task yet
  std::string task_id;
};

/// As it stands on kUpdateRequests, marked as one that has been queued already.
std::string AnnouncementOf(const UpdateRequest& request);
/// One that somebody else announced; nothing when it is ours. `now` stands for when it was made.
/// `request_id` is empty when it has none. Errors: `bad_json`, `bad_request_id`, `bad_tracker_id`,
/// `bad_socket_id`, `bad_requested_by`.
Result<std::optional<UpdateRequest>> ReadAnnouncement(std::string_view text, WallTime now);

/// Our own forms, for tasks and the cache. Nothing when it is none.
std::string ToJson(const UpdateRequest& request);
std::optional<UpdateRequest> ParseUpdateRequest(std::string_view text);
std::string ToJson(const UpdateRecord& record);
std::optional<UpdateRecord> ParseUpdateRecord(std::string_view text);
std::string ToJson(const UpdateProgress& progress);
std::optional<UpdateProgress> ParseUpdateProgress(std::string_view text);

/// The envelope of tracker_update_status, for the socket that asked; there has to be one.
std::string StatusEnvelope(const UpdateState& state);

/// Whether nothing follows it.
inline bool IsEnd(UpdateStatus status) { return status >= UpdateStatus::kFetched; }

/// The queue for the trackers of a provider.
std::string UpdateQueueOf(const std::string& provider);
/// Where the cache has a request, what is known of a task, and until when somebody waits for one.
std::string RecordKey(const std::string& request_id);
std::string ProgressKey(const std::string& queue, const std::string& task_id);
std::string WantedKey(const std::string& queue, const std::string& task_id);

}  // namespace trackwire::ingest
