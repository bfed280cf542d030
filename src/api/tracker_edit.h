#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/endpoint.h"
#include "tracking/tracker.h"

namespace trackwire::api {

/// `PATCH /api/trackers/{id}`, for admins:
/// `{"client_id"?: id|null, "public"?: bool, "name"?: string}`; what is absent stays. Answers
/// `{"id","name","client_id","public"}` once the new rule decides on this gateway, and tells the
/// audit log.
///
/// Errors: 400 `invalid_request`, `unknown_client`; 401, 403; 404 `unknown_tracker`; 415 unless the
/// body is application/json; 503 `unavailable`.
class TrackerEditEndpoint final : public Endpoint {
 public:
  static constexpr const char* kPath = "/api/trackers/";
  using Done = std::function<void(Result<tracking::Tracker>)>;
  /// Any thread; answers on any.
  using Edit = std::function<void(tracking::Id, tracking::TrackerEdit, Done)>;

  TrackerEditEndpoint(const Access& access, Edit edit);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  struct Job;
  void Try(const std::shared_ptr<Job>& job);

  const Edit edit_;
};

/// The trackers that a path segment may mean, in the order in which they are looked for: `7` is the
/// number 7 or, where there is none, the text "7"; `"7"` in quotes is the text alone.
std::vector<tracking::Id> IdsOfSegment(std::string_view segment);

/// Reads the body. Error: `invalid_request`.
Result<tracking::TrackerEdit> ReadTrackerEdit(std::string_view body);

}  // namespace trackwire::api
