#pragma once

#include "api/endpoint.h"
#include "api/geocode.h"
#include "api/openapi.h"
#include "api/positions.h"
#include "api/resources.h"
#include "api/tracker_one.h"
#include "api/updates.h"

namespace trackwire::gateway {

/// What is read of trackers over HTTP, how a position is asked for, and the description of it all.
struct RestRoutes {
  /// All outlive it.
  RestRoutes(const api::Access& access, api::TrackerReader& reader, const notify::Views& views,
             ingest::UpdateDesk& desk, net::Loop& packing)
      : tracker(access, reader, views),
        positions(access, reader, packing),
        request_update(access, reader, desk),
        update(access, desk),
        updates(access, "/api/updates"),
        openapi(access) {}

  /// `trackers`: the collection /api/trackers.
  void Mount(api::Resources& trackers, net::http::Router& router) {
    trackers.AddThing(tracker);
    trackers.AddPart(api::PositionsEndpoint::kPart, positions);
    trackers.AddPart(api::RequestUpdateEndpoint::kPart, request_update);
    updates.AddThing(update);
    updates.Mount(router);
    router.Mount("/api/openapi.json", &openapi);
  }

  api::TrackerEndpoint tracker;
  api::PositionsEndpoint positions;
  api::RequestUpdateEndpoint request_update;
  api::UpdateEndpoint update;
  api::Resources updates;
  api::OpenapiEndpoint openapi;
};

/// Addresses over HTTP.
struct GeocodeRoutes {
  /// Both outlive it.
  GeocodeRoutes(const api::Access& access, const api::GeocodeServices& services)
      : reverse(access, services), attribution(access, services) {}

  void Mount(net::http::Router& router) {
    router.Mount(api::GeocodeEndpoint::kPath, &reverse);
    router.Mount(api::AttributionEndpoint::kPath, &attribution);
  }

  api::GeocodeEndpoint reverse;
  api::AttributionEndpoint attribution;
};

}  // namespace trackwire::gateway
