#include "geocoding/online_geocoder.h"

#include <algorithm>
#include <utility>

#include "geocoding/online_state.h"
#include "net/guarded.h"

namespace trackwire::geocoding {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr size_t kMaxWaiting = 1'000;
/// How much of a second's worth may come at once.
constexpr double kBurstSeconds = 0.1;

LookupError Stopped() { return {LookupFault::kUnavailable, "it is being stopped", {}}; }

}  // namespace

OnlineLookup::OnlineLookup(Place where, Geocoder::Done then)
    : place(std::move(where)),
      done(std::move(then)),
      why{LookupFault::kRateLimited, "its turn does not come in time", {}, true},
      deadline(
          [](void* context) {
            auto& lookup = *static_cast<OnlineLookup*>(context);
            lookup.state->OnDeadline(lookup.shared_from_this());
          },
          this),
      backoff(
          [](void* context) {
            auto& lookup = *static_cast<OnlineLookup*>(context);
            lookup.state->Requeue(lookup.shared_from_this());
          },
          this) {}

OnlineLookup::~OnlineLookup() { Answer(Err(Stopped())); }

void OnlineLookup::Answer(Result<Found, LookupError> result) {
  if (!done) return;
  const Geocoder::Done then = std::exchange(done, nullptr);
  net::Guarded("geocoding", [&] { then(std::move(result)); });
}

milliseconds OnlineLookup::left() const {
  return std::chrono::floor<milliseconds>(ends - Steady::now());
}

void OnlineDoor::Post(const std::shared_ptr<OnlineDoor>& self,
                      UniqueFunction<void(OnlineState&)> task) {
  const std::lock_guard lock(mutex_);
  if (loop_ == nullptr) return;
  loop_->Post([self, task = std::move(task)] {
    if (self->state_ != nullptr) task(*self->state_);
  });
}

void OnlineDoor::Close() {
  state_ = nullptr;
  const std::lock_guard lock(mutex_);
  loop_ = nullptr;
}

OnlineState::OnlineState(net::Loop& its_loop, outbound::HttpClient& client,
                         broker::RateLimiter& rate, const Clock& its_clock,
                         OnlineOptions its_options)
    : loop(its_loop),
      http(client),
      limiter(rate),
      clock(its_clock),
      options(std::move(its_options)),
      bucket("geocode:" + options.name),
      breaker(std::max(1u, options.breaker_failures), options.breaker_open_for),
      chance(std::random_device()()),
      hold_timer([](void* self) { static_cast<OnlineState*>(self)->Pump(); }, this),
      turn_timer([](void* self) { static_cast<OnlineState*>(self)->Pump(); }, this),
      door(std::make_shared<OnlineDoor>(loop, this)) {}

broker::BucketRule OnlineState::rule() const {
  return {options.requests_per_second,
          std::max(1.0, options.requests_per_second * kBurstSeconds)};
}

