#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace trackwire::broker {

/// Values that can be made again, kept for a while and shared by the deployment.
///
/// Never an error: what cannot be read is missing, what cannot be kept is dropped. Bounded: what was
/// not used for longest goes first. Calls from any thread, callbacks on the broker's loop.
class Cache {
 public:
  virtual ~Cache() = default;
  virtual void Get(std::string key, std::function<void(std::optional<std::string>)> done) = 0;
  virtual void Put(std::string key, std::string value, std::chrono::milliseconds ttl) = 0;
  virtual void Remove(std::string key) = 0;
};

}  // namespace trackwire::broker
