#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/endpoint.h"
#include "geocoding/geocoding_desk.h"
#include "geocoding/offline_index.h"

namespace trackwire::api {

/// What routes and fields need to tell addresses. Any thread; constant while the server runs.
struct GeocodeServices {
  /// geocoding::GeocodingDesk::Look().
  std::function<void(geocoding::Place, geocoding::GeocodingDesk::LookDone)> look;
  std::string language = "en";  ///< of who does not say theirs
  /// Whose data the answers are made of.
  std::vector<geocoding::Attribution> attributions;
};

/// `GET /api/geocode/reverse?latitude=&longitude=[&language=]`: 200 with GeocodeJson(). Counts as
/// kGeocoding. Errors: 400 `invalid_request`, 401, 404 `not_found`, 429 `rate_limited`, 503
/// `provider_unavailable` and `queue_full`.
class GeocodeEndpoint final : public Endpoint {
 public:
  static constexpr const char* kPath = "/api/geocode/reverse";

  /// Both outlive it.
  GeocodeEndpoint(const Access& access, const GeocodeServices& services);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  const GeocodeServices& services_;
};

/// `GET /api/geocode/attribution`, for everybody: `{"attributions":[{"text","url","licence"}]}`.
class AttributionEndpoint final : public Endpoint {
 public:
  static constexpr const char* kPath = "/api/geocode/attribution";

  /// Both outlive it.
  AttributionEndpoint(const Access& access, const GeocodeServices& services);

 protected:
  void Serve(const net::http::Exchange& exchange, const net::http::Request& request,
             std::string body) override;

 private:
  const std::string json_;
};

/// `{"latitude","longitude","address","cached","provider","provisional"}`.
std::string GeocodeJson(const geocoding::Place& place, const geocoding::AddressAnswer& answer);
/// The status of HTTP for a code of AddressError.
int GeocodeStatus(const std::string& code);
std::string AttributionsJson(const std::vector<geocoding::Attribution>& attributions);

}  // namespace trackwire::api
