// What comes of the requests of a ConnectorRunner, and its line.
#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "fetcher/runner_parts.h"

namespace trackwire::fetcher {

using namespace std::chrono_literals;
using ingest::FixOutcome;
using ingest::UpdateStatus;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kLineBackoff = 1s;
constexpr milliseconds kMaxLineBackoff = 60s;
constexpr std::array<const char*, 12> kCodes = {
    "unreachable", "timeout",    "rate_limited", "unauthorized",
    "bad_status",  "bad_answer", "too_large",    "forbidden_address",
    "bad_url",     "not_found",  "no_fix",       "unsupported"};

/// A label of the metrics: of a bounded number of codes.
std::string Counted(const std::string& code) {
  return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end() ? code : "other";
}

UpdateStatus StatusOf(const Result<FixOutcome>& outcome) {
  if (!outcome) return UpdateStatus::kFailed;
  return *outcome == FixOutcome::kAccepted ? UpdateStatus::kFetched : UpdateStatus::kUnchanged;
}

}  // namespace

bool IsTransient(const std::string& code) {
  return code == "unreachable" || code == "timeout" || code == "rate_limited" ||
         code == "bad_status" || code == "bad_answer";
}

bool IsAnswer(const std::string& code) {
  return code == "not_found" || code == "no_fix" || code == "unsupported";
}

std::string ReasonOf(const std::string& code) {
  if (code == "not_found") return "unknown_tracker";
  for (const char* same : {"timeout", "rate_limited", "no_fix", "unsupported", "cancelled"}) {
    if (code == same) return code;
  }
  return "provider_unavailable";
}

ConnectorRunner::Demand::Demand(ConnectorRunner& owner, ingest::UpdateRequest what, Done then)
    : runner(owner),
      request(std::move(what)),
      done(std::move(then)),
      deadline_timer(
          [](void* self) {
            auto* demand = static_cast<Demand*>(self);
            ConnectorRunner& its = demand->runner;
            for (const DemandPtr& each : its.unfinished_) {
              if (each.get() != demand) continue;
              const DemandPtr held = each;
              return its.Finish(held, UpdateStatus::kFailed, held->reason);
            }
          },
          this),
      retry_timer(
          [](void* self) {
            auto* demand = static_cast<Demand*>(self);
            ConnectorRunner& its = demand->runner;
            for (const DemandPtr& each : its.unfinished_) {
              if (each.get() == demand) its.demands_.push_front(each);
            }
            its.Pump();
          },
          this) {}

void ConnectorRunner::Ask(ingest::UpdateRequest request, Done done) {
  const auto fail = [&](const char* reason) { done({UpdateStatus::kFailed, reason, 0ms}); };
  if (stopped_) return fail("cancelled");
  ++counters_.demands;
  if (!abilities_.one && !abilities_.all) return fail("unsupported");
  const std::string* external_id = desk_.ExternalIdOf(request.tracker_id);
  if (external_id == nullptr) return fail("unknown_tracker");
  const milliseconds left = request.deadline - context_.clock.WallNow();
  if (left <= 0ms) return fail("timeout");
  auto demand = std::make_shared<Demand>(*this, std::move(request), std::move(done));
  demand->external_id = *external_id;
  demand->deadline = context_.clock.Now() + left;
  demand->deadline_timer.Start(context_.timers, left);
  unfinished_.insert(demand);
  demands_.push_back(demand);
  Pump();
}

void ConnectorRunner::Finish(const DemandPtr& demand, UpdateStatus status, std::string reason) {
  unfinished_.erase(demand);
  demand->deadline_timer.Cancel();
  demand->retry_timer.Cancel();
  const auto waiting = std::find(demands_.begin(), demands_.end(), demand);
  if (waiting != demands_.end()) demands_.erase(waiting);
  if (!demand->done) return;
  const Done done = std::exchange(demand->done, nullptr);
  done({status, std::move(reason), demand->provider_time});
}

void ConnectorRunner::FailDemands(Steady::time_point when, const std::string& reason) {
  const Demands waiting(demands_.begin(), demands_.end());
  for (const DemandPtr& demand : waiting) {
    if (demand->deadline <= when) Finish(demand, UpdateStatus::kFailed, reason);
  }
}

void ConnectorRunner::OnAnswer(const TargetPtr& target, const Demands& demands,
                               Steady::time_point sent_at, Result<Fetched, FetchError> answer) {
  --in_flight_;
  if (target) target->in_flight = false;
  const auto took = std::chrono::duration_cast<milliseconds>(context_.clock.Now() - sent_at);
  for (const DemandPtr& demand : demands) demand->provider_time += took;
  if (answer) {
    OnFetched(target, demands, std::move(*answer));
  } else {
    OnError(target, demands, answer.error());
  }
  Pump();
}

void ConnectorRunner::OnFetched(const TargetPtr& target, const Demands& demands, Fetched fetched) {
  Judge(nullptr);
  counters_.bad += fetched.bad;
  if (fetched.unchanged) {
    ++counters_.unchanged;
    for (const DemandPtr& demand : demands) Finish(demand, UpdateStatus::kUnchanged, "");
    if (target) ScheduleNext(*target);
    return;
  }
  ++counters_.fetched;
  auto answers = AnswersFor(demands, fetched);
  // The next one only when this is stored: back-pressure.
  desk_.Hand(std::move(fetched.reports), std::move(answers), [this, target] {
    if (target && !stopped_) ScheduleNext(*target);
  });
}

