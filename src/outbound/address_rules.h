#pragma once

#include <sys/socket.h>

#include <string_view>

namespace trackwire::outbound {

/// Whether an address belongs to somebody on the open Internet: none of this machine, of private,
/// shared, link-local, multicast, documentation or reserved networks, nor one where clouds keep
/// their metadata. IPv4 addresses inside IPv6 ones (mapped, NAT64, 6to4) are judged as IPv4.
///
/// What is neither IPv4 nor IPv6 is not public. Any thread.
/// Spec: the special-purpose registries of RFC 6890.
bool IsPublicAddress(const sockaddr* address);
/// Of an address as text, without port, brackets or zone; false for what is none.
bool IsPublicAddress(std::string_view text);

}  // namespace trackwire::outbound
