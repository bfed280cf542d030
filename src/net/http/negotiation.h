#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "net/http/message.h"

namespace trackwire::net::http {

/// What a body may be packed with. Spec: RFC 9110 section 8.4.1.
enum class Coding : uint8_t { kIdentity, kGzip, kDeflate };

/// As Content-Encoding calls it.
std::string_view ToString(Coding coding);

/// The one of `offered`, in the server's order of preference, that the client weighs most in
/// Accept-Encoding. kIdentity when there is no such field, when it refuses all of them, or when it
/// weighs `identity` by name more than any; weights that are none count as a refusal.
/// Spec: RFC 9110 section 12.5.3. Linear in the fields.
Coding ChooseCoding(const Headers& request, std::initializer_list<Coding> offered);

/// Whether a body that exists packed with gzip is to be sent so.
inline bool TakesGzip(const Headers& request) {
  return ChooseCoding(request, {Coding::kGzip}) == Coding::kGzip;
}

/// Makes one field of all Vary fields and adds `name` to it, unless it is there or all of it is
/// `*`.
void AddVary(Headers& response, std::string_view name);

/// Whether If-None-Match names `etag` or `*`; weak tags and strong ones are the same.
/// Spec: RFC 9110 section 13.1.2.
bool MatchesEtag(const Headers& request, std::string_view etag);

}  // namespace trackwire::net::http
