#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "tracking/position.h"

namespace trackwire::ingest {

enum class UpdateStatus : uint8_t { kQueued, kFetching, kFetched, kUnchanged, kFailed };
/// `queued`, `fetching` and so on.
const char* ToString(UpdateStatus status);
std::optional<UpdateStatus> ParseUpdateStatus(std::string_view text);

/// Somebody wants to know where a tracker is now.
struct UpdateRequest {
  std::string request_id;
  tracking::Id tracker_id;
  std::optional<std::string> socket_id;  ///< who is told how it goes
  std::string requested_by;              ///< user; may be empty
  WallTime requested_at{};
  WallTime deadline{};  ///< what has no result by then has failed
};

/// How far a request is.
struct UpdateState {
  UpdateRequest request;
  UpdateStatus status = UpdateStatus::kQueued;
  /// Of kFailed: `unknown_tracker`, `no_provider`, `unsupported`, `provider_unavailable`,
  /// `rate_limited`, `no_fix`, `timeout`, `queue_full`, `cancelled`. Else empty.
  std::string reason;
  WallTime since{};
};

/// Where requests for an immediate position are left, for whichever fetcher has the tracker's
/// provider. Any thread; `done` on any.
class UpdateDesk {
 public:
  template <typename T>
  using Done = std::function<void(Result<T>)>;

  virtual ~UpdateDesk() = default;
  /// Leaves a request, durably, and announces it; joins the one that is under way for that tracker.
  /// A tracker that is not known or cannot be asked is a state (kFailed), not an error. Errors:
  /// `unavailable`.
  virtual void Request(tracking::Id tracker, std::optional<std::string> socket_id,
                       std::string requested_by, Done<UpdateState> done) = 0;
  /// What became of a request, for an hour; nothing when there is none. Errors: `unavailable`.
  virtual void Find(std::string request_id, Done<std::optional<UpdateState>> done) = 0;
};

}  // namespace trackwire::ingest