void OnlineState::Admit(OnlineLookupPtr lookup) {
  const Steady::time_point now = clock.Now();
  ShowBreaker(now);
  lookup->state = this;
  lookup->ends = Steady::now() + options.deadline;
  all.insert(lookup);
  if (auto error = Hopeless(*lookup, now)) return End(lookup, Err(std::move(*error)));
  const size_t others = all.size() - 1 - in_flight;
  const double wait_s = options.requests_per_second > 0
                            ? static_cast<double>(others) / options.requests_per_second
                            : 0;
  const bool in_vain = wait_s > std::chrono::duration<double>(options.deadline).count();
  if (others >= kMaxWaiting || in_vain) {
    const auto wait = std::clamp(milliseconds(static_cast<int64_t>(std::min(wait_s, 60.0) * 1'000)),
                                 1'000ms, 60'000ms);
    return End(lookup,
               Err(LookupError{LookupFault::kRateLimited, "too many wait already", wait, true}));
  }
  lookup->deadline.Start(loop.timers(), std::max(lookup->left(), 1ms));
  waiting.push_back(std::move(lookup));
  Pump();
}

std::optional<LookupError> OnlineState::Hopeless(const OnlineLookup& lookup,
                                                 Steady::time_point now) const {
  if (breaker.state(now) == outbound::CircuitBreaker::State::kOpen) {
    const auto wait = std::chrono::ceil<milliseconds>(breaker.retry_at() - now);
    return LookupError{LookupFault::kUnavailable, "it failed too often and is left alone", wait};
  }
  const auto hold = std::chrono::ceil<milliseconds>(held_until - now);
  if (hold <= 0ms || (!banned && hold <= lookup.left())) return std::nullopt;
  LookupError error = held;
  error.retry_after = hold;
  return error;
}

void OnlineState::EndHopeless(Steady::time_point now) {
  const bool open = breaker.state(now) == outbound::CircuitBreaker::State::kOpen;
  if (!open && held_until <= now) return;
  const std::vector<OnlineLookupPtr> those(all.begin(), all.end());
  for (const OnlineLookupPtr& lookup : those) {
    if (closed || lookup->in_flight) continue;
    if (auto error = Hopeless(*lookup, now)) End(lookup, Err(std::move(*error)));
  }
}

void OnlineState::Pump() {
  if (closed || taking) return;
  const auto keep = shared_from_this();
  const Steady::time_point now = clock.Now();
  ShowBreaker(now);
  EndHopeless(now);
  // Those who were answered may have asked again, or have ended this.
  if (closed || taking || waiting.empty() || in_flight >= std::max(1u, options.concurrency)) return;
  if (!breaker.MayTry(now) || turn_timer.armed()) return;
  if (now < held_until) {
    const auto wait = std::chrono::ceil<milliseconds>(held_until - now);
    return hold_timer.Start(loop.timers(), std::max(wait, 1ms));
  }
  taking = true;
  limiter.Take(bucket, rule(), 1, [way = door](const broker::Verdict& verdict) {
    way->Post(way, [verdict](OnlineState& state) { state.OnTurn(verdict); });
  });
}

void OnlineState::OnTurn(const broker::Verdict& verdict) {
  const auto keep = shared_from_this();
  taking = false;
  const Steady::time_point now = clock.Now();
  if (!verdict.allowed) {
    while (!closed && !waiting.empty() && waiting.front()->left() < verdict.retry_after) {
      const OnlineLookupPtr late = waiting.front();
      late->why.retry_after = verdict.retry_after;
      End(late, Err(late->why));
    }
    if (!closed && !waiting.empty()) {
      turn_timer.Start(loop.timers(), std::max(verdict.retry_after, 1ms));
    }
    return;
  }
  // Meanwhile it may have been told to wait, and who waited may have gone.
  if (waiting.empty() || !breaker.MayTry(now) || now < held_until) {
    limiter.Take(bucket, rule(), -1, [](const broker::Verdict&) {});
  } else {
    SendNext();
  }
  Pump();
}

void OnlineState::SendNext() {
  const OnlineLookupPtr lookup = waiting.front();
  waiting.pop_front();
  lookup->deadline.Cancel();
  lookup->in_flight = true;
  ++in_flight;
  ++counters.requests;
  breaker.OnStart(clock.Now());
  lookup->asked_in = LanguageOf(*lookup);
  auto request = OnlineRequest(options, lookup->place, lookup->asked_in);
  request.timeout = std::max(1ms, std::min(request.timeout, lookup->left()));
  lookup->transfer = http.Send(
      std::move(request), [this, weak = std::weak_ptr(lookup)](const auto& answer) {
        // The transfer is cancelled when this is closed, so that this is still there.
        if (const OnlineLookupPtr asked = weak.lock()) OnAnswer(asked, answer);
      });
}

void OnlineState::ShowBreaker(Steady::time_point now) {
  const bool stopped = banned && now < held_until;
  counters.breaker = stopped ? outbound::CircuitBreaker::State::kOpen : breaker.state(now);
}

void OnlineState::End(const OnlineLookupPtr& lookup, Result<Found, LookupError> result) {
  const OnlineLookupPtr keep = lookup;
  lookup->deadline.Cancel();
  lookup->backoff.Cancel();
  all.erase(keep);
  std::erase(waiting, keep);
  if (result) ++counters.found;
  else if (result.error().fault == LookupFault::kNotFound) ++counters.not_found;
  else if (result.error().fault == LookupFault::kRateLimited) ++counters.rate_limited;
  else ++counters.unavailable;
  keep->Answer(std::move(result));
}

void OnlineState::Close() {
  closed = true;
  door->Close();
  hold_timer.Cancel();
  turn_timer.Cancel();
  waiting.clear();
  const auto those = std::exchange(all, {});
  for (const OnlineLookupPtr& lookup : those) {
    lookup->transfer.reset();
    lookup->deadline.Cancel();
    lookup->backoff.Cancel();
    ++counters.unavailable;
    lookup->Answer(Err(Stopped()));
  }
}

OnlineGeocoder::OnlineGeocoder(net::Loop& loop, outbound::HttpClient& http,
                               broker::RateLimiter& limiter, const Clock& clock,
                               OnlineOptions options)
    : state_(std::make_shared<OnlineState>(loop, http, limiter, clock, std::move(options))) {}

OnlineGeocoder::~OnlineGeocoder() { state_->Close(); }

void OnlineGeocoder::Look(Place place, Done done) {
  auto lookup = std::make_shared<OnlineLookup>(std::move(place), std::move(done));
  state_->loop.Post([weak = std::weak_ptr(state_), lookup = std::move(lookup)]() mutable {
    const auto state = weak.lock();
    if (state != nullptr && !state->closed) state->Admit(std::move(lookup));
    lookup.reset();
  });
}

const OnlineOptions& OnlineGeocoder::options() const { return state_->options; }
const OnlineCounters& OnlineGeocoder::counters() const { return state_->counters; }

}  // namespace trackwire::geocoding
