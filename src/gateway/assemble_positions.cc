// Where positions come from: a fetcher in the process, or the store and the log that others fill.
#include <algorithm>
#include <future>
#include <utility>

#include "base/log.h"
#include "fetcher/demo.h"
#include "fetcher/recorded_updates.h"
#include "gateway/fetch_service.h"
#include "gateway/install_paths.h"
#include "gateway/parts.h"
#include "gateway/provider_options.h"
#include "gateway/replay_config.h"
#include "ingest/tracker_check.h"
#include "notify/warm_up.h"
#include "store/store.h"
#include "store/store_url.h"

namespace trackwire::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kDemoFile = "ais-us-west-2022-01-03.csv.gz";
/// A start waits so long for the newest entries of the log; what is left is read meanwhile.
constexpr seconds kWarmUpPatience{5};

using Clients = std::vector<tracking::Client>;
using States = std::vector<tracking::TrackerState>;

}  // namespace

Result<void> Gateway::Parts::OpenStore() {
  auto opened = config.shares_redis() ? OpenLoader() : OpenPositions();
  if (opened) opened = OpenReader();
  return opened ? OpenAdmin() : opened;
}

Result<void> Gateway::Parts::OpenPositions() {
  auto store = store::OpenStore(config.database_url);
  if (!store) {
    return Err(store.error().code,
               store::DescribeUrl(config.database_url) + ": " + store.error().detail);
  }
  // The board hears of a tracker before the log has its first position: both take the way over the
  // control loop, this one first.
  ingest::IntakeScope scope;
  auto delta = std::make_shared<BoardDelta>();
  scope.on_removed = [this, delta](const ingest::StoreChange& change) {
    delta->Note(change);
    control.Post([this, change] { ForgetTrackers(change); });
  };
  scope.on_reloaded = [this, delta](const Clients& clients, const States& states) {
    FollowRead(delta->Take(clients, states, false));
  };
  auto made = ingest::MakePositionIntake(
      std::move(*store), broker->outlet(), clock, PositionLimits(config),
      [this, delta](const Clients& clients, const States& states) {
        delta->Note(clients, states);
        control.Post([this, clients, states] { TakeNewer(clients, states); });
      },
      std::move(scope));
  if (!made) return Err(made.error());
  positions = std::move(*made);
  // Who reports himself is reached by nobody; so it is never down.
  positions->ProviderState(ingest::kPushProvider, true);
  return Ok();
}

Result<void> Gateway::Parts::OpenLoader() {
  auto delta = std::make_shared<BoardDelta>();
  auto opened = BoardLoader::Open(
      config.database_url,
      [this, delta, first = true](const Clients& clients, const States& states,
                                  bool whole) mutable {
        auto change = delta->Take(clients, states, whole);
        if (!std::exchange(first, false)) return FollowRead(std::move(change));
        // The first time in one piece: who is not known yet is seen by the rule for unknown ones.
        control.Post([this, change = std::move(change)] { FollowPart(change); });
      },
      [this, delta](const ingest::StoreChange& change) {
        delta->Note(change);
        control.Post([this, change] { FollowChange(change); });
      });
  if (!opened) return Err(std::move(opened.error()));
  loader = std::move(*opened);
  control.Run([this] {
    tracker_news = broker->pub_sub().Subscribe(
        kTrackersChanged, [this](std::string_view) { loader->Reload(); });
  });
  return Ok();
}

void Gateway::Parts::AddReplay(fetcher::ReplayOptions options) {
  auto provider = fetcher::MakeReplay(std::move(options));
  update_workers.Add(provider->name(), std::make_unique<fetcher::RecordedUpdates>());
  fetcher->Add(std::move(provider));
}

Result<void> Gateway::Parts::MakeFetcher(bool demo) {
  if (config.shares_redis()) return Ok();
  fetcher = std::make_unique<fetcher::Fetcher>(*positions, clock, fetcher::FetcherOptions{});
  if (demo) {
    const std::string file = FindShippedData(kDemoFile);
    if (file.empty()) {
      return Err("cannot_open", std::string("the recording of the demonstration, data/") +
                                    kDemoFile + ", is not beside the program");
    }
    AddReplay(fetcher::DemoOptions(file));
    replay = "demonstration: " + file;
  }
  if (!config.replay_file.empty()) {
    auto options = ReplayOptionsOf(config);
    if (!options) return Err("bad_config", options.error().detail);
    AddReplay(std::move(*options));
    replay += (replay.empty() ? "" : "; ") + config.replay_file;
  }
  for (const ProviderConfig& provider : config.providers) {
    if (!provider.is_replay()) continue;
    auto options = ReplayOptionsOf(provider);
    if (!options) return Err(std::move(options.error()));
    AddReplay(std::move(*options));
    replay += (replay.empty() ? "" : "; ") + provider.file;
  }
  return Ok();
}

void Gateway::Parts::WarmUpBoard() {
  notify::WarmUpOptions options;
  options.window = std::min<milliseconds>(options.window, seconds(config.broker_expiry_s));
  auto done = std::make_shared<std::promise<void>>();
  auto read = done->get_future();
  control.Post([this, options, done] {
    notify::WarmUp(broker->log(), *dispatch, options, [done] { done->set_value(); });
  });
  if (read.wait_for(kWarmUpPatience) != std::future_status::ready) {
    base::LogWarn("gateway", "the newest notifications are still being read");
  }
}

void Gateway::Parts::BeginIntake() {
  watch = std::make_unique<BrokerWatch>(control, *broker, [this](bool away) {
    intake->SetAway(away);
    // What was announced while nobody could hear it.
    if (!away && loader != nullptr) loader->Reload(true);
  });
  control.Run([this] { watch->Start(); });
  // What was announced between the first reading and the moment from which announcements arrive.
  if (loader != nullptr) loader->Reload(true);
  StartPush();
  if (broker->inlet() != nullptr) intake->Follow(*broker->inlet());
}

}  // namespace trackwire::gateway
