#include "gateway/board_loader.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "net/timer_wheel.h"
#include "store/store_url.h"

namespace trackwire::gateway {
namespace {

/// A fetcher that starts says several things in a row.
constexpr std::chrono::milliseconds kSoon{50};
constexpr std::chrono::milliseconds kAfterFailure{1'000};
/// So many times what a reading took: with many trackers a database has other things to do.
constexpr int kRest = 4;

/// A change that is dropped with the loop is answered all the same.
struct Asked {
  explicit Asked(ingest::StoreThen then) : answer(std::move(then)) {}
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;
  ~Asked() {
    if (answer) answer(Err("unavailable", "the server is stopping"));
  }
  ingest::StoreThen answer;
};

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
    if (!timer_.armed()) timer_.Start(loop_.timers(), std::max(kSoon, kRest * load_took_));
  });
}

void BoardLoader::Change(ingest::StoreJob job, ingest::StoreThen then) {
  auto asked = std::make_shared<Asked>(std::move(then));
  loop_.Post([this, job = std::move(job), asked = std::move(asked)] {
    auto change = job(*store_);
    if (change) on_changed_(*change);
    std::exchange(asked->answer, nullptr)(std::move(change));
  });
}

Result<void> BoardLoader::Load() {
  const Steady::time_point begun = Steady::now();
  auto clients = store_->Clients();
  if (!clients) return Err(std::move(clients.error()));
  auto states = store_->TrackerStates();
  if (!states) return Err(std::move(states.error()));
  on_loaded_(*clients, *states, std::exchange(whole_, false));
  load_took_ = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - begun);
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
