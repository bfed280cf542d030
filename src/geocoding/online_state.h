// The inside of OnlineGeocoder.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <unordered_set>

#include "geocoding/online_geocoder.h"
#include "geocoding/online_verdict.h"
#include "net/timer.h"

namespace trackwire::geocoding {

/// One who asks. Whoever lets go of it unanswered has answered: it is `provider_unavailable`.
struct OnlineLookup : std::enable_shared_from_this<OnlineLookup> {
  OnlineLookup(Place where, Geocoder::Done then);
  ~OnlineLookup();
  /// Only the first call counts.
  void Answer(Result<Found, LookupError> result);
  /// Until its deadline; of a real clock, as that is a timer.
  std::chrono::milliseconds left() const;

  const Place place;
  Geocoder::Done done;
  OnlineState* state = nullptr;  ///< since it was admitted
  Steady::time_point ends{};
  uint32_t tries = 0;
  bool without_language = false;
  std::string asked_in;  ///< the language of its last request, as LanguageOf() gave it then
  bool in_flight = false;
  LookupError why;  ///< what its deadline says
  std::unique_ptr<outbound::HttpClient::Transfer> transfer;
  net::Timer deadline;  ///< armed but while it is in flight, when the request has its own
  net::Timer backoff;
};
using OnlineLookupPtr = std::shared_ptr<OnlineLookup>;

/// The way for other threads to an OnlineState, as long as there is one.
class OnlineDoor {
 public:
  OnlineDoor(net::Loop& loop, OnlineState* state) : loop_(&loop), state_(state) {}
  /// `self` is this. Any thread.
  void Post(const std::shared_ptr<OnlineDoor>& self, UniqueFunction<void(OnlineState&)> task);
  /// The loop, or when that has ended.
  void Close();

 private:
  // Guards `loop_`: an answer of the broker's may come when the geocoder and its loop have gone.
  std::mutex mutex_;
  net::Loop* loop_;
  OnlineState* state_;  ///< the loop's alone
};

/// All that OnlineGeocoder is. Everything but the counters belongs to the loop.
struct OnlineState : std::enable_shared_from_this<OnlineState> {
  OnlineState(net::Loop& its_loop, outbound::HttpClient& client, broker::RateLimiter& rate,
              const Clock& its_clock, OnlineOptions its_options);

  void Admit(OnlineLookupPtr lookup);
  void Close();

  /// Sends what may be sent now.
  void Pump();
  void OnTurn(const broker::Verdict& verdict);
  void SendNext();
  std::string LanguageOf(const OnlineLookup& lookup) const;

  void OnAnswer(const OnlineLookupPtr& lookup, const Result<outbound::HttpAnswer>& answer);
  /// What an answer says about the server as a whole.
  void Note(const OnlineVerdict& verdict);
  void NoteSuccess();
  void NoteFailure(const OnlineVerdict& verdict);
  void NoteHold(const OnlineVerdict& verdict);
  void RefuseLanguage(const std::string& language);
  void LogOnce(const OnlineVerdict& verdict, const char* message);
  /// Asks again later, or gives up.
  void Again(const OnlineLookupPtr& lookup, const OnlineVerdict& verdict);
  void Requeue(const OnlineLookupPtr& lookup);
  void OnDeadline(const OnlineLookupPtr& lookup);

  /// Why it need not wait, if so.
  std::optional<LookupError> Hopeless(const OnlineLookup& lookup, Steady::time_point now) const;
  /// Ends those who wait for what will not come in their time.
  void EndHopeless(Steady::time_point now);
  void End(const OnlineLookupPtr& lookup, Result<Found, LookupError> result);
  void ShowBreaker(Steady::time_point now);
  broker::BucketRule rule() const;

  net::Loop& loop;
  outbound::HttpClient& http;
  broker::RateLimiter& limiter;
  const Clock& clock;
  const OnlineOptions options;
  const std::string bucket;
  OnlineCounters counters;

  outbound::CircuitBreaker breaker;
  Steady::time_point held_until{};  ///< nothing is sent before
  LookupError held;                 ///< what is told of that
  bool banned = false;              ///< that is why it is held
  std::unordered_set<OnlineLookupPtr> all;
  std::deque<OnlineLookupPtr> waiting;  ///< for their turn, the next one in front
  size_t in_flight = 0;
  bool taking = false;  ///< the bucket is being asked
  bool closed = false;
  std::unordered_set<std::string> spoken;  ///< languages that Photon knows
  std::unordered_set<std::string> unspoken;
  std::string logged;  ///< the fault that was logged last, since it was well
  Steady::time_point log_again_at{};
  std::minstd_rand chance;
  net::Timer hold_timer;
  net::Timer turn_timer;  ///< armed: the bucket said when to ask again
  std::shared_ptr<OnlineDoor> door;
};

}  // namespace trackwire::geocoding
