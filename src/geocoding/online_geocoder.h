#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "broker/rate_limiter.h"
#include "geocoding/detail.h"
#include "geocoding/geocoder.h"
#include "net/loop.h"
#include "outbound/circuit_breaker.h"
#include "outbound/http_client.h"

namespace trackwire::geocoding {

/// Which API a server speaks.
enum class OnlineKind : uint8_t { kNominatim, kPhoton };

/// A server in the network that knows streets, as it is configured.
struct OnlineOptions {
  std::string name;      ///< of the provider, unique: `nominatim`, `photon:office`
  OnlineKind kind = OnlineKind::kNominatim;
  std::string url;       ///< of the API, without `/reverse`
  std::string email;     ///< Nominatim: sent along when not empty, as its policy asks for
  Detail detail = Detail::kBuilding;
  /// All processes of a deployment together; a public server's policy is 1. Zero: no limit.
  double requests_per_second = 1;
  uint32_t concurrency = 1;
  std::chrono::milliseconds timeout{5'000};    ///< of one request
  std::chrono::milliseconds deadline{30'000};  ///< of a Look() with all that it waits for
  uint32_t retries = 2;              ///< after what may pass: no answer, 5xx, 429
  uint32_t breaker_failures = 5;     ///< in a row
  std::chrono::milliseconds breaker_open_for{30'000};
  /// An object farther away than this is not the address of the point, unless it is a street or
  /// settlement whose extent holds it. For Photon also the radius. For cities at least 25 km.
  double max_distance_m = 1'000;
  bool allow_private = false;  ///< a server of one's own: addresses of this machine and network
};

/// What became of the requests of one provider. Written on its loop.
struct OnlineCounters {
  std::atomic<uint64_t> requests{0};  ///< sent, repeated ones too
  std::atomic<uint64_t> found{0};
  std::atomic<uint64_t> not_found{0};
  std::atomic<uint64_t> rate_limited{0};
  std::atomic<uint64_t> unavailable{0};
  std::atomic<uint64_t> retries{0};
  std::atomic<uint64_t> breaker_opened{0};
  std::atomic<outbound::CircuitBreaker::State> breaker{outbound::CircuitBreaker::State::kClosed};
};

struct OnlineState;

/// Asks a server that speaks the reverse geocoding API of Nominatim or Photon.
///
/// Everything happens on `loop`, which is no loop that serves clients. Those who ask are served in
/// their order. Before each request its turn is taken out of a bucket that all gateways share
/// (`geocode:<name>`). `Retry-After` holds back everything for this provider, a 403 for 10 minutes
/// at least; while that lasts longer than one may wait, and while the breaker is open, a Look()
/// fails at once. At most 1,000 wait: who comes then is `rate_limited`.
class OnlineGeocoder final : public Geocoder {
 public:
  /// All outlive it; `http` belongs to `loop`. Destroyed on the loop, or when that has ended: what
  /// is under way then is `provider_unavailable`.
  OnlineGeocoder(net::Loop& loop, outbound::HttpClient& http, broker::RateLimiter& limiter,
                 const Clock& clock, OnlineOptions options);
  ~OnlineGeocoder() override;

  void Look(Place place, Done done) override;

  const OnlineOptions& options() const;
  const OnlineCounters& counters() const;

 private:
  std::shared_ptr<OnlineState> state_;
};

}  // namespace trackwire::geocoding
