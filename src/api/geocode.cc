#include "api/geocode.h"

#include <charconv>
#include <utility>

#include "api/reader_call.h"
#include "base/json_scanner.h"

namespace trackwire::api {
namespace {

using geocoding::AddressAnswer;
using geocoding::AddressError;
using geocoding::Place;
using net::http::Exchange;
using net::http::Query;
using net::http::Request;
using net::http::Response;

std::optional<double> ReadNumber(const Query& query, const char* name) {
  const auto text = query.Find(name);
  if (!text) return std::nullopt;
  double value = 0;
  const char* end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

Result<Place, AddressError> ReadPlace(const Query& query, const std::string& language) {
  const auto latitude = ReadNumber(query, "latitude");
  const auto longitude = ReadNumber(query, "longitude");
  if (!latitude || !longitude) {
    return Err(
        AddressError{"invalid_request", "latitude and longitude are numbers, in degrees", {}});
  }
  return geocoding::CheckPlace(*latitude, *longitude, query.Find("language").value_or(""),
                               language);
}

Response Failure(const AddressError& error) {
  const int status = GeocodeStatus(error.code);
  if (error.retry_after) {
    return ErrorResponse(status, error.code, error.message, *error.retry_after);
  }
  return ErrorResponse(status, error.code, error.message);
}

}  // namespace

std::string GeocodeJson(const Place& place, const AddressAnswer& answer) {
  std::string out = R"({"latitude":)";
  base::AppendJsonNumber(out, place.latitude);
  out += R"(,"longitude":)";
  base::AppendJsonNumber(out, place.longitude);
  out += R"(,"address":)" + geocoding::AddressJson(answer.found.address);
  out += std::string(R"(,"cached":)") + (answer.cached ? "true" : "false");
  out += R"(,"provider":)";
  base::AppendJsonString(out, answer.found.provider);
  out += std::string(R"(,"provisional":)") + (answer.provisional ? "true" : "false");
  return out + "}";
}

int GeocodeStatus(const std::string& code) {
  if (code == "not_found") return 404;
  if (code == "rate_limited") return 429;
  return code == "invalid_request" ? 400 : 503;
}

std::string AttributionsJson(const std::vector<geocoding::Attribution>& attributions) {
  std::string out = R"({"attributions":[)";
  for (const geocoding::Attribution& one : attributions) {
    if (out.back() != '[') out += ',';
    out += R"({"text":)";
    base::AppendJsonString(out, one.text);
    out += R"(,"url":)";
    base::AppendJsonString(out, one.url);
    out += R"(,"licence":)";
    base::AppendJsonString(out, one.licence);
    out += '}';
  }
  return out + "]}";
}

GeocodeEndpoint::GeocodeEndpoint(const Access& access, const GeocodeServices& services)
    : Endpoint(access, "GET", 0), services_(services) {}

void GeocodeEndpoint::Serve(const Exchange& exchange, const Request& request, std::string) {
  WithReader(
      access(), exchange, request, AnswerHeaders(request),
      [this, place = ReadPlace(request.query, services_.language)](ReaderCall call) {
        if (!place) return call.Answer(Failure(place.error()));
        services_.look(*place, [call, place = *place](Result<AddressAnswer, AddressError> answer) {
          if (!answer) return call.Answer(Failure(answer.error()));
          call.Answer(Response::Json(200, GeocodeJson(place, *answer)));
        });
      },
      auth::LimitKind::kGeocoding);
}

AttributionEndpoint::AttributionEndpoint(const Access& access, const GeocodeServices& services)
    : Endpoint(access, "GET", 0), json_(AttributionsJson(services.attributions)) {}

void AttributionEndpoint::Serve(const Exchange& exchange, const Request& request, std::string) {
  Response response = Response::Json(200, json_);
  // The same for everybody, until another version or configuration is started.
  response.headers.Set("Cache-Control", "public, max-age=300");
  exchange.Respond(WithHeaders(std::move(response), AnswerHeaders(request)));
}

}  // namespace trackwire::api
