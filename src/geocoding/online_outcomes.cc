// What an OnlineGeocoder makes of the answers to its requests.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "geocoding/online_state.h"

namespace trackwire::geocoding {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kFirstBackoff = 250ms;
constexpr milliseconds kMaxBackoff = 10s;
constexpr milliseconds kHold = 60s;  ///< for a 429 that does not say how long
constexpr milliseconds kBan = 10min;
constexpr milliseconds kMaxHold = 24h;
constexpr milliseconds kBetweenLogs = 1min;  ///< of answers that are wrong in changing ways
/// What is remembered of languages, which anybody may make up.
constexpr size_t kMaxLanguages = 64;

}  // namespace

std::string OnlineState::LanguageOf(const OnlineLookup& lookup) const {
  std::string language = LanguageFor(options.kind, lookup.place);
  if (options.kind != OnlineKind::kPhoton) return language;
  const bool full = unspoken.size() >= kMaxLanguages && !spoken.contains(language);
  if (lookup.without_language || unspoken.contains(language) || full) language.clear();
  return language;
}

void OnlineState::OnAnswer(const OnlineLookupPtr& lookup,
                           const Result<outbound::HttpAnswer>& answer) {
  const auto keep = shared_from_this();
  const auto transfer = std::move(lookup->transfer);  // owns the very call that this is in
  lookup->in_flight = false;
  --in_flight;
  OnlineVerdict verdict = Judge(options, lookup->place, answer);
  Note(verdict);
  switch (verdict.outcome) {
    case Outcome::kFound:
      if (spoken.size() < kMaxLanguages) spoken.insert(lookup->asked_in);
      End(lookup, Found{std::move(verdict.address), options.name});
      break;
    case Outcome::kNotFound:
      End(lookup, Err(LookupError{LookupFault::kNotFound, std::move(verdict.detail), {}}));
      break;
    case Outcome::kBadLanguage:
      // What was sent counts: by now somebody else may have been refused the same language.
      if (lookup->asked_in.empty()) {
        End(lookup, Err(LookupError{LookupFault::kUnavailable, std::move(verdict.detail), {}}));
        break;
      }
      RefuseLanguage(lookup->asked_in);
      lookup->without_language = true;
      Requeue(lookup);
      break;
    case Outcome::kMayPass:
    case Outcome::kSlowDown:
    case Outcome::kBanned: Again(lookup, verdict); break;
    case Outcome::kRefused:
    case Outcome::kBroken: {
      LookupError error{LookupFault::kUnavailable, std::move(verdict.detail), {}};
      if (auto hopeless = Hopeless(*lookup, clock.Now())) error.retry_after = hopeless->retry_after;
      End(lookup, Err(std::move(error)));
      break;
    }
  }
  Pump();
}

void OnlineState::Note(const OnlineVerdict& verdict) {
  switch (verdict.outcome) {
    case Outcome::kFound:
    case Outcome::kNotFound: NoteSuccess(); break;
    case Outcome::kMayPass:
      NoteFailure(verdict);
      if (verdict.retry_after) NoteHold(verdict);
      break;
    case Outcome::kBroken: NoteFailure(verdict); break;
    case Outcome::kSlowDown:
    case Outcome::kBanned:
      breaker.OnNothing();
      NoteHold(verdict);
      break;
    case Outcome::kRefused:
      breaker.OnNothing();
      LogOnce(verdict, "a geocoding provider refuses a request");
      break;
    case Outcome::kBadLanguage: breaker.OnNothing(); break;
  }
  ShowBreaker(clock.Now());
}

void OnlineState::NoteSuccess() {
  const bool was_banned = banned && held_until <= clock.Now();
  if (was_banned) banned = false;
  logged.clear();
  if (breaker.OnSuccess() || was_banned) {
    base::LogInfo("geocoding", "a provider answers again", {{"provider", options.name}});
  }
}

