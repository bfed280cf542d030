#pragma once

#include <functional>
#include <optional>

#include "ingest/store_desk.h"
#include "ingest/token_desk.h"
#include "ingest/tracker_admin.h"

namespace trackwire::ingest {

/// TrackerAdmin by whoever has the store, be it the intake of this process or another part of it.
/// What is set when a tracker is made counts as set by hand.
class StoreAdmin final : public TrackerAdmin {
 public:
  /// A tracker as this process knows it; any thread, `found` on any.
  using FindTracker =
      std::function<void(tracking::Id id, std::function<void(std::optional<tracking::Tracker>)>)>;

  /// `tokens` outlives it.
  StoreAdmin(StoreDesk desk, TokenDesk& tokens, FindTracker find);

  void CreateTracker(tracking::Tracker tracker, Done<tracking::Tracker> done) override;
  void EditTracker(tracking::Id id, tracking::TrackerEdit edit,
                   Done<tracking::Tracker> done) override;
  void RemoveTracker(tracking::Id id, Done<void> done) override;
  void CreateClient(tracking::Client client, Done<tracking::Client> done) override;
  void EditClient(tracking::Client client, Done<tracking::Client> done) override;
  void RemoveClient(tracking::Id id, Done<void> done) override;
  void IssueToken(tracking::Id tracker, Done<std::string> done) override;
  void RevokeTokens(tracking::Id tracker, Done<size_t> done) override;

 private:
  /// Changes one tracker or client and hands on what it is now.
  void ChangeTracker(StoreJob job, Done<tracking::Tracker> done);
  void ChangeClient(StoreJob job, Done<tracking::Client> done);

  const StoreDesk desk_;
  TokenDesk& tokens_;
  const FindTracker find_;
};

}  // namespace trackwire::ingest
