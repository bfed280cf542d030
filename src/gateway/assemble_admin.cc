// What administrators do to trackers and clients, and how the board follows changes of the store.
#include "gateway/fetch_service.h"
#include "gateway/parts.h"

namespace trackwire::gateway {
namespace {

/// Trackers that the board hears of in one turn of its loop: a few milliseconds.
constexpr size_t kAtOnce = 100;

}  // namespace

void Gateway::Parts::TellChanges(std::vector<tracking::TrackerChange> changes) {
  if (changes.empty()) return;
  // From the next entry on the new rule decides; what was made ready by the former one goes.
  recovery->ForgetAudiences();
  snapshots->Clear();
  tracker_changes->Tell(std::move(changes));
}

void Gateway::Parts::TakeTrackers(const std::vector<tracking::Client>& clients,
                                  const std::vector<tracking::TrackerState>& states) {
  FollowRemote(states);
  TellChanges(board.Upsert(clients, states));
}

void Gateway::Parts::FollowPart(const BoardChange& part) {
  TakeTrackers(part.clients, part.states);
  if (part.gone_trackers.empty() && part.gone_clients.empty()) return;
  for (const auto& run : remote_runs) run->Forget(part.gone_trackers);
  TellChanges(board.Remove(part.gone_trackers, part.gone_clients));
}

void Gateway::Parts::FollowParts() {
  FollowPart(pending_parts.Take());
  // Behind what has come meanwhile.
  if (!pending_parts.empty()) control.Post([this] { FollowParts(); });
}

void Gateway::Parts::FollowRead(BoardChange change) {
  control.Post([this, parts = InParts(std::move(change), kAtOnce)]() mutable {
    const bool at_it = !pending_parts.empty();
    pending_parts.Add(std::move(parts));
    if (!at_it) FollowParts();
  });
}

void Gateway::Parts::TakeNewer(const std::vector<tracking::Client>& clients,
                               const std::vector<tracking::TrackerState>& states) {
  if (!pending_parts.empty()) {
    ingest::StoreChange change;
    change.clients = clients;
    for (const tracking::TrackerState& state : states) change.trackers.push_back(state.tracker);
    pending_parts.Overtake(change);
  }
  TakeTrackers(clients, states);
}

void Gateway::Parts::ForgetTrackers(const ingest::StoreChange& change) {
  ingest::StoreChange removed;
  removed.removed_trackers = change.removed_trackers;
  removed.removed_clients = change.removed_clients;
  pending_parts.Overtake(removed);
  for (const auto& run : remote_runs) run->Forget(change.removed_trackers);
  TellChanges(board.Remove(change.removed_trackers, change.removed_clients));
}

void Gateway::Parts::FollowChange(const ingest::StoreChange& change) {
  std::vector<tracking::TrackerState> states;
  for (const tracking::Tracker& tracker : change.trackers) {
    states.push_back({tracker, {}, std::nullopt, {}});
  }
  TakeNewer(change.clients, states);
  ForgetTrackers(change);
}

void Gateway::Parts::ChangeStore(ingest::StoreJob job, ingest::StoreThen then) {
  // The board hears of it before this answer: both take the way over the control loop.
  auto answer = [this, then](const Result<ingest::StoreChange>& change) {
    if (change && config.shares_redis()) broker->pub_sub().Publish(kTrackersChanged, "edit");
    control.Post([then, change] { then(change); });
  };
  control.Post([this, job = std::move(job), then = std::move(then),
                answer = std::move(answer)]() mutable {
    if (draining) return then(Err("unavailable", "the server is stopping"));
    if (loader != nullptr) {
      loader->Change(std::move(job), std::move(answer));
    } else {
      positions->Change(std::move(job), std::move(answer));
    }
  });
}

Result<void> Gateway::Parts::OpenAdmin() {
  auto opened = ingest::TokenDesk::Open(config.database_url, clock);
  if (!opened) return Err(std::move(opened.error()));
  tokens = std::move(*opened);
  tracker_admin = std::make_unique<ingest::StoreAdmin>(
      [this](ingest::StoreJob job, ingest::StoreThen then) {
        ChangeStore(std::move(job), std::move(then));
      },
      *tokens,
      [this](tracking::Id id, std::function<void(std::optional<tracking::Tracker>)> found) {
        control.Post([this, id = std::move(id), found = std::move(found)] {
          const tracking::Tracker* tracker = board.Find(id);
          found(tracker == nullptr ? std::nullopt : std::optional(*tracker));
        });
      });
  store_watch->OnChanged(StoreWatch::Kind::kTrackers, [this] { OnStoreChanged(); });
  return Ok();
}

void Gateway::Parts::OnStoreChanged() {
  tokens->Reload();
  control.Post([this] {
    if (draining) return;
    if (positions != nullptr) return positions->Reload();
    loader->Reload();
    // The command line has no line to those who run providers.
    broker->pub_sub().Publish(kTrackersChanged, "store");
  });
}

}  // namespace trackwire::gateway
