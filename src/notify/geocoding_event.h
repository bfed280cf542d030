#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/rate_limits.h"
#include "base/result.h"
#include "geocoding/geocoding_desk.h"
#include "socketio/namespace.h"

namespace trackwire::notify {

/// What became of events `request_geocoding`. Any thread.
struct GeocodingEventCounters {
  std::atomic<uint64_t> answered{0};  ///< at once
  std::atomic<uint64_t> queued{0};
  std::atomic<uint64_t> invalid{0};
  std::atomic<uint64_t> rate_limited{0};
  std::atomic<uint64_t> refused{0};  ///< for another reason: queue full, nobody there, shut out
};

/// Serves the event `request_geocoding`.
///
/// What can be said at once is said to the socket that asks, behind the ack; what takes longer
/// comes through the log, to whoever has that socket's id by then. Everything on the way is either
/// on the socket's shard or handed from the broker's loop to it, so that these follow each other in
/// order. Who is anonymous may ask as well; each request counts by session, user and address.
class GeocodingEvent {
 public:
  static constexpr const char* kName = "request_geocoding";

  /// All outlive it.
  GeocodingEvent(geocoding::GeocodingDesk& desk, auth::RateLimits& limits,
                 socketio::Namespace& nsp);

  /// Sets the handler; before the server starts.
  void Attach();
  const GeocodingEventCounters& counters() const { return counters_; }

 private:
  struct Asked;

  void OnEvent(socketio::Socket& socket, const socketio::Event& event, socketio::AckFn ack);
  void Ask(const std::shared_ptr<Asked>& asked);
  void Tell(const std::shared_ptr<Asked>& asked, geocoding::GeocodingDesk::Taken taken);
  void Refuse(socketio::Socket& socket, Asked& asked, const geocoding::AddressError& error);

  geocoding::GeocodingDesk& desk_;
  auth::RateLimits& limits_;
  socketio::Namespace& nsp_;
  GeocodingEventCounters counters_;
};

/// Where geocoding is switched off: who asks with an ack is told that there is no such event.
void RefuseGeocoding(socketio::Namespace& nsp);

/// What the arguments of the event say, as far as they could be read.
struct GeocodingQuestion {
  std::optional<std::string> request_id;
  std::optional<double> latitude;
  std::optional<double> longitude;
  std::string language;                          ///< empty: not said
  std::optional<geocoding::AddressError> error;  ///< `invalid_request`
};

/// Reads `[{latitude, longitude, request_id?, language?}]`: coordinates are numbers, never texts;
/// the rest are texts, an id of 1 to 64 bytes. Their ranges are CheckPlace()'s to check.
GeocodingQuestion ReadGeocodingQuestion(std::string_view args_json);

}  // namespace trackwire::notify
