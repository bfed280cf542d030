#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "tracking/position.h"

namespace trackwire::tracking {

/// A customer whose trackers these are.
struct Client {
  Id id;
  std::string name;
};

struct Tracker {
  Id id;
  std::string name;
  std::string category;                 ///< cargo, tanker, passenger, car, …
  std::optional<Id> client_id;
  bool is_public = false;
  std::string provider;                 ///< kind and instance that reports it
  std::string external_id;              ///< the provider's own key; never leaves the server
  std::chrono::seconds offline_after{600};
  std::string attributes_json;          ///< public attributes, a flat JSON object, or empty
};

/// Status on both axes and since when.
struct Status {
  Connectivity connectivity = Connectivity::kUnknown;
  Motion motion = Motion::kUnknown;
  WallTime connectivity_since{};
  WallTime motion_since{};
};

/// A tracker with what is known of it now.
struct TrackerState {
  Tracker tracker;
  Status status;
  std::optional<Position> latest;
  WallTime last_seen_at{};              ///< last contact; the epoch when never heard
};

/// One tracker_status_change.
struct StatusChange {
  Id tracker_id;
  bool motion_axis = false;             ///< else connectivity
  std::string status;
  std::string previous_status;
  std::string reason;                   ///< contact, timeout, provider_down, motion, admin
  WallTime since{};
  WallTime timestamp{};
};
/// The notification: tracker_id, axis, status, previous_status, reason, since, timestamp.
std::string ToJson(const StatusChange& change);

}  // namespace trackwire::tracking
