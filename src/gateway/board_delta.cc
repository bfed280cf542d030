#include "gateway/board_delta.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <utility>

namespace trackwire::gateway {
namespace {

using tracking::Client;
using tracking::Id;
using tracking::Tracker;
using tracking::TrackerState;

/// One after another, so that no two lists of them are the same text.
void Add(std::string& out, const std::string& text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

uint64_t DigestOf(const Client& client) { return std::hash<std::string>()(client.name); }

uint64_t DigestOf(const Tracker& tracker) {
  std::string all;
  Add(all, tracker.name);
  Add(all, tracker.category);
  Add(all, tracker.client_id ? tracker.client_id->ToJson() : std::string());
  Add(all, tracker.provider);
  Add(all, tracker.external_id);
  Add(all, tracker.attributes_json);
  all += tracker.is_public ? 'p' : '-';
  all += tracker.edited.source ? 's' : '-';
  all += std::to_string(tracker.offline_after.count()) + ' ';
  all += std::to_string(tracker.expected_interval.count());
  return std::hash<std::string>()(all);
}

}  // namespace

bool BoardDelta::Renew(std::map<Id, Known>& table, const Id& id, uint64_t digest) {
  const auto [found, is_new] = table.try_emplace(id);
  const bool other = is_new || found->second.digest != digest;
  found->second = {digest, round_};
  return other;
}

std::vector<Id> BoardDelta::DropOld(std::map<Id, Known>& table) {
  std::vector<Id> gone;
  for (auto at = table.begin(); at != table.end();) {
    if (at->second.round == round_) {
      ++at;
      continue;
    }
    gone.push_back(at->first);
    at = table.erase(at);
  }
  return gone;
}

void BoardDelta::Note(const std::vector<Client>& clients, const std::vector<TrackerState>& states) {
  for (const Client& client : clients) Renew(clients_, client.id, DigestOf(client));
  for (const TrackerState& state : states) {
    Renew(trackers_, state.tracker.id, DigestOf(state.tracker));
  }
}

void BoardDelta::Note(const ingest::StoreChange& change) {
  for (const Client& client : change.clients) Renew(clients_, client.id, DigestOf(client));
  for (const Tracker& tracker : change.trackers) Renew(trackers_, tracker.id, DigestOf(tracker));
  for (const Id& id : change.removed_trackers) trackers_.erase(id);
  for (const Id& id : change.removed_clients) clients_.erase(id);
}

BoardChange BoardDelta::Take(const std::vector<Client>& clients,
                             const std::vector<TrackerState>& states, bool whole) {
  ++round_;
  BoardChange change;
  for (const Client& client : clients) {
    if (Renew(clients_, client.id, DigestOf(client)) || whole) change.clients.push_back(client);
  }
  for (const TrackerState& state : states) {
    const bool other = Renew(trackers_, state.tracker.id, DigestOf(state.tracker));
    if (other || whole) change.states.push_back(state);
  }
  change.gone_trackers = DropOld(trackers_);
  change.gone_clients = DropOld(clients_);
  return change;
}

std::vector<BoardChange> InParts(BoardChange change, size_t most) {
  std::vector<BoardChange> parts(1);
  parts[0].clients = std::move(change.clients);
  auto next = std::make_move_iterator(change.states.begin());
  const auto end = std::make_move_iterator(change.states.end());
  for (bool first = true; next != end; first = false) {
    if (!first) parts.emplace_back();
    const auto count = std::min(static_cast<std::ptrdiff_t>(most), end - next);
    parts.back().states.assign(next, next + count);
    next += count;
  }
  parts.back().gone_trackers = std::move(change.gone_trackers);
  parts.back().gone_clients = std::move(change.gone_clients);
  return parts;
}

void PendingParts::Add(std::vector<BoardChange> parts) {
  std::move(parts.begin(), parts.end(), std::back_inserter(parts_));
}

BoardChange PendingParts::Take() {
  BoardChange part = std::move(parts_.front());
  parts_.pop_front();
  return part;
}

void PendingParts::Overtake(const ingest::StoreChange& change) {
  if (parts_.empty()) return;
  std::map<Id, const Client*> clients;
  for (const Client& client : change.clients) clients[client.id] = &client;
  std::map<Id, const Tracker*> trackers;
  for (const Tracker& tracker : change.trackers) trackers[tracker.id] = &tracker;
  const std::set<Id> removed_clients(change.removed_clients.begin(), change.removed_clients.end());
  const std::set<Id> removed(change.removed_trackers.begin(), change.removed_trackers.end());
  for (BoardChange& part : parts_) {
    std::erase_if(part.clients,
                  [&](const Client& client) { return removed_clients.contains(client.id); });
    std::erase_if(part.states, [&](const TrackerState& state) {
      return removed.contains(state.tracker.id);
    });
    std::erase_if(part.gone_clients, [&](const Id& id) { return clients.contains(id); });
    std::erase_if(part.gone_trackers, [&](const Id& id) { return trackers.contains(id); });
    for (Client& client : part.clients) {
      if (const auto newer = clients.find(client.id); newer != clients.end()) {
        client = *newer->second;
      }
    }
    // Where it was and how it stood is as true as before.
    for (TrackerState& state : part.states) {
      const auto newer = trackers.find(state.tracker.id);
      if (newer != trackers.end()) state.tracker = *newer->second;
    }
  }
}

}  // namespace trackwire::gateway
