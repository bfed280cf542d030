#pragma once

#include "api/clients.h"
#include "api/resources.h"
#include "api/tracker_edit.h"

namespace trackwire::gateway {

/// The routes by which admins change trackers and clients.
struct RegistryRoutes {
  RegistryRoutes(const api::Access& access, api::TrackerReader& reader,
                 ingest::TrackerAdmin& admin)
      : create(access, admin),
        edit(access, admin),
        remove(access, admin),
        tokens(access, admin),
        clients(access, reader, admin),
        client(access, admin),
        client_routes(access, "/api/clients") {}

  /// `trackers` is what is below /api/trackers, not mounted yet.
  void Mount(api::Resources& trackers, net::http::Router& router) {
    trackers.AddCollection(create);
    trackers.AddThing(edit);
    trackers.AddThing(remove);
    trackers.AddPart("tokens", tokens);
    client_routes.AddCollection(clients);
    client_routes.AddThing(client);
    client_routes.Mount(router);
  }

  api::TrackerCreateEndpoint create;
  api::TrackerEditEndpoint edit;
  api::TrackerRemoveEndpoint remove;
  api::TrackerTokensEndpoint tokens;
  api::ClientsEndpoint clients;
  api::ClientEndpoint client;
  api::Resources client_routes;
};

}  // namespace trackwire::gateway
