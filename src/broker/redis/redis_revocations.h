#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "broker/redis/redis_client.h"
#include "broker/redis/redis_subscriber.h"
#include "broker/redis/script_runner.h"
#include "broker/revocation_list.h"
#include "net/loop.h"

namespace trackwire::broker {

/// Revocations in Redis: a hash, when each is over, and a channel that tells of new ones. All it is
/// given outlives it; destroy it on the loop.
class RedisRevocations final : public RevocationList {
 public:
  struct Options {
    std::string prefix;  ///< with a hash tag in a cluster
    size_t max = kMaxRevocations;
    std::chrono::milliseconds unavailable_after{10'000};
  };

  RedisRevocations(net::Loop& loop, RedisClient& client, RedisSubscriber& subscriber,
                   const Clock& clock, Options options);
  ~RedisRevocations() override;

  void Revoke(Revocation revocation, RevokeDone done) override;
  void List(ListDone done) override;
  void OnChange(Handler handler) override;

  /// The loop. The channel is heard from now on; what was said before may have been missed.
  void OnHearing();
  /// The loop. `done` runs once nothing waits for an answer.
  void WhenIdle(std::function<void()> done);

 private:
  struct Context;

  net::Loop& loop_;
  std::shared_ptr<Context> context_;
};

}  // namespace trackwire::broker