void OnlineState::NoteFailure(const OnlineVerdict& verdict) {
  if (verdict.outcome == Outcome::kBroken) {
    LogOnce(verdict, "a geocoding provider does not answer as it should");
  }
  if (!breaker.OnFailure(clock.Now())) return;
  ++counters.breaker_opened;
  base::LogWarn("geocoding", "a provider fails and is left alone for a while",
                {{"provider", options.name},
                 {"seconds", options.breaker_open_for.count() / 1'000},
                 {"detail", verdict.detail}});
}

void OnlineState::NoteHold(const OnlineVerdict& verdict) {
  const Steady::time_point now = clock.Now();
  const bool bans = verdict.outcome == Outcome::kBanned;
  milliseconds hold = verdict.retry_after.value_or(bans ? kBan : kHold);
  if (bans) hold = std::max(hold, kBan);
  hold = std::min(hold, kMaxHold);
  const bool is_news = held_until <= now || (bans && !banned);
  banned = bans || (banned && held_until > now);
  held_until = std::max(held_until, now + hold);
  const bool slow = verdict.outcome == Outcome::kSlowDown && !banned;
  held = {slow ? LookupFault::kRateLimited : LookupFault::kUnavailable, verdict.detail, {}};
  if (!is_news) return;
  if (bans) {
    ++counters.breaker_opened;
    return LogOnce(verdict, "a geocoding provider has banned us and is left alone: its rules ask "
                            "for fewer requests, and for a user agent that says who we are");
  }
  base::LogWarn("geocoding", "a provider wants to be asked later",
                {{"provider", options.name},
                 {"seconds", hold.count() / 1'000},
                 {"detail", verdict.detail}});
}

void OnlineState::LogOnce(const OnlineVerdict& verdict, const char* message) {
  const Steady::time_point now = clock.Now();
  const bool often = verdict.outcome != Outcome::kBanned && now < log_again_at;
  if (logged == verdict.detail || often) return;
  logged = verdict.detail;
  log_again_at = now + kBetweenLogs;
  base::LogError("geocoding", message, {{"provider", options.name}, {"detail", verdict.detail}});
}

void OnlineState::RefuseLanguage(const std::string& language) {
  spoken.erase(language);
  if (unspoken.size() >= kMaxLanguages || !unspoken.insert(language).second) return;
  base::LogDebug("geocoding", "a provider has no names in a language, and is asked without it",
                 {{"provider", options.name}, {"language", language}});
}

void OnlineState::Again(const OnlineLookupPtr& lookup, const OnlineVerdict& verdict) {
  const bool slow = verdict.outcome == Outcome::kSlowDown;
  lookup->why = {slow ? LookupFault::kRateLimited : LookupFault::kUnavailable, verdict.detail, {}};
  const auto hopeless = Hopeless(*lookup, clock.Now());
  const auto most = std::min(kMaxBackoff, kFirstBackoff * (1 << std::min(lookup->tries, 10u)));
  const milliseconds backoff(
      std::uniform_int_distribution<milliseconds::rep>(0, most.count())(chance));
  if (hopeless || lookup->tries >= options.retries || backoff >= lookup->left()) {
    if (hopeless) lookup->why.retry_after = hopeless->retry_after;
    if (!hopeless && slow) {
      lookup->why.retry_after = std::chrono::ceil<milliseconds>(held_until - clock.Now());
    }
    return End(lookup, Err(lookup->why));
  }
  ++lookup->tries;
  ++counters.retries;
  lookup->deadline.Start(loop.timers(), std::max(lookup->left(), 1ms));
  lookup->backoff.Start(loop.timers(), backoff);
}

void OnlineState::Requeue(const OnlineLookupPtr& lookup) {
  lookup->deadline.Start(loop.timers(), std::max(lookup->left(), 1ms));
  // It came before those who wait.
  waiting.push_front(lookup);
  Pump();
}

void OnlineState::OnDeadline(const OnlineLookupPtr& lookup) {
  const auto keep = shared_from_this();
  LookupError& why = lookup->why;
  if (why.fault == LookupFault::kRateLimited && !why.retry_after) why.retry_after = 1'000ms;
  End(lookup, Err(why));
}

}  // namespace trackwire::geocoding
