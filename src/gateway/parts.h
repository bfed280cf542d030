#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/board_reader.h"
#include "api/endpoint.h"
#include "api/graphql_endpoint.h"
#include "api/health.h"
#include "api/login.h"
#include "api/metrics.h"
#include "api/notifications.h"
#include "api/resources.h"
#include "api/revocations.h"
#include "api/sessions.h"
#include "api/snapshot_cache.h"
#include "api/static_files.h"
#include "api/trackers.h"
#include "auth/client_address.h"
#include "auth/rate_limits.h"
#include "auth/refreshed_key_set.h"
#include "auth/revocations.h"
#include "auth/token.h"
#include "broker/broker.h"
#include "fetcher/fetcher.h"
#include "fetcher/providers/replay.h"
#include "gateway/account_admin.h"
#include "gateway/accounts.h"
#include "gateway/board_delta.h"
#include "gateway/board_loader.h"
#include "gateway/broker_watch.h"
#include "gateway/gateway.h"
#include "gateway/forwarding.h"
#include "gateway/geocoding_parts.h"
#include "gateway/history_sweeper.h"
#include "gateway/neighbours.h"
#include "gateway/push_parts.h"
#include "gateway/registry_routes.h"
#include "gateway/remote_providers.h"
#include "gateway/rest_routes.h"
#include "gateway/store_watch.h"
#include "gateway/tls.h"
#include "gateway/told_positions.h"
#include "gateway/update_parts.h"
#include "gateway/visibility_config_keys.h"
#include "ingest/position_intake.h"
#include "ingest/store_admin.h"
#include "ingest/token_desk.h"
#include "net/http/server.h"
#include "net/loop.h"
#include "net/shard.h"
#include "notify/choices.h"
#include "notify/dispatch.h"
#include "notify/door.h"
#include "notify/intake.h"
#include "notify/log_break.h"
#include "notify/log_recovery.h"
#include "notify/owner_line.h"
#include "notify/session_book.h"
#include "notify/session_directory.h"
#include "notify/session_keeper.h"
#include "notify/subscriptions.h"
#include "notify/tracker_news.h"
#include "notify/socket_gate.h"
#include "notify/user_session.h"
#include "socketio/server.h"
#include "tracking/board.h"

namespace trackwire::gateway {

/// The parts of a gateway, in the order in which they need each other.
struct Gateway::Parts {
  Parts(const Config& c, const Clock& k) : config(c), clock(k), views(ViewsOf(c)) {
    board.SetFilter(views);
  }

  const Config config;
  const Clock& clock;

  net::Loop control{"control"};  ///< broker's callbacks, dispatch, board, recovery
  net::Loop intake_loop{"intake"};
  std::vector<std::unique_ptr<net::Shard>> shards;

  std::unique_ptr<broker::Broker> broker;
  std::unique_ptr<auth::Revocations> revocations;
  const notify::Views views;
  std::unique_ptr<auth::RateLimits> limits;
  tracking::Board board;  ///< the control loop's
  notify::Choices choices{control};

  // Behind the shards, which its thread posts to.
  std::shared_ptr<auth::RefreshedKeySet> jwks;  ///< may be none
  std::shared_ptr<const auth::SecretKey> secret;  ///< may be none
  std::unique_ptr<StoreWatch> store_watch;
  std::unique_ptr<HistorySweeper> sweeper;  ///< none: the store is in memory
  std::unique_ptr<Accounts> accounts;  ///< none: login is off
  std::unique_ptr<auth::PasswordLogin> password_login;
  std::unique_ptr<AccountAdmin> account_admin;
  std::optional<std::string> first_password;  ///< of the demonstration's admin, until it is told
  std::unique_ptr<auth::TokenVerifier> verifier;
  std::unique_ptr<Forwarding> forwarding;  ///< none: gateways do not forward to each other
  std::unique_ptr<socketio::Server> sockets;
  socketio::Namespace* nsp = nullptr;
  std::unique_ptr<notify::Dispatch> dispatch;
  std::unique_ptr<notify::OwnerLine> owner_line;
  std::unique_ptr<notify::SessionBook> book;
  std::unique_ptr<notify::SessionKeeper> keeper;
  std::unique_ptr<notify::SessionDirectory> directory;
  std::unique_ptr<notify::TrackerNews> tracker_changes;
  std::unique_ptr<notify::LogRecovery> recovery;
  std::unique_ptr<notify::LogBreak> log_break;
  std::unique_ptr<notify::Door> door;
  std::unique_ptr<notify::Subscriptions> subscriptions;
  std::unique_ptr<notify::SocketGate> socket_gate;
  std::unique_ptr<Neighbours> neighbours;  ///< none: alone among Socket.IO servers
  std::unique_ptr<notify::Intake> intake;
  std::unique_ptr<BrokerWatch> watch;
  // With a broker of our own:
  PendingParts pending_parts;  ///< the control loop's: of what was read, not on the board yet
  std::unique_ptr<ingest::PositionIntake> positions;
  std::unique_ptr<fetcher::Fetcher> fetcher;
  // With one that fetchers share:
  std::unique_ptr<BoardLoader> loader;
  std::unique_ptr<broker::PubSub::Subscription> tracker_news;  ///< the control loop's
  std::unique_ptr<ingest::TokenDesk> tokens;
  std::unique_ptr<ingest::TrackerAdmin> tracker_admin;
  PushParts push;
  std::unique_ptr<ToldPositions> told;  ///< none: what others notify is not stored
  std::string replay;  ///< what is replayed, for people
  std::unique_ptr<api::BoardReader::HistoryPool> history;  ///< none: the store is in memory
  std::unique_ptr<api::BoardReader> tracker_reader;
  std::unique_ptr<ingest::BrokerUpdateDesk> updates;  ///< requests for an immediate position
  std::unique_ptr<RemoteProviders> remote;  ///< none beside Redis
  std::vector<std::shared_ptr<fetcher::RemoteRun>> remote_runs;  ///< the control loop's
  std::vector<tracking::TrackerState> remote_trackers;  ///< those known before they run
  UpdateWorkers update_workers;  ///< of the providers that run in this process
  std::unique_ptr<GeocodingParts> geocoding;  ///< none: switched off

