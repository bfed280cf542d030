#include "geocoding/address_events.h"

#include <algorithm>
#include <cmath>

#include "geocoding/json_text.h"

namespace trackwire::geocoding {
namespace {

constexpr size_t kMaxLanguageBytes = 35;
constexpr size_t kMaxSubtagBytes = 8;

JsonObjectText Begin(const AddressRequest& request) {
  JsonObjectText out;
  out.Text("request_id", request.request_id)
      .Number("latitude", request.place.latitude)
      .Number("longitude", request.place.longitude);
  return out;
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// Subtags of 1 to 8 letters and digits, the first of 2 letters at least. Spec: RFC 5646
/// section 2.1, as far as it can be told without the registry.
bool IsLanguageTag(std::string_view tag) {
  if (tag.empty() || tag.size() > kMaxLanguageBytes) return false;
  size_t length = 0;
  bool first = true;
  for (size_t i = 0; i <= tag.size(); ++i) {
    if (i == tag.size() || tag[i] == '-') {
      if (length == 0 || length > kMaxSubtagBytes || (first && length < 2)) return false;
      first = false;
      length = 0;
    } else if (IsLetter(tag[i]) || (!first && IsDigit(tag[i]))) {
      ++length;
    } else {
      return false;
    }
  }
  return true;
}

Unexpected<AddressError> Invalid(std::string message) {
  return Err(AddressError{"invalid_request", std::move(message), std::nullopt});
}

}  // namespace

AddressEvent QueuedEvent(const AddressRequest& request, uint64_t position) {
  return {"geocoding_queued",
          Begin(request).Integer("queue_position", static_cast<int64_t>(position)).Take()};
}

AddressEvent ResultEvent(const AddressRequest& request, const AddressAnswer& answer) {
  return {"geocoding_result", Begin(request)
                                  .Raw("address", AddressJson(answer.found.address))
                                  .Bool("cached", answer.cached)
                                  .Text("provider", answer.found.provider)
                                  .Bool("provisional", answer.provisional)
                                  .Take()};
}

AddressEvent ErrorEvent(const AddressRequest& request, const AddressError& error) {
  JsonObjectText out = Begin(request);
  out.Text("code", error.code).Text("message", error.message);
  if (error.retry_after) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*error.retry_after);
    out.Integer("retry_after", std::max<int64_t>(seconds.count(), 0));
  }
  return {"geocoding_error", out.Take()};
}

std::string EnvelopeOf(const AddressEvent& event, const std::string& socket_id) {
  return JsonObjectText()
      .Text("message_type", event.name)
      .Text("socket_id", socket_id)
      .Raw("notification", event.payload)
      .Take();
}

Result<Place, AddressError> CheckPlace(double latitude, double longitude, std::string_view language,
                                       std::string_view default_language) {
  if (!std::isfinite(latitude) || latitude < -90 || latitude > 90) {
    return Invalid("latitude is not a number of degrees from -90 to 90");
  }
  if (!std::isfinite(longitude) || longitude < -180 || longitude > 180) {
    return Invalid("longitude is not a number of degrees from -180 to 180");
  }
  if (!language.empty() && !IsLanguageTag(language)) {
    return Invalid("language is not a language tag such as \"en\" or \"pt-BR\"");
  }
  return Place{latitude, longitude, std::string(language.empty() ? default_language : language)};
}

}  // namespace trackwire::geocoding
