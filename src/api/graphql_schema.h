#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/tracker_reader.h"
#include "api/user_admin.h"
#include "auth/audit.h"
#include "auth/identity.h"
#include "auth/rate_limits.h"
#include "base/result.h"
#include "geocoding/geocoding_desk.h"
#include "graphql/engine.h"
#include "graphql/loader.h"
#include "ingest/tracker_admin.h"
#include "ingest/update_desk.h"
#include "net/loop.h"
#include "notify/session_admin.h"

namespace trackwire::api {

struct GeocodeServices;

/// What the fields of the schema are served from. Constant while the server runs. Fields of what is
/// not there fail with `unavailable`.
struct GraphqlServices {
  notify::SessionAdmin& sessions;
  TrackerReader* trackers = nullptr;
  ingest::TrackerAdmin* tracker_admin = nullptr;
  ingest::UpdateDesk* updates = nullptr;
  UserAdmin* users = nullptr;
  const GeocodeServices* geocoding = nullptr;
  auth::RateLimits* limits = nullptr;  ///< of what counts beside the request itself
};

/// A history that several fields of one request may want.
using GraphqlHistory = Result<std::vector<TrackerReader::PastPosition>>;

/// Names a part of a history; two that are equal are read once.
struct GraphqlHistoryKey {
  tracking::Id tracker;
  WallTime from{};
  WallTime to{};
  bool newest_first = false;
  std::optional<WallTime> after;
  size_t limit = 0;
  friend auto operator<=>(const GraphqlHistoryKey&, const GraphqlHistoryKey&) = default;
};

/// Names a point whose address several fields may want. Its coordinates are finite.
struct GraphqlPlace {
  double latitude = 0;
  double longitude = 0;
  std::string language;
  friend auto operator<=>(const GraphqlPlace&, const GraphqlPlace&) = default;
};
using GraphqlAddressFound = Result<geocoding::AddressAnswer, geocoding::AddressError>;

/// One request: who asks, and the loop on which it runs.
class GraphqlContext final : public graphql::Context {
 public:
  GraphqlContext(auth::Identity identity, std::string from, net::Loop& on)
      : caller(std::move(identity)), address(std::move(from)), loop(on) {}

  const auth::Identity caller;
  const std::string address;
  net::Loop& loop;

  auth::Actor actor() const { return auth::ActorOf(caller, address); }

  using Trackers = graphql::Loader<tracking::Id, std::shared_ptr<const TrackerView>>;
  using Histories = graphql::Loader<GraphqlHistoryKey, std::shared_ptr<const GraphqlHistory>>;
  using Addresses = graphql::Loader<GraphqlPlace, std::shared_ptr<const GraphqlAddressFound>>;
  /// Made when they are first needed. Reader and services outlive the request.
  Trackers& trackers(TrackerReader& reader);
  Histories& histories(TrackerReader& reader);
  Addresses& addresses(const GraphqlServices& services);

 private:
  std::optional<Trackers> trackers_;
  std::optional<Histories> histories_;
  std::optional<Addresses> addresses_;
};

/// The schema of src/api/schema.graphql with its resolvers. Fails, saying what is wrong, when these
/// do not fit each other. `services` outlive it.
Result<std::unique_ptr<graphql::Engine>> MakeGraphqlEngine(const GraphqlServices& services,
                                                           const graphql::Limits& limits);

/// The parts that MakeGraphqlEngine() is made of, one a subject.
void BindViewer(graphql::Bindings& bindings);
void BindSessions(const GraphqlServices& services, graphql::Bindings& bindings);
void BindTrackers(const GraphqlServices& services, graphql::Bindings& bindings);
void BindPositions(const GraphqlServices& services, graphql::Bindings& bindings);
void BindClients(const GraphqlServices& services, graphql::Bindings& bindings);
void BindUsers(const GraphqlServices& services, graphql::Bindings& bindings);
void BindUpdates(const GraphqlServices& services, graphql::Bindings& bindings);
void BindGeocoding(const GraphqlServices& services, graphql::Bindings& bindings);
void BindTrackerAdmin(const GraphqlServices& services, graphql::Bindings& bindings);

/// An id of a client as text, of its JSON.
std::string ClientIdText(const std::string& json);

/// A reply that may be given on any thread, once: it goes on where the request runs.
std::function<void(graphql::Resolved)> ReplyFromAnywhere(const graphql::Call& call,
                                                         graphql::Reply reply);

}  // namespace trackwire::api