  std::unique_ptr<api::Access> access;
  std::unique_ptr<api::SnapshotCache> snapshots;
  std::unique_ptr<api::NotificationsEndpoint> notifications_route;
  std::unique_ptr<api::TrackersEndpoint> trackers_route;
  std::unique_ptr<api::SessionsEndpoint> sessions_route;
  std::unique_ptr<api::EndSessionEndpoint> end_session_route;
  std::unique_ptr<api::RevocationsEndpoint> revocations_route;
  api::LoginDesk login_desk;
  std::unique_ptr<api::LoginEndpoint> login_route;
  std::unique_ptr<api::LogoutEndpoint> logout_route;
  std::unique_ptr<api::MeEndpoint> me_route;
  std::unique_ptr<RestRoutes> rest;
  std::unique_ptr<GeocodeRoutes> geocode;  ///< none: switched off
  std::unique_ptr<RegistryRoutes> registry;
  std::unique_ptr<api::Resources> tracker_routes;  ///< all below /api/trackers
  std::optional<api::GraphqlServices> graphql_services;
  std::unique_ptr<graphql::Engine> graphql_engine;
  std::unique_ptr<api::GraphqlEndpoint> graphql_route;  ///< none: switched off
  std::unique_ptr<api::StaticFiles> page;
  bool page_found = false;
  net::http::Router router;
  std::unique_ptr<Tls> tls;  ///< none: plain http
  std::unique_ptr<net::http::Server> http;
  uint16_t port = 0;

  std::atomic<bool> draining{false};  ///< from here on the control loop leaves `positions` alone
  std::atomic<bool> fetcher_failed{false};
  std::atomic<uint64_t> bad_rows{0};  ///< of all recordings
  bool stopped = false;

  std::vector<net::Shard*> ShardList() const;
  Result<void> OpenTls();
  Result<void> OpenKeys();
  /// Before the first token is verified: those of our own login are checked against the accounts.
  Result<void> OpenAccounts(bool demo);
  Result<void> OpenBroker();
  void MakeShards();
  Result<void> MakeForwarding();
  Result<void> StartForwarding();
  void MakeSessions();
  void MakePipeline();
  /// Nobody is let in before it is known whose tokens count no more.
  Result<void> LoadRevocations();
  Result<void> JoinNeighbours();
  Result<void> OpenStore();
  Result<void> OpenPositions();
  Result<void> OpenLoader();
  /// What GraphQL and REST read trackers from.
  Result<void> OpenReader();
  Result<void> MakeFetcher(bool demo);
  /// On the control loop: what the store knows of some clients and trackers now, or of all.
  void TakeTrackers(const std::vector<tracking::Client>& clients,
                    const std::vector<tracking::TrackerState>& states);
  /// The sources in the network that this process asks; none beside Redis.
  Result<void> OpenRemote();
  void StartRemote();
  /// On the control loop.
  void FollowRemote(const std::vector<tracking::TrackerState>& states);
  void StopRemote();
  /// Any thread. What was read from the store and is other than before goes to the board, part by
  /// part if it is much.
  void FollowRead(BoardChange change);
  void FollowParts();
  void FollowPart(const BoardChange& part);
  void ForgetTrackers(const ingest::StoreChange& change);
  /// On the control loop. What has come to be since all that is pending was read.
  void TakeNewer(const std::vector<tracking::Client>& clients,
                 const std::vector<tracking::TrackerState>& states);
  void FollowChange(const ingest::StoreChange& change);
  void TellChanges(std::vector<tracking::TrackerChange> changes);
  Result<void> OpenAdmin();
  /// Any thread; `then` on the control loop, once the board knows.
  void ChangeStore(ingest::StoreJob job, ingest::StoreThen then);
  /// On the watch's thread: somebody, maybe another process, has changed trackers or tokens.
  void OnStoreChanged();
  void MakePush();
  /// Before anything that others notify is delivered.
  void MakeTold();
  /// From here on what is pushed is worked.
  void StartPush();
  void StopPush(std::chrono::steady_clock::time_point deadline);
  void AddReplay(fetcher::ReplayOptions options);
  /// Behind the board, before the routes that leave requests there.
  void MakeUpdates();
  void StartUpdates();
  /// What is under way is handed on.
  void StopUpdates();
  /// Behind the broker and the namespace; before the routes that ask for addresses.
  void MakeGeocoding();
  void StartGeocoding();
  void WarmUpBoard();
  /// From here on notifications come in and fetchers are heard.
  void BeginIntake();
  void MakePage(bool demo);
  void MakeRoutes();
  void MakeLoginRoutes();
  /// Tells the log, for people and tests, what is served.
  void TellRoutes() const;
  void GuardLogin();
  Result<void> MakeGraphqlRoute();
  /// How many there are; the first one's password, once.
  std::string DescribeUsers();
  /// From here on changes to the store by others are noticed.
  void WatchStore();
  Result<void> Listen();

  /// On the control loop; `done` on any thread.
  void Measure(std::function<void(api::Measurements)> done);
  /// On the control loop.
  api::Readiness CheckReadiness() const;
  void Drain();
  void DrainIntake(std::chrono::steady_clock::time_point deadline);
  void StopPositions();
  void StopThreads();
  void StopAccounts();
};

}  // namespace trackwire::gateway
