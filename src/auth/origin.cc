#include "auth/origin.h"

#include <algorithm>
#include <cctype>

namespace trackwire::auth {
namespace {

struct OriginParts {
  std::string scheme;
  std::string host;
  std::string port;
};

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string DefaultPort(std::string_view scheme) {
  if (scheme == "http") return "80";
  if (scheme == "https") return "443";
  return "";
}

bool IsHostCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_' ||
         c == '[' || c == ']' || c == ':' || c == '*';
}

// scheme "://" host [":" port], nothing after it. Spec: RFC 6454 section 7.
std::optional<OriginParts> Split(std::string_view text) {
  const size_t separator = text.find("://");
  if (text.size() > 512 || separator == std::string_view::npos || separator == 0) {
    return std::nullopt;
  }
  OriginParts parts;
  parts.scheme = Lower(text.substr(0, separator));
  std::string_view rest = text.substr(separator + 3);
  const size_t bracket = rest.rfind(']');
  const size_t colon = rest.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    parts.port = std::string(rest.substr(colon + 1));
    if (parts.port.empty()) return std::nullopt;
    rest = rest.substr(0, colon);
  }
  parts.host = Lower(rest);
  if (parts.host.empty() || !std::all_of(rest.begin(), rest.end(), IsHostCharacter)) {
    return std::nullopt;
  }
  if (parts.port.empty()) parts.port = DefaultPort(parts.scheme);
  return parts;
}

bool IsPort(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Behind a proxy that ends TLS we see plain HTTP, so the schemes are not compared; but only pages
// that came over HTTP can be ours.
bool IsOwn(std::string_view origin, std::string_view host) {
  const auto page = Split(origin);
  if (!page || (page->scheme != "http" && page->scheme != "https")) return false;
  const auto ours = Split(page->scheme + "://" + std::string(host));
  return ours && page->host == ours->host && page->port == ours->port;
}

}  // namespace

Result<OriginPattern> OriginPattern::Parse(std::string_view text) {
  OriginPattern pattern;
  if (text == "*") {
    pattern.any_ = true;
    return pattern;
  }
  auto parts = Split(text);
  if (!parts) {
    return Err("bad_origin", "\"" + std::string(text) +
                                 "\" is no origin such as https://example.org or "
                                 "https://*.example.org");
  }
  if (parts->host.substr(0, 2) == "*.") {
    pattern.subdomains_ = true;
    parts->host.erase(0, 2);
  }
  const bool port_fits = parts->port.empty() || parts->port == "*" || IsPort(parts->port);
  if (!port_fits || parts->host.empty() || parts->host.find('*') != std::string::npos) {
    return Err("bad_origin", "\"" + std::string(text) +
                                 "\": a * may stand for the first label of the host or for the "
                                 "port, nowhere else");
  }
  pattern.scheme_ = parts->scheme;
  pattern.host_ = parts->host;
  pattern.port_ = parts->port;
  return pattern;
}

bool OriginPattern::Matches(std::string_view origin) const {
  if (any_) return true;
  const auto parts = Split(origin);
  if (!parts || parts->scheme != scheme_) return false;
  if (!parts->port.empty() && !IsPort(parts->port)) return false;
  if (port_ != "*" && parts->port != port_) return false;
  if (!subdomains_) return parts->host == host_;
  const size_t dot = parts->host.find('.');
  return dot != std::string::npos && dot > 0 && parts->host.substr(dot + 1) == host_;
}

Result<OriginList> OriginList::Parse(const std::vector<std::string>& entries) {
  OriginList list;
  for (const std::string& entry : entries) {
    auto pattern = OriginPattern::Parse(entry);
    if (!pattern) return Err(pattern.error());
    list.any_ = list.any_ || pattern->any();
    list.patterns_.push_back(std::move(*pattern));
  }
  return list;
}

bool OriginList::Lists(std::string_view origin) const {
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const OriginPattern& pattern) { return pattern.Matches(origin); });
}

bool OriginList::Allows(std::optional<std::string_view> origin, std::string_view host) const {
  return !origin || Lists(*origin) || IsOwn(*origin, host);
}

bool OriginList::AllowsCookies(std::optional<std::string_view> origin,
                               std::string_view host) const {
  return !origin || IsOwn(*origin, host) || Names(*origin);
}

bool OriginList::Names(std::string_view origin) const {
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const OriginPattern& pattern) {
    return !pattern.any() && pattern.Matches(origin);
  });
}

}  // namespace trackwire::auth
