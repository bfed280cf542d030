#include "gateway/gateway_name.h"

#include <unistd.h>

#include <array>

#include "base/text.h"

namespace trackwire::gateway {

std::string GatewayName(const Config& config) {
  if (!config.gateway_name.empty()) return config.gateway_name;
  std::array<char, 256> host{};
  const bool known = ::gethostname(host.data(), host.size() - 1) == 0 && base::IsUtf8(host.data());
  return std::string(known ? host.data() : "gateway") + "-" + std::to_string(::getpid());
}

}  // namespace trackwire::gateway
