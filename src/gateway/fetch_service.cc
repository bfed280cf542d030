#include "gateway/fetch_service.h"

#include <algorithm>
#include <future>

#include "base/log.h"
#include "broker/broker.h"
#include "fetcher/providers/replay.h"
#include "gateway/broker_watch.h"
#include "gateway/fetch_updates.h"
#include "gateway/open_broker.h"
#include "gateway/provider_duty.h"
#include "gateway/provider_options.h"
#include "gateway/provider_task.h"
#include "gateway/replay_config.h"
#include "net/loop.h"

namespace trackwire::gateway {

using std::chrono::milliseconds;
using std::chrono::seconds;

ingest::IntakeLimits PositionLimits(const Config& config) {
  ingest::IntakeLimits limits;
  limits.outbox_lifetime =
      std::min<milliseconds>(limits.outbox_lifetime, seconds(config.broker_expiry_s) / 2);
  limits.retention = std::chrono::hours(24 * config.history_retention_days);
  return limits;
}

struct FetchService::Parts {
  Parts(const Config& c, const Clock& k) : config(c), clock(k) {}

  const Config config;
  const Clock& clock;
  net::Loop control{"control"};
  std::unique_ptr<broker::Broker> broker;
  std::unique_ptr<BrokerWatch> watch;
  std::unique_ptr<RemoteProviders> remote;
  std::vector<std::unique_ptr<ProviderTask>> tasks;
  std::unique_ptr<FetchUpdates> updates;
  bool stopped = false;

  Result<void> Open();
  Result<void> MakeTasks();
  void Stop();
};

Result<void> FetchService::Parts::Open() {
  if (!config.shares_redis()) {
    return Err("bad_config",
               "fetch: redis.url is needed, where gateways hear of positions; with the embedded "
               "broker `trackwire serve` fetches by itself");
  }
  if (config.replay_file.empty() && config.providers.empty()) {
    return Err("bad_config",
               "fetch: there is nothing to fetch: set replay.file, or name [[providers]]");
  }
  auto sources = RemoteProviders::Open(config, clock);
  if (!sources) return Err(std::move(sources.error()));
  remote = std::move(*sources);
  control.Start();
  auto opened = OpenBroker(config, "trackwire-fetcher", control, clock);
  if (!opened) return Err(std::move(opened.error()));
  broker = std::move(*opened);
  if (auto made = MakeTasks(); !made) return made;
  if (config.updates_fetcher == "trackwire") {
    auto heard = FetchUpdates::Open(config, control, *broker, clock);
    if (!heard) return Err(std::move(heard.error()));
    updates = std::move(*heard);
  }
  watch = std::make_unique<BrokerWatch>(control, *broker, [](bool) {});
  control.Run([this] {
    watch->Start();
    broker->log().OnBreak([this] {
      for (const auto& task : tasks) task->OnBreak();
    });
    for (const auto& task : tasks) task->Begin();
  });
  return Ok();
}

Result<void> FetchService::Parts::MakeTasks() {
  std::vector<fetcher::ReplayOptions> replays;
  if (!config.replay_file.empty()) {
    auto replay = ReplayOptionsOf(config);
    if (!replay) return Err("bad_config", replay.error().detail);
    replays.push_back(std::move(*replay));
  }
  for (const ProviderConfig& provider : config.providers) {
    if (!provider.is_replay()) continue;
    auto replay = ReplayOptionsOf(provider);
    if (!replay) return Err(std::move(replay.error()));
    replays.push_back(std::move(*replay));
  }
  const ProviderTask::Context context{control, *broker, config, clock};
  for (const fetcher::ReplayOptions& replay : replays) {
    const std::string name = "replay:" + replay.instance;
    tasks.push_back(std::make_unique<ProviderTask>(
        context, name, [replay] { return fetcher::MakeReplay(replay); },
        ReplayDuty(context, name)));
  }
  for (const RemoteProviders::Source& source : remote->sources()) {
    tasks.push_back(std::make_unique<ProviderTask>(context, source.name(),
                                                   ProviderTask::MakeProvider(),
                                                   RemoteDuty(context, *remote, source)));
  }
  return Ok();
}

void FetchService::Parts::Stop() {
  updates.reset();
  const auto deadline = std::chrono::steady_clock::now() + seconds(config.drain_limit_s);
  const auto wait = [&](auto begin) {
    auto done = std::make_shared<std::promise<void>>();
    auto future = done->get_future();
    control.Post([begin, done] { begin([done] { done->set_value(); }); });
    return future.wait_until(deadline) == std::future_status::ready;
  };
  bool in_time = true;
  for (const auto& task : tasks) {
    in_time = wait([&task](std::function<void()> done) { task->Stop(std::move(done)); }) && in_time;
  }
  if (broker != nullptr) {
    in_time = wait([this](std::function<void()> done) { broker->Shutdown(std::move(done)); }) &&
              in_time;
    if (!in_time) base::LogWarn("fetcher", "not everything could be put in order before the end");
    for (const auto& task : tasks) task->Join();
    control.Run([this] {
      if (watch != nullptr) watch->Stop();
      tasks.clear();
      broker.reset();
    });
  }
  control.Stop();
}

FetchService::FetchService(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

FetchService::~FetchService() { Stop(); }

Result<std::unique_ptr<FetchService>> FetchService::Start(const Config& config,
                                                          const Clock& clock) {
  std::unique_ptr<FetchService> service(
      new FetchService(std::make_unique<Parts>(config, clock)));
  if (auto opened = service->parts_->Open(); !opened) return Err(std::move(opened.error()));
  return service;
}

std::vector<std::string> FetchService::Banner() const {
  std::vector<std::string> lines;
  lines.push_back("broker    " + DescribeBroker(parts_->config));
  lines.push_back("store     " + DescribeStore(parts_->config));
  for (const auto& task : parts_->tasks) {
    lines.push_back("provider  " + task->name() + ", when no other fetcher runs it");
  }
  return lines;
}

void FetchService::Stop() {
  if (parts_ == nullptr || parts_->stopped) return;
  parts_->stopped = true;
  parts_->Stop();
}

}  // namespace trackwire::gateway
