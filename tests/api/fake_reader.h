#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "api/tracker_reader.h"
#include "auth/key_set.h"
#include "auth/token.h"
#include "base/text.h"
#include "notify/audience.h"

namespace trackwire::testing {

inline WallTime At(std::string_view text) { return *base::ParseTime(text); }

/// Trackers and their histories in memory, seen by those who may.
class FakeReader final : public api::TrackerReader {
 public:
  using Id = tracking::Id;

  void Add(api::TrackerView view) {
    const Id id = view.tracker.id;
    trackers_.insert_or_assign(id, std::move(view));
  }
  void AddPast(const Id& id, std::string_view fix_time, std::string json) {
    past_[id].push_back({At(fix_time), std::move(json)});
  }
  void FailWith(std::string code) { fail_with_ = std::move(code); }
  /// The filters of all lists so far.
  std::vector<api::TrackerFilter> filters() const {
    const std::lock_guard lock(mutex_);
    return filters_;
  }

  void List(const auth::Identity& caller, api::TrackerFilter filter, std::optional<Id> after,
            size_t limit, Done<api::TrackerPage> done) override {
    const std::lock_guard lock(mutex_);
    filters_.push_back(filter);
    if (!fail_with_.empty()) return done(Err(fail_with_, "told to"));
    api::TrackerPage page;
    page.offset = "17-0";
    for (const auto& [id, view] : trackers_) {
      if (!notify::MaySee(caller, view.tracker) || (after && id <= *after)) continue;
      if (!filter.client.empty() && view.tracker.client_id != filter.client.front()) continue;
      page.more = page.trackers.size() == limit;
      if (page.more) break;
      page.reached = id;
      page.trackers.push_back(view);
    }
    done(std::move(page));
  }

  void Find(const auth::Identity& caller, std::vector<Id> ids,
            Done<std::vector<std::optional<api::TrackerView>>> done) override {
    if (!fail_with_.empty()) return done(Err(fail_with_, "told to"));
    std::vector<std::optional<api::TrackerView>> found;
    for (const Id& id : ids) {
      const auto at = trackers_.find(id);
      found.emplace_back();
      if (at != trackers_.end() && notify::MaySee(caller, at->second.tracker)) {
        found.back() = at->second;
      }
    }
    done(std::move(found));
  }

  void Clients(const auth::Identity&, Done<std::vector<tracking::Client>> done) override {
    if (!fail_with_.empty()) return done(Err(fail_with_, "told to"));
    done(std::vector<tracking::Client>());
  }

  void History(const auth::Identity&, store::HistoryQuery query,
               Done<std::vector<PastPosition>> done) override {
    std::vector<PastPosition> found;
    for (const PastPosition& position : past_[query.tracker]) {
      const WallTime time = position.fix_time;
      const bool behind =
          !query.after || (query.newest_first ? time < *query.after : time > *query.after);
      if (time >= query.from && time < query.to && behind) found.push_back(position);
    }
    if (query.newest_first) std::reverse(found.begin(), found.end());
    if (found.size() > query.limit) found.resize(query.limit);
    done(std::move(found));
  }

 private:
  std::map<Id, api::TrackerView> trackers_;
  std::map<Id, std::vector<PastPosition>> past_;
  std::string fail_with_;
  mutable std::mutex mutex_;
  std::vector<api::TrackerFilter> filters_;
};

/// What a route needs to know who calls, and tokens for it.
struct Callers {
  std::shared_ptr<const auth::SecretKey> key =
      std::make_shared<auth::SecretKey>("a secret for the tests of some routes",
                                        std::vector<auth::Algorithm>{auth::Algorithm::kHs256});
  auth::TokenVerifier verifier{std::make_shared<auth::SecretKeySet>(key), Clock::System()};

  std::string Bearer(const std::string& role, std::vector<std::string> clients = {}) const {
    auth::TokenRequest request;
    request.subject = "somebody";
    request.roles = {role};
    request.clients = std::move(clients);
    request.issued_at = Clock::System().WallNow();
    request.expires_at = request.issued_at + std::chrono::hours(1);
    return "Authorization: Bearer " + auth::MakeToken(request, *key);
  }
};

}  // namespace trackwire::testing
