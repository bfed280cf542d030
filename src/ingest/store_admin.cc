#include "ingest/store_admin.h"

#include <utility>

#include "ingest/tracker_check.h"

namespace trackwire::ingest {
namespace {

using tracking::Client;
using tracking::Id;
using tracking::Tracker;

StoreChange OfTracker(Tracker tracker) {
  StoreChange change;
  change.trackers.push_back(std::move(tracker));
  return change;
}

StoreChange OfClient(Client client) {
  StoreChange change;
  change.clients.push_back(std::move(client));
  return change;
}

/// What a provider may not say otherwise later.
void MarkAsSet(Tracker& tracker) {
  const Tracker usual;
  tracking::EditedFields& edited = tracker.edited;
  edited.name = !tracker.name.empty();
  edited.client = tracker.client_id.has_value();
  edited.is_public = true;
  edited.category = !tracker.category.empty();
  edited.offline_after = tracker.offline_after != usual.offline_after;
  edited.expected_interval = tracker.expected_interval != usual.expected_interval;
  edited.source = true;
}

Result<void> Nothing(const Result<StoreChange>& change) {
  if (change) return Ok();
  return Err(change.error());
}

}  // namespace

StoreAdmin::StoreAdmin(StoreDesk desk, TokenDesk& tokens, FindTracker find)
    : desk_(std::move(desk)), tokens_(tokens), find_(std::move(find)) {}

void StoreAdmin::ChangeTracker(StoreJob job, Done<Tracker> done) {
  desk_(std::move(job), [done = std::move(done)](Result<StoreChange> change) {
    if (!change) return done(Err(std::move(change.error())));
    done(std::move(change->trackers.front()));
  });
}

void StoreAdmin::ChangeClient(StoreJob job, Done<Client> done) {
  desk_(std::move(job), [done = std::move(done)](Result<StoreChange> change) {
    if (!change) return done(Err(std::move(change.error())));
    done(std::move(change->clients.front()));
  });
}

void StoreAdmin::CreateTracker(Tracker tracker, Done<Tracker> done) {
  MarkAsSet(tracker);
  if (tracker.name.empty()) tracker.name = tracker.id.ToText();
  if (tracker.provider.empty()) tracker.provider = kPushProvider;
  if (auto checked = CheckTracker(tracker); !checked) {
    return done(Err(std::move(checked.error())));
  }
  ChangeTracker(
      [tracker = std::move(tracker)](store::Store& store) -> Result<StoreChange> {
        if (auto made = store.CreateTracker(tracker); !made) return Err(std::move(made.error()));
        return OfTracker(tracker);
      },
      std::move(done));
}

void StoreAdmin::EditTracker(Id id, tracking::TrackerEdit edit, Done<Tracker> done) {
  if (auto checked = CheckEdit(edit); !checked) return done(Err(std::move(checked.error())));
  ChangeTracker(
      [id = std::move(id), edit = std::move(edit)](store::Store& store) -> Result<StoreChange> {
        auto tracker = store.EditTracker(id, edit);
        if (!tracker) return Err(std::move(tracker.error()));
        return OfTracker(std::move(*tracker));
      },
      std::move(done));
}

void StoreAdmin::RemoveTracker(Id id, Done<void> done) {
  desk_(
      [id = std::move(id)](store::Store& store) -> Result<StoreChange> {
        if (auto gone = store.RemoveTracker(id); !gone) return Err(std::move(gone.error()));
        StoreChange change;
        change.removed_trackers.push_back(id);
        return change;
      },
      [this, done = std::move(done)](const Result<StoreChange>& change) {
        // Its tokens went with it.
        if (change) tokens_.Reload();
        done(Nothing(change));
      });
}

void StoreAdmin::CreateClient(Client client, Done<Client> done) {
  if (client.name.empty()) client.name = client.id.ToText();
  if (auto checked = CheckClient(client); !checked) return done(Err(std::move(checked.error())));
  ChangeClient(
      [client = std::move(client)](store::Store& store) -> Result<StoreChange> {
        if (auto made = store.CreateClient(client); !made) return Err(std::move(made.error()));
        return OfClient(client);
      },
      std::move(done));
}

void StoreAdmin::EditClient(Client client, Done<Client> done) {
  if (auto checked = CheckClient(client); !checked) return done(Err(std::move(checked.error())));
  ChangeClient(
      [client = std::move(client)](store::Store& store) -> Result<StoreChange> {
        if (auto made = store.EditClient(client); !made) return Err(std::move(made.error()));
        return OfClient(client);
      },
      std::move(done));
}

void StoreAdmin::RemoveClient(Id id, Done<void> done) {
  desk_(
      [id = std::move(id)](store::Store& store) -> Result<StoreChange> {
        if (auto gone = store.RemoveClient(id); !gone) return Err(std::move(gone.error()));
        StoreChange change;
        change.removed_clients.push_back(id);
        return change;
      },
      [done = std::move(done)](const Result<StoreChange>& change) { done(Nothing(change)); });
}

void StoreAdmin::IssueToken(Id tracker, Done<std::string> done) {
  find_(tracker, [this, tracker, done = std::move(done)](const std::optional<Tracker>& known) {
    if (known && !known->provider.empty() && known->provider != kPushProvider) {
      return done(Err("invalid", "the positions of this tracker come from " + known->provider +
                                     "; give it the provider push first"));
    }
    tokens_.Issue(tracker, done);
  });
}

void StoreAdmin::RevokeTokens(Id tracker, Done<size_t> done) {
  tokens_.Revoke(std::move(tracker), std::move(done));
}

}  // namespace trackwire::ingest
