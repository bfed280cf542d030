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

/// Which fields of a tracker somebody has set by hand: its provider does not set them any more.
struct EditedFields {
  bool name = false;
  bool client = false;
  bool is_public = false;
  bool category = false;
  bool offline_after = false;
  bool expected_interval = false;
  bool source = false;  ///< provider and external id: no other provider takes it back
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
  std::chrono::seconds expected_interval{0};  ///< between two fixes; 0: as its provider is asked
  std::string attributes_json;          ///< public attributes, a flat JSON object, or empty
  EditedFields edited;
};

/// What an administrator changes about a tracker; absent: it stays as it is.
struct TrackerEdit {
  std::optional<std::string> name;
  std::optional<bool> is_public;
  bool sets_client = false;
  std::optional<Id> client_id;          ///< if `sets_client`; nothing: it belongs to nobody
  std::optional<std::string> category;
  std::optional<std::chrono::seconds> offline_after;
  std::optional<std::chrono::seconds> expected_interval;
  std::optional<std::string> provider;     ///< moves it to another source
  std::optional<std::string> external_id;
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
  std::string reason;                   ///< contact, timeout, last_will, provider_down, motion
  WallTime since{};
  WallTime timestamp{};
  WallTime previous_since{};            ///< of the status that ended; the epoch: it was the first
};
/// Changes `tracker` and marks what was set by hand.
void Apply(const TrackerEdit& edit, Tracker& tracker);
/// Lets a tracker as a provider describes it keep what was set by hand in `known`: all of it when
/// `known` was moved to another provider.
void KeepEdits(const Tracker& known, Tracker& tracker);

/// The notification: tracker_id, axis, status, previous_status, reason, since, timestamp.
std::string ToJson(const StatusChange& change);

}  // namespace trackwire::tracking
