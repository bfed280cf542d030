#pragma once

#include <list>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "broker/cache.h"
#include "net/loop.h"

namespace trackwire::broker {

/// A cache in memory, gone with the process. `loop` and `clock` outlive it; destroy it on the loop.
class EmbeddedCache final : public Cache {
 public:
  /// `max_bytes` of keys and values, with what it costs to keep them.
  EmbeddedCache(net::Loop& loop, const Clock& clock, size_t max_bytes);
  ~EmbeddedCache() override;

  void Get(std::string key, std::function<void(std::optional<std::string>)> done) override;
  void Put(std::string key, std::string value, std::chrono::milliseconds ttl) override;
  void Remove(std::string key) override;

 private:
  struct Table;

  net::Loop& loop_;
  std::shared_ptr<Table> table_;
};

}  // namespace trackwire::broker
