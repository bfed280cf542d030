#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "broker/broker.h"
#include "geocoding/geocoder.h"
#include "geocoding/offline_index.h"
#include "net/loop.h"

namespace trackwire::geocoding {

/// What a client asks for.
struct AddressRequest {
  std::string request_id;  ///< at most 64 bytes; the client's own, or made by whoever takes it
  Place place;
  std::string socket_id;   ///< public id of the socket that is told
};

/// An address as it is told: `geocoding_result`.
struct AddressAnswer {
  Found found;
  bool cached = false;
  bool provisional = false;  ///< a better one follows
};

/// Why a request was refused or could not be answered: `geocoding_error`.
struct AddressError {
  std::string code;  ///< `rate_limited`, `not_found`, `provider_unavailable`, `invalid_request`,
                     ///< `queue_full`
  std::string message;
  std::optional<std::chrono::milliseconds> retry_after;
};

/// What is said to a socket about its request. `geocoding_queued`, `geocoding_result` or
/// `geocoding_error` with its payload.
struct AddressEvent {
  std::string name;
  std::string payload;  ///< a JSON object
};

/// What became of requests and lookups in this process.
struct GeocodingCounters {
  std::atomic<uint64_t> requests{0};
  std::atomic<uint64_t> offline{0};      ///< answered by the offline index, as the last word
  std::atomic<uint64_t> provisional{0};  ///< answered by it until a better one comes
  std::atomic<uint64_t> hits{0};         ///< answered from the cache, not-found ones too
  std::atomic<uint64_t> stale{0};        ///< of these: old ones, that were looked up anew
  std::atomic<uint64_t> misses{0};
  std::atomic<uint64_t> joined{0};       ///< of these: somebody had asked for the same already
  std::atomic<uint64_t> queue_full{0};
  std::atomic<uint64_t> lookups{0};      ///< tasks that this process did
  std::atomic<uint64_t> found{0};
  std::atomic<uint64_t> not_found{0};
  std::atomic<uint64_t> failed{0};
  std::atomic<uint64_t> dropped{0};      ///< answers whose asker had left for good
  std::atomic<uint64_t> automatic{0};    ///< requests because somebody stopped
};

/// Addresses for whoever asks: docs/design/geocoding.md.
///
/// Without providers in the network the offline index answers every request at once. With them, the
/// cache is asked first; what it has not is a durable task in the queue `geocoding`, one for a
/// place however many ask and on however many gateways, while the offline index answers
/// provisionally. A socket's request that has to wait is a durable task of its own, so that it is
/// answered though the gateway that took it dies; its events go through the log, so that a client
/// that was away gets them.
class GeocodingDesk {
 public:
  struct Options {
    /// Decimals that coordinates are rounded to: 4 (about 11 m) for houses, 3 for streets, 2 for
    /// cities.
    int decimals = 4;
    std::string detail = "building";  ///< building, street or city; part of the cache's key
    std::string chain;                ///< names of the providers; part of the cache's key
    std::chrono::milliseconds ttl = std::chrono::hours(24 * 30);
    std::chrono::milliseconds negative_ttl = std::chrono::hours(24);
    /// For so long after its time an answer is still given while it is looked up anew.
    std::chrono::milliseconds stale_for = std::chrono::hours(24 * 30);
    size_t max_waiting = 10'000;  ///< places that wait for their lookup, in the whole deployment
    size_t max_asked = 200'000;   ///< requests that wait, of this process
    /// A request that has no answer by then is `provider_unavailable`.
    std::chrono::milliseconds deadline = std::chrono::minutes(15);
    size_t max_at_once = 8;        ///< lookups of this process
    std::chrono::milliseconds lease = std::chrono::seconds(10);
    bool provisional = true;       ///< the offline index answers what has to wait
    /// How long Look() waits at most for a place that has to be looked up.
    std::chrono::milliseconds patience = std::chrono::seconds(10);
    std::string language = "en";   ///< of those who do not say theirs
  };
  /// `error`: nothing of it was kept, and `events` is empty. That there is no address is no such
  /// error but an event, like any answer.
  struct Taken {
    std::optional<AddressError> error;
    std::vector<AddressEvent> events;  ///< what can be said at once, in its order, by the caller
    bool queued = false;               ///< more follows through the log
  };
  using TakenDone = std::function<void(Taken)>;
  using LookDone = std::function<void(Result<AddressAnswer, AddressError>)>;

  /// `control` is the broker's loop. All but the shared ones outlive it. `index` may be empty: then
  /// only `chain` answers. `chain` empty: only the index does.
  GeocodingDesk(net::Loop& control, broker::Broker& broker, const Clock& clock,
                std::shared_ptr<const OfflineIndex> index, std::shared_ptr<Geocoder> chain,
                Options options);
  /// On the broker's loop, or when that has ended.
  ~GeocodingDesk();
  GeocodingDesk(const GeocodingDesk&) = delete;
  GeocodingDesk& operator=(const GeocodingDesk&) = delete;

  /// The broker's loop. From here on it takes lookups, and watches over requests that wait.
  void Start();
  /// The broker's loop. What is under way goes to another desk, new requests are
  /// `provider_unavailable`.
  void Stop();

  /// Any thread; `done` once, on the broker's loop, or at once where that needs nobody else. The
  /// end of a queued request is not appended to the log before `done` has run. The coordinates were
  /// checked, and the caller's rate.
  void Request(AddressRequest request, TakenDone done);
  /// For those who wait for the final answer and have no socket. Any thread; `done` once, on any
  /// thread. When a place is not looked up in time, the index's answer, provisional; without one
  /// `provider_unavailable`.
  void Look(Place place, LookDone done);
  /// Nobody waits: the place's address is looked up when there is time, unless it is known.
  /// The broker's loop.
  void Prepare(Place place);

  const GeocodingCounters& counters() const;
  const Options& options() const;

 private:
  struct Desk;
  std::shared_ptr<Desk> desk_;
};

/// `{"request_id","latitude","longitude","code","message","retry_after"?}`.
AddressEvent ErrorEvent(const AddressRequest& request, const AddressError& error);
/// Checks what a client sent: finite, in range, a language tag. Error: `invalid_request`.
Result<Place, AddressError> CheckPlace(double latitude, double longitude, std::string_view language,
                                       std::string_view default_language);

}  // namespace trackwire::geocoding
