#pragma once

#include <string>
#include <string_view>

namespace trackwire::base {

/// The 32 bytes of HMAC with SHA-256: what nobody without the key can make or tell from chance.
/// Any thread.
/// Spec: RFC 2104.
std::string HmacSha256(std::string_view key, std::string_view text);

}  // namespace trackwire::base
