#include "outbound/easy.h"

#include <sys/socket.h>

#include <algorithm>

#include "outbound/address_rules.h"
#include "outbound/headers.h"
#include "outbound/url.h"

namespace trackwire::outbound {
namespace {

constexpr size_t kMaxReason = 200;

/// Asked before each connection is begun, with the address that is then connected to: what the
/// name meant a moment earlier does not matter.
curl_socket_t OnOpenSocket(void* target, curlsocktype, curl_sockaddr* address) {
  auto& guard = *static_cast<AddressGuard*>(target);
  if (!guard.allow_private && !IsPublicAddress(&address->addr)) {
    guard.refused = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// Asked before each request, also on a connection that another transfer has opened.
int OnRequest(void* target, char* remote_address, char*, int, int) {
  auto& guard = *static_cast<AddressGuard*>(target);
  if (guard.allow_private || IsPublicAddress(std::string_view(remote_address))) {
    return CURL_PREREQFUNC_OK;
  }
  guard.refused = true;
  return CURL_PREREQFUNC_ABORT;
}

std::string Printable(std::string_view text) {
  std::string out(text.substr(0, kMaxReason));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

}  // namespace

bool IsSendableHeader(const std::string& name, const std::string& value) {
  constexpr std::string_view kSymbols = "!#$%&'*+-.^_`|~";
  const auto in_token = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kSymbols.find(c) != std::string_view::npos;
  };
  const auto is_control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), in_token) &&
         std::none_of(value.begin(), value.end(), is_control);
}

Easy::Easy(bool allow_private, const std::string& user_agent, const std::string& ca_file)
    : easy_(curl_easy_init()) {
  CHECK(easy_ != nullptr);
  guard_.allow_private = allow_private;
  Set(CURLOPT_OPENSOCKETFUNCTION, &OnOpenSocket);
  Set(CURLOPT_OPENSOCKETDATA, &guard_);
  Set(CURLOPT_PREREQFUNCTION, &OnRequest);
  Set(CURLOPT_PREREQDATA, &guard_);
  // A proxy of the environment would connect where we do not look.
  Set(CURLOPT_PROXY, "");
  Set(CURLOPT_PROTOCOLS_STR, "http,https");
  Set(CURLOPT_FOLLOWLOCATION, 0L);
  Set(CURLOPT_NOSIGNAL, 1L);
  // Else ending a transfer would wait for the resolver's thread.
  Set(CURLOPT_QUICK_EXIT, 1L);
  Set(CURLOPT_ERRORBUFFER, reason_.data());
  Set(CURLOPT_USERAGENT, user_agent.c_str());
  if (!ca_file.empty()) Set(CURLOPT_CAINFO, ca_file.c_str());
}

Easy::~Easy() {
  curl_easy_cleanup(easy_);
  curl_slist_free_all(headers_);
}

Result<void> Easy::SetUrl(const std::string& url) {
  auto checked = CheckUrl(url);
  if (checked) Set(CURLOPT_URL, url.c_str());
  return checked;
}

Result<void> Easy::SetHeaders(const std::vector<std::pair<std::string, std::string>>& headers) {
  // Curl would wait for a "100 Continue" that few servers send.
  headers_ = curl_slist_append(headers_, "Expect:");
  for (const auto& [name, value] : headers) {
    if (!IsSendableHeader(name, value)) return Err("bad_url", "a header cannot be sent");
    // Without a value curl would leave the header out, were it not for the semicolon.
    const std::string line = value.empty() ? name + ";" : name + ": " + value;
    headers_ = curl_slist_append(headers_, line.c_str());
  }
  CHECK(headers_ != nullptr);
  Set(CURLOPT_HTTPHEADER, headers_);
  return Ok();
}

Error Easy::ErrorOf(CURLcode code) const {
  if (guard_.refused) {
    return {"forbidden_address", "its address is none of the open Internet"};
  }
  const std::string_view reason(reason_.data());
  std::string detail = Printable(reason.empty() ? curl_easy_strerror(code) : reason);
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return {"timeout", "no answer in time"};
    case CURLE_URL_MALFORMAT: return {"bad_url", std::move(detail)};
    default: return {"unreachable", std::move(detail)};
  }
}

}  // namespace trackwire::outbound
