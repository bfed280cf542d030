#include "engineio/cors.h"

#include "base/text.h"

namespace trackwire::engineio {
namespace {

/// The host and port of an origin: what a Host header of the same origin says.
std::string_view Authority(std::string_view origin) {
  const size_t scheme = origin.find("://");
  return scheme == std::string_view::npos ? std::string_view() : origin.substr(scheme + 3);
}

std::string Joined(const std::vector<std::string>& items) {
  std::string list;
  for (const std::string& item : items) list += (list.empty() ? "" : ",") + item;
  return list;
}

bool IsOwnOrigin(const net::http::Request& request, std::string_view origin) {
  const auto host = request.headers.Find("Host");
  return host && !host->empty() && base::EqualsIgnoreCase(Authority(origin), *host);
}

}  // namespace

OriginPolicy::OriginPolicy(const Cors& cors) : cors_(cors) {
  for (const std::string& origin : cors.origins) {
    if (origin == "*") {
      any_ = true;
      continue;
    }
    const size_t star = origin.find('*');
    if (star == std::string::npos) {
      patterns_.push_back({origin, "", false});
    } else {
      patterns_.push_back({origin.substr(0, star), origin.substr(star + 1), true});
    }
  }
}

bool OriginPolicy::Matches(const Pattern& pattern, std::string_view origin) {
  if (!pattern.wildcard) return base::EqualsIgnoreCase(pattern.prefix, origin);
  const size_t fixed = pattern.prefix.size() + pattern.suffix.size();
  if (origin.size() <= fixed) return false;
  const std::string_view label = origin.substr(pattern.prefix.size(), origin.size() - fixed);
  return base::EqualsIgnoreCase(origin.substr(0, pattern.prefix.size()), pattern.prefix) &&
         base::EqualsIgnoreCase(origin.substr(origin.size() - pattern.suffix.size()),
                                pattern.suffix) &&
         label.find_first_of("./:@") == std::string_view::npos;
}

bool OriginPolicy::Lists(std::string_view origin) const {
  if (any_) return true;
  if (cors_.lists) return cors_.lists(origin);
  for (const Pattern& pattern : patterns_) {
    if (Matches(pattern, origin)) return true;
  }
  return false;
}

bool OriginPolicy::AllowsWebSocket(const net::http::Request& request) const {
  if (!configured()) return true;
  const auto origin = request.headers.Find("Origin");
  return !origin || Lists(*origin) || IsOwnOrigin(request, *origin);
}

void OriginPolicy::AddHeaders(const net::http::Request& request,
                              net::http::Headers& headers) const {
  if (!configured()) return;
  if (!cors_.exposed_headers.empty()) {
    headers.Add("Access-Control-Expose-Headers", Joined(cors_.exposed_headers));
  }
  if (any_) {
    // A browser would refuse the star together with credentials, rightly.
    headers.Add("Access-Control-Allow-Origin", "*");
    return;
  }
  const auto origin = request.headers.Find("Origin");
  if (origin && Lists(*origin)) {
    headers.Add("Access-Control-Allow-Origin", std::string(*origin));
  }
  headers.Add("Vary", "Origin");
  if (cors_.credentials) headers.Add("Access-Control-Allow-Credentials", "true");
}

net::http::Response OriginPolicy::Preflight(const net::http::Request& request) const {
  net::http::Response response;
  response.status = cors_.preflight_status;
  response.headers.Add("Access-Control-Allow-Methods", Joined(cors_.methods));
  if (cors_.max_age) {
    response.headers.Add("Access-Control-Max-Age", std::to_string(cors_.max_age->count()));
  }
  if (!cors_.allowed_headers.empty()) {
    response.headers.Add("Access-Control-Allow-Headers", Joined(cors_.allowed_headers));
  } else if (const auto wanted = request.headers.Find("Access-Control-Request-Headers")) {
    response.headers.Add("Access-Control-Allow-Headers", std::string(*wanted));
    response.headers.Add("Vary", "Access-Control-Request-Headers");
  }
  return response;
}

}  // namespace trackwire::engineio
