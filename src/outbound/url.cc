#include "outbound/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "base/text.h"
#include "outbound/http_client.h"

namespace trackwire::outbound {
namespace {

constexpr size_t kMaxUrlBytes = 8'192;

struct UrlFree {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlFree>;

/// Nothing when it is none.
Url Parsed(const std::string& text) {
  Url url(curl_url());
  CHECK(url != nullptr);
  if (text.size() > kMaxUrlBytes) return nullptr;
  const auto is_odd = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), is_odd)) return nullptr;
  // ws and wss are no schemes of curl's.
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return nullptr;
  }
  return url;
}

std::string PartOf(const Url& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

std::string OriginOf(const Url& url) {
  std::string host = PartOf(url, CURLUPART_HOST);
  std::transform(host.begin(), host.end(), host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const std::string scheme = PartOf(url, CURLUPART_SCHEME);
  std::string port = PartOf(url, CURLUPART_PORT);
  if (port.empty()) port = scheme == "https" || scheme == "wss" ? "443" : "80";
  return scheme + "://" + host + ":" + port;
}

}  // namespace

Result<void> CheckUrl(const std::string& text, bool websocket) {
  const Url url = Parsed(text);
  if (url == nullptr) return Err("bad_url", "it is not a URL");
  const std::string scheme = PartOf(url, CURLUPART_SCHEME);
  const bool known = websocket ? scheme == "ws" || scheme == "wss"
                               : scheme == "http" || scheme == "https";
  if (!known) {
    return Err("bad_url", websocket ? "the scheme is neither ws nor wss"
                                    : "the scheme is neither http nor https");
  }
  if (PartOf(url, CURLUPART_HOST).empty()) return Err("bad_url", "it names no host");
  return Ok();
}

Result<std::string> ResolveUrl(const std::string& base, const std::string& reference) {
  const Url url = Parsed(base);
  if (url == nullptr) return Err("bad_url", "it is not a URL");
  const auto is_odd = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  if (reference.size() > kMaxUrlBytes ||
      std::any_of(reference.begin(), reference.end(), is_odd) ||
      curl_url_set(url.get(), CURLUPART_URL, reference.c_str(), 0) != CURLUE_OK) {
    return Err("bad_url", "it is not a URL");
  }
  return PartOf(url, CURLUPART_URL);
}

bool SameOrigin(const std::string& a, const std::string& b) {
  const Url first = Parsed(a);
  const Url second = Parsed(b);
  return first != nullptr && second != nullptr && OriginOf(first) == OriginOf(second);
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

Result<std::string> WithParameter(const std::string& text, const std::string& name,
                                  const std::string& value) {
  const Url url = Parsed(text);
  if (url == nullptr) return Err("bad_url", "it is not a URL");
  const std::string key = PercentEncode(name) + "=";
  const std::string query = PartOf(url, CURLUPART_QUERY);
  std::string changed;
  for (size_t at = 0; at < query.size();) {
    const size_t end = std::min(query.find('&', at), query.size());
    const std::string_view part = std::string_view(query).substr(at, end - at);
    if (!part.starts_with(key)) changed.append(part).append("&");
    at = end + 1;
  }
  changed += key + PercentEncode(value);
  if (curl_url_set(url.get(), CURLUPART_QUERY, changed.c_str(), 0) != CURLUE_OK) {
    return Err("bad_url", "it is not a URL");
  }
  return PartOf(url, CURLUPART_URL);
}

std::string RedactedUrl(const std::string& text) {
  const Url url = Parsed(text);
  if (url == nullptr) return "(not a URL)";
  return OriginOf(url) + PartOf(url, CURLUPART_PATH);
}

}  // namespace trackwire::outbound
