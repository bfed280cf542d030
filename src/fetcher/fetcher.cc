#include "fetcher/fetcher.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/log.h"
#include "net/loop.h"
#include "net/timer.h"
#include "net/timer_wheel.h"

namespace trackwire::fetcher {
namespace {

using namespace std::chrono_literals;
using State = ProviderStatus::State;

}  // namespace

/// Everything belongs to the loop's thread after Start(). Callbacks on their way hold it.
struct Fetcher::Impl : std::enable_shared_from_this<Fetcher::Impl> {
  struct Run {
    Run(Impl& owner, std::unique_ptr<Provider> source)
        : impl(owner),
          provider(std::move(source)),
          timer([](void* self) { static_cast<Run*>(self)->impl.Step(*static_cast<Run*>(self)); },
                this) {
      status.name = provider->name();
    }
    Impl& impl;
    std::unique_ptr<Provider> provider;
    net::Timer timer;
    ProviderStatus status;
  };

  Impl(ingest::PositionIntake& to, const Clock& time, FetcherOptions chosen)
      : intake(to),
        clock(time),
        options(chosen),
        progress([](void* self) { static_cast<Impl*>(self)->TellProgress(); }, this) {}

  void Begin();
  void Load(Run& run);
  void OnRegistered(Run& run, const Result<void>& result);
  void Step(Run& run);
  void Hand(Run& run, Due due);
  void After(Run& run, std::chrono::milliseconds next_in, bool finished);
  void Enter(Run& run, State state, std::string detail);
  void TellProgress();

  ingest::PositionIntake& intake;
  const Clock& clock;
  const FetcherOptions options;
  std::function<void(const ProviderStatus&)> on_event;
  std::atomic<bool> stopping{false};
  bool started = false;
  bool stopped = false;
  net::Loop loop{"fetcher"};
  std::vector<std::unique_ptr<Run>> runs;
  net::Timer progress;
};

void Fetcher::Impl::Begin() {
  progress.Start(loop.timers(), options.progress_every);
  for (auto& run : runs) {
    // One at a time between other tasks, so that a long file does not keep Stop() waiting for all.
    loop.Post([self = shared_from_this(), &run = *run] { self->Load(run); });
  }
}

void Fetcher::Impl::Load(Run& run) {
  if (stopping) return;
  auto catalogue = run.provider->Load();
  if (!catalogue) return Enter(run, State::kFailed, catalogue.error().detail);
  run.status.trackers = catalogue->trackers.size();
  run.status.bad_rows = catalogue->bad_rows;
  intake.Register(std::move(catalogue->clients), std::move(catalogue->trackers),
                  [self = shared_from_this(), &run](Result<void> result) {
                    self->loop.Post([self, &run, held = std::move(result)] {
                      self->OnRegistered(run, held);
                    });
                  });
}

void Fetcher::Impl::OnRegistered(Run& run, const Result<void>& result) {
  if (!result) return Enter(run, State::kFailed, result.error().detail);
  intake.ProviderState(run.status.name, true);
  Enter(run, State::kRunning, "");
  Step(run);
}

void Fetcher::Impl::Step(Run& run) {
  if (stopping) return;
  auto due = run.provider->Next(clock.WallNow(), options.max_batch);
  if (!due) {
    intake.ProviderState(run.status.name, false);
    return Enter(run, State::kFailed, due.error().detail);
  }
  if (due->fixes.empty()) return After(run, due->next_in, due->finished);
  Hand(run, std::move(*due));
}

void Fetcher::Impl::Hand(Run& run, Due due) {
  run.status.fixes += due.fixes.size();
  intake.Take(std::move(due.fixes), [self = shared_from_this(), &run, next_in = due.next_in,
                                     finished = due.finished] {
    self->loop.Post([self, &run, next_in, finished] { self->After(run, next_in, finished); });
  });
}

void Fetcher::Impl::After(Run& run, std::chrono::milliseconds next_in, bool finished) {
  if (stopping) return;
  if (finished) return Enter(run, State::kFinished, run.provider->Progress());
  if (next_in <= 0ms) return Step(run);
  run.timer.Start(loop.timers(), next_in);
}

void Fetcher::Impl::Enter(Run& run, State state, std::string detail) {
  run.status.state = state;
  run.status.detail = std::move(detail);
  if (state == State::kFailed) {
    base::LogError("fetcher", "provider failed",
                   {{"provider", run.status.name}, {"detail", run.status.detail}});
  } else {
    base::LogInfo("fetcher", state == State::kRunning ? "provider runs" : "provider has finished",
                  {{"provider", run.status.name},
                   {"trackers", run.status.trackers},
                   {"fixes", run.status.fixes}});
  }
  if (on_event) on_event(run.status);
}

void Fetcher::Impl::TellProgress() {
  progress.Start(loop.timers(), options.progress_every);
  for (const auto& run : runs) {
    if (run->status.state != State::kRunning) continue;
    base::LogInfo("fetcher", run->provider->Progress(),
                  {{"provider", run->status.name}, {"fixes", run->status.fixes}});
  }
}

Fetcher::Fetcher(ingest::PositionIntake& intake, const Clock& clock, FetcherOptions options)
    : impl_(std::make_shared<Impl>(intake, clock, options)) {}

Fetcher::~Fetcher() { Stop(); }

void Fetcher::Add(std::unique_ptr<Provider> provider) {
  CHECK(!impl_->started);
  impl_->runs.push_back(std::make_unique<Impl::Run>(*impl_, std::move(provider)));
}

void Fetcher::Start(std::function<void(const ProviderStatus&)> on_event) {
  CHECK(!impl_->started);
  impl_->started = true;
  impl_->on_event = std::move(on_event);
  impl_->loop.Start();
  impl_->loop.Post([impl = impl_] { impl->Begin(); });
}

void Fetcher::Stop() {
  if (!impl_->started || impl_->stopped) return;
  impl_->stopped = true;
  impl_->stopping = true;
  for (const auto& run : impl_->runs) run->provider->Cancel();
  impl_->loop.Run([this] {
    impl_->progress.Cancel();
    for (const auto& run : impl_->runs) run->timer.Cancel();
  });
  impl_->loop.Stop();
}

void Fetcher::Status(std::function<void(std::vector<ProviderStatus>)> done) {
  impl_->loop.Post([impl = impl_, done = std::move(done)] {
    std::vector<ProviderStatus> all;
    for (const auto& run : impl->runs) {
      all.push_back(run->status);
      if (run->status.state == State::kRunning) all.back().detail = run->provider->Progress();
    }
    done(std::move(all));
  });
}

}  // namespace trackwire::fetcher
