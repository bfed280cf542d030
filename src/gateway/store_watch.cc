#include "gateway/store_watch.h"

#include <chrono>
#include <utility>

#include "base/log.h"
#include "net/timer_wheel.h"
#include "store/store_url.h"

namespace trackwire::gateway {
namespace {

constexpr std::chrono::milliseconds kEvery{500};

void RunAll(const std::vector<std::function<void()>>& handlers) {
  for (const auto& handler : handlers) handler();
}

}  // namespace

Result<std::unique_ptr<StoreWatch>> StoreWatch::Open(const std::string& url) {
  auto reader = store::OpenRevisions(url);
  if (!reader) return Err(reader.error().code, store::DescribeUrl(url) + ": " + reader.error().detail);
  auto seen = (*reader)->Read();
  if (!seen) return Err(seen.error().code, store::DescribeUrl(url) + ": " + seen.error().detail);
  return std::unique_ptr<StoreWatch>(new StoreWatch(std::move(*reader), *seen));
}

StoreWatch::StoreWatch(std::unique_ptr<store::RevisionReader> reader, store::Revisions seen)
    : reader_(std::move(reader)),
      seen_(seen),
      timer_([](void* self) { static_cast<StoreWatch*>(self)->Look(); }, this) {}

StoreWatch::~StoreWatch() { Stop(); }

void StoreWatch::OnChanged(Kind kind, std::function<void()> handler) {
  (kind == Kind::kUsers ? on_users_ : on_trackers_).push_back(std::move(handler));
}

void StoreWatch::Start() {
  loop_.Start();
  LookNow();
}

void StoreWatch::LookNow() {
  loop_.Post([this] { Look(); });
}

void StoreWatch::Stop() {
  loop_.Post([this] { timer_.Cancel(); });
  loop_.Stop();
}

void StoreWatch::Look() {
  timer_.Start(loop_.timers(), kEvery);
  auto now = reader_->Read();
  if (!now) {
    if (!failing_) {
      base::LogError("gateway", "the store cannot be watched for changes, trying again",
                     {{"code", now.error().code}, {"detail", now.error().detail}});
    }
    failing_ = true;
    return;
  }
  if (std::exchange(failing_, false)) base::LogInfo("gateway", "the store can be watched again");
  const store::Revisions before = std::exchange(seen_, *now);
  if (now->users != before.users) RunAll(on_users_);
  if (now->trackers != before.trackers) RunAll(on_trackers_);
}

}  // namespace trackwire::gateway