ReportDesk::Answers ConnectorRunner::AnswersFor(const Demands& demands, const Fetched& fetched) {
  std::unordered_map<std::string, Demands> by_external;
  for (const DemandPtr& demand : demands) {
    if (demand->done) by_external[demand->external_id].push_back(demand);
  }
  ReportDesk::Answers answers;
  for (const formats::Report& report : fetched.reports) {
    const auto found = by_external.find(report.external_id);
    if (found == by_external.end() || !report.has_place) continue;
    const std::string request_id = found->second.front()->request.request_id;
    auto then = [weak = std::weak_ptr(life_), post = context_.post,
                 waiting = std::move(found->second)](const Result<FixOutcome>& outcome) {
      post([weak, waiting, outcome] {
        const auto life = weak.lock();
        if (!life) return;
        std::string reason;
        if (!outcome) {
          reason = outcome.error().code == "unknown_tracker" ? "unknown_tracker" : "no_fix";
        }
        for (const DemandPtr& each : waiting) (*life)->Finish(each, StatusOf(outcome), reason);
      });
    };
    answers[report.external_id] =
        std::make_shared<ingest::FixAnswer>(ingest::FixAnswer{request_id, std::move(then)});
    by_external.erase(found);
  }
  for (const auto& [external, missing] : by_external) {
    for (const DemandPtr& demand : missing) Finish(demand, UpdateStatus::kFailed, "no_fix");
  }
  return answers;
}

void ConnectorRunner::OnError(const TargetPtr& target, const Demands& demands,
                              const FetchError& error) {
  ++counters_.errors[Counted(error.code)];
  base::LogDebug("fetcher", "a provider gave nothing",
                 {{"provider", options_.provider}, {"code", error.code}, {"detail", error.detail}});
  if (error.code == "rate_limited") {
    const milliseconds peace = error.retry_after.value_or(Backoff(target ? target->attempt : 0));
    hold_until_ = std::max(hold_until_, context_.clock.Now() + peace);
  }
  Judge(&error);
  if (target) RetryTarget(*target, error);
  for (const DemandPtr& demand : demands) RetryDemand(demand, error);
}

void ConnectorRunner::RetryTarget(Target& target, const FetchError& error) {
  if (!IsTransient(error.code) || target.attempt >= options_.retries) return ScheduleNext(target);
  ++counters_.retries;
  const milliseconds wait = std::max(Backoff(target.attempt), error.retry_after.value_or(0ms));
  ++target.attempt;
  Schedule(target, wait);
}

void ConnectorRunner::RetryDemand(const DemandPtr& demand, const FetchError& error) {
  if (!demand->done) return;
  demand->reason = ReasonOf(error.code);
  const milliseconds wait = std::max(Backoff(demand->attempt), error.retry_after.value_or(0ms));
  const bool in_time = context_.clock.Now() + wait < demand->deadline;
  if (!IsTransient(error.code) || demand->attempt >= options_.retries || !in_time) {
    return Finish(demand, UpdateStatus::kFailed, demand->reason);
  }
  ++demand->attempt;
  ++counters_.retries;
  demand->retry_timer.Start(context_.timers, std::max<milliseconds>(wait, 1ms));
}

void ConnectorRunner::Judge(const FetchError* error) {
  if (error == nullptr || IsAnswer(error->code)) {
    if (breaker_.OnSuccess()) {
      base::LogInfo("fetcher", "a provider answers again", {{"provider", options_.provider}});
    }
    return SetReachable(true);
  }
  // It lives, and wants to be left alone.
  if (error->code == "rate_limited" || error->code == "cancelled") return breaker_.OnNothing();
  if (!breaker_.OnFailure(context_.clock.Now())) return;
  base::LogWarn("fetcher", "a provider fails and is left alone for a while",
                {{"provider", options_.provider},
                 {"seconds", options_.breaker_open.count() / 1000},
                 {"code", error->code},
                 {"detail", error->detail}});
  SetReachable(false);
}

void ConnectorRunner::SetReachable(bool reachable) {
  if (reachable_ == reachable) return;
  reachable_ = reachable;
  context_.intake.ProviderState(options_.provider, reachable);
}

void ConnectorRunner::Listen() {
  if (stopped_) return;
  Connector::Listener listener;
  listener.on_reports = [this](Fetched fetched) {
    counters_.bad += fetched.bad;
    desk_.Hand(std::move(fetched.reports), {}, {});
  };
  listener.on_line = [this](bool up, const std::string& reason) { OnLine(up, reason); };
  connector_->Listen(std::move(listener));
}

void ConnectorRunner::OnLine(bool up, const std::string& reason) {
  if (stopped_) return;
  const bool was_up = std::exchange(line_up_, up);
  if (!up) {
    if (was_up || line_failures_ == 0) {
      base::LogWarn("fetcher", "the line to a provider is down",
                    {{"provider", options_.provider}, {"reason", reason}});
    }
    const FetchError error{"unreachable", reason, {}};
    // Where it can be asked, the answers say how it does.
    if (!abilities_.all && !abilities_.one) Judge(&error);
    const auto doubled = kLineBackoff * (int64_t{1} << std::min<uint32_t>(line_failures_, 10));
    ++line_failures_;
    const milliseconds most = std::min<milliseconds>(doubled, kMaxLineBackoff);
    line_timer_.Start(context_.timers, most / 2 + UpTo(most / 2));
    return;
  }
  base::LogInfo("fetcher", "the line to a provider stands", {{"provider", options_.provider}});
  line_failures_ = 0;
  Judge(nullptr);
  // What it said while nobody listened.
  if (!all_ || all_->ready || all_->in_flight) return;
  all_->timer.Cancel();
  all_->due = context_.clock.Now();
  all_->ready = true;
  ready_.push_back(all_);
  Pump();
}

}  // namespace trackwire::fetcher
