#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>

#include "broker/embedded/embedded_broker.h"
#include "broker/redis/redis_broker.h"
#include "tests/broker/contract.h"
#include "tests/support/redis_server.h"
#include "tests/support/temp_dir.h"

namespace trackwire::broker {

class EmbeddedFileBackend final : public Backend {
 public:
  explicit EmbeddedFileBackend(EmbeddedOptions::Sync sync) : sync_(sync) {}
  std::string path() const { return directory_.File("broker.db"); }

  Result<std::unique_ptr<Broker>> Open(const Options& options, net::Loop& loop,
                                       const Clock& clock) override {
    EmbeddedOptions embedded;
    embedded.path = path();
    embedded.expiry = options.expiry;
    embedded.max_memory_bytes = options.max_memory_bytes;
    embedded.max_queue_entries = options.max_queue_entries;
    embedded.max_rejected = options.max_rejected;
    embedded.max_cache_bytes = options.max_cache_bytes;
    embedded.session_lifetime = options.session_lifetime;
    embedded.session_grace = options.session_grace;
    embedded.max_revocations = options.max_revocations;
    embedded.sync = sync_;
    return OpenEmbeddedBroker(embedded, loop, clock);
  }

 private:
  test::TempDir directory_;
  EmbeddedOptions::Sync sync_;
};

/// A Redis of its own.
class RedisBackend final : public Backend {
 public:
  Result<std::unique_ptr<Broker>> Open(const Options& options, net::Loop& loop,
                                       const Clock& clock) override {
    RedisBrokerOptions redis;
    redis.link.target = ParseRedisUrl(server_.unix_url()).value();
    redis.expiry = options.expiry;
    redis.max_memory_bytes = options.max_memory_bytes;
    redis.max_queue_entries = options.max_queue_entries;
    redis.max_rejected = options.max_rejected;
    redis.max_cache_bytes = options.max_cache_bytes;
    redis.session_lifetime = options.session_lifetime;
    redis.max_revocations = options.max_revocations;
    redis.clock_ahead = [ahead = ahead_] { return std::chrono::milliseconds(*ahead); };
    return OpenRedisBroker(std::move(redis), loop, clock);
  }
  /// Every life becomes so much shorter, and the clock of the log goes on.
  void Elapse(std::chrono::milliseconds time) override {
    *ahead_ += time.count();
    server_.Command({"EVAL",
                     "for _, key in ipairs(redis.call('KEYS', '*')) do "
                     "  local left = redis.call('PTTL', key) "
                     "  if left >= 0 then redis.call('PEXPIRE', key, left - ARGV[1]) end "
                     "end",
                     "0", std::to_string(time.count())});
  }
  std::unique_ptr<Broker> OpenAnother(net::Loop& loop, const Clock& clock) override {
    auto opened = Open({}, loop, clock);
    EXPECT_TRUE(opened);
    return opened ? std::move(*opened) : nullptr;
  }
  bool counts_envelope_bytes() const override { return false; }
  test::RedisServer& server() { return server_; }

 private:
  test::RedisServer server_;
  std::shared_ptr<std::atomic<int64_t>> ahead_ = std::make_shared<std::atomic<int64_t>>(0);
};

/// Every broker that keeps its data when it is opened again.
inline const std::array<MakeBackend, 3> kPersistentBackends{
    +[]() -> std::unique_ptr<Backend> {
      return std::make_unique<EmbeddedFileBackend>(EmbeddedOptions::Sync::kNormal);
    },
    +[]() -> std::unique_ptr<Backend> {
      return std::make_unique<EmbeddedFileBackend>(EmbeddedOptions::Sync::kFull);
    },
    +[]() -> std::unique_ptr<Backend> { return std::make_unique<RedisBackend>(); }};

}  // namespace trackwire::broker
