#include "gateway/board_loader.h"

#include <chrono>
#include <utility>

#include "base/log.h"
#include "net/timer_wheel.h"
#include "store/store_url.h"

namespace trackwire::gateway {
namespace {

/// A fetcher that starts says several things in a row.
constexpr std::chrono::milliseconds kSoon{50};
constexpr std::chrono::milliseconds kAfterFailure{1'000};

}  // namespace

Result<std::unique_ptr<BoardLoader>> BoardLoader::Open(const std::string& url,
                                                       OnLoaded on_loaded,
                                                       OnChanged on_changed) {
  auto store = store::OpenStore(url);
  if (!store) return Err(store.error().code, store::DescribeUrl(url) + ": " + store.error().detail);
  std::unique_ptr<BoardLoader> loader(new BoardLoader(std::move(*store), std::move(on_loaded),
                                                      std::move(on_changed)));
  if (auto loaded = loader->Load(); !loaded) return Err(std::move(loaded.error()));
  loader->loop_.Start();
  return loader;
}

BoardLoader::BoardLoader(std::unique_ptr<store::Store> store, OnLoaded on_loaded,
                         OnChanged on_changed)
    : store_(std::move(store)),
      on_loaded_(std::move(on_loaded)),
      on_changed_(std::move(on_changed)),
      timer_([](void* self) { static_cast<BoardLoader*>(self)->OnTimer(); }, this) {}

BoardLoader::~BoardLoader() {
  loop_.Post([this] { timer_.Cancel(); });
  loop_.Stop();
}

void BoardLoader::Reload(bool whole) {
  loop_.Post([this, whole] {
    whole_ = whole_ || whole;
    if (!timer_.armed()) timer_.Start(loop_.timers(), kSoon);
  });
}

void BoardLoader::Change(ingest::StoreJob job, ingest::StoreThen then) {
  loop_.Post([this, job = std::move(job), then = std::move(then)] {
    auto change = job(*store_);
    if (change) on_changed_(*change);
    then(std::move(change));
  });
}

Result<void> BoardLoader::Load() {
  auto clients = store_->Clients();
  if (!clients) return Err(std::move(clients.error()));
  auto states = store_->TrackerStates();
  if (!states) return Err(std::move(states.error()));
  on_loaded_(*clients, *states, std::exchange(whole_, false));
  return Ok();
}

void BoardLoader::OnTimer() {
  auto loaded = Load();
  if (loaded) return;
  base::LogError("gateway", "trackers cannot be read from the store, trying again",
                 {{"code", loaded.error().code}, {"detail", loaded.error().detail}});
  timer_.Start(loop_.timers(), kAfterFailure);
}

}  // namespace trackwire::gateway
