#include "auth/refreshed_key_set.h"

#include <algorithm>

#include "base/check.h"
#include "base/log.h"

namespace trackwire::auth {
namespace {

constexpr size_t kMaxAbsent = 256;
constexpr uint32_t kMaxDoublings = 16;
// A clock that is set by hand, as in tests, must not make one wait longer than this unasked.
constexpr std::chrono::milliseconds kLongestNap = std::chrono::hours(1);

}  // namespace

RefreshedKeySet::RefreshedKeySet(std::string name, std::unique_ptr<KeyFetcher> fetcher,
                                 JwkOptions keys, RefreshOptions options, const Clock& clock)
    : name_(std::move(name)),
      fetcher_(std::move(fetcher)),
      key_options_(std::move(keys)),
      options_(options),
      clock_(clock) {}

RefreshedKeySet::~RefreshedKeySet() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  fetcher_->Cancel();
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (Waiter& waiter : waiters_) waiter.done();
}

Result<void> RefreshedKeySet::Load() {
  CHECK(!thread_.joinable());
  auto fetched = Fetch();
  if (!fetched) return Err(fetched.error().code, name_ + ": " + fetched.error().detail);
  const Lock lock(mutex_);
  Learn(std::move(fetched), {});
  return Ok();
}

void RefreshedKeySet::Start() {
  CHECK(!thread_.joinable());
  thread_ = std::thread([this] { Run(); });
}

void RefreshedKeySet::Find(Algorithm algorithm, std::string_view key_id, Candidates& out) const {
  Keys keys;
  {
    const Lock lock(mutex_);
    keys = keys_;
  }
  if (keys != nullptr) keys->Find(algorithm, key_id, out);
}

bool RefreshedKeySet::Learns(Algorithm algorithm) const {
  if (KindOf(algorithm) == KeyKind::kSecret && !key_options_.secrets) return false;
  const auto& accepted = key_options_.algorithms;
  return std::find(accepted.begin(), accepted.end(), algorithm) != accepted.end();
}

bool RefreshedKeySet::Refresh(std::string_view key_id, UniqueFunction<void()> done) {
  Lock lock(mutex_);
  if (keys_ != nullptr && keys_->Has(key_id)) {
    // It came since the caller looked.
    lock.unlock();
    done();
    return true;
  }
  const bool under_way = wanted_ || fetching_;
  if (stopping_ || waiters_.size() >= options_.max_waiting || (!under_way && !MayAsk(key_id))) {
    ++status_.not_asked;
    return false;
  }
  waiters_.push_back({std::string(key_id), std::move(done)});
  if (under_way) return true;
  wanted_ = true;
  wake_.notify_all();
  return true;
}

bool RefreshedKeySet::MayAsk(std::string_view key_id) const {
  const auto now = clock_.Now();
  const auto absent = absent_until_.find(key_id);
  return now >= ask_after_ && (absent == absent_until_.end() || now >= absent->second);
}

KeySetStatus RefreshedKeySet::status() const {
  const Lock lock(mutex_);
  return status_;
}

void RefreshedKeySet::Run() {
  Lock lock(mutex_);
  while (!stopping_) {
    const auto now = clock_.Now();
    if (wanted_ || now >= due_) {
      FetchOnce(lock);
    } else {
      const auto nap = std::chrono::duration_cast<std::chrono::milliseconds>(due_ - now);
      wake_.wait_for(lock, std::clamp(nap, std::chrono::milliseconds(1), kLongestNap));
    }
  }
}

void RefreshedKeySet::FetchOnce(Lock& lock) {
  wanted_ = false;
  fetching_ = true;
  lock.unlock();
  auto fetched = Fetch();
  lock.lock();
  fetching_ = false;
  if (stopping_) return;
  // Those who joined while it ran are content with it: it began a moment before they asked.
  std::vector<Waiter> waiters = std::exchange(waiters_, {});
  Learn(std::move(fetched), waiters);
  lock.unlock();
  for (Waiter& waiter : waiters) waiter.done();
  waiters.clear();
  lock.lock();
}

Result<RefreshedKeySet::Keys> RefreshedKeySet::Fetch() {
  auto text = fetcher_->Fetch();
  if (!text) return Err(text.error());
  return JwkSet::Parse(*text, key_options_);
}

void RefreshedKeySet::Learn(Result<Keys> fetched, const std::vector<Waiter>& waiters) {
  const auto now = clock_.Now();
  ask_after_ = now + options_.min_interval;
  ++status_.fetches;
  if (!fetched) {
    ++status_.failures;
    const uint32_t doublings = std::min(failures_in_row_++, kMaxDoublings);
    due_ = now + std::min(options_.ttl, options_.retry * (int64_t{1} << doublings));
    if (!std::exchange(status_.failing, true)) {
      base::LogWarn("auth", "a key set cannot be fetched; what is known of it stays",
                    {{"from", name_},
                     {"code", fetched.error().code},
                     {"reason", fetched.error().detail},
                     {"keys", status_.keys}});
    }
    return;
  }
  const Keys before = std::exchange(keys_, std::move(*fetched));
  failures_in_row_ = 0;
  due_ = now + options_.ttl;
  status_.keys = keys_->size();
  if (std::exchange(status_.failing, false)) {
    base::LogInfo("auth", "a key set is fetched again", {{"from", name_}, {"keys", keys_->size()}});
  }
  if (keys_->left_out() > 0 && (before == nullptr || before->left_out() != keys_->left_out())) {
    base::LogWarn(
        "auth", "some keys of a set are not used",
        {{"from", name_}, {"keys", keys_->left_out()}, {"first", keys_->left_out_because()}});
  }
  for (const Waiter& waiter : waiters) RememberAbsent(waiter.key_id);
}

void RefreshedKeySet::RememberAbsent(const std::string& key_id) {
  if (keys_->Has(key_id)) return;
  const auto now = clock_.Now();
  if (absent_until_.size() >= kMaxAbsent) {
    std::erase_if(absent_until_, [now](const auto& entry) { return entry.second <= now; });
  }
  if (absent_until_.size() < kMaxAbsent) absent_until_[key_id] = now + options_.absent_for;
}

}  // namespace trackwire::auth
