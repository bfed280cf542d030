#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "broker/redis/redis_cache.h"
#include "broker/redis/redis_client.h"
#include "broker/redis/redis_pub_sub.h"
#include "broker/redis/redis_subscriber.h"
#include "broker/redis/redis_task_queue.h"
#include "net/loop.h"
#include "tests/broker/task_contract.h"
#include "tests/support/await.h"
#include "tests/support/redis_server.h"

namespace trackwire::broker {

/// What one process of a deployment has of Redis: links, messages, tasks and cache on a loop.
class RedisProcess {
 public:
  explicit RedisProcess(const std::string& url, std::string prefix = "",
                        std::chrono::milliseconds reply_timeout = std::chrono::seconds(10))
      : loop_("redis") {
    RedisLinkOptions link;
    auto target = ParseRedisUrl(url);
    EXPECT_TRUE(target);
    link.target = *target;
    link.reply_timeout = reply_timeout;
    link.ping_every = reply_timeout / 2;
    loop_.Start();
    loop_.Run([&] {
      client_.emplace(loop_, link);
      subscriber_.emplace(loop_, link);
      client_->Start();
      subscriber_->Start([](bool) {});
      RedisTaskQueue::Options options;
      options.prefix = prefix;
      tasks_.emplace(loop_, *client_, *subscriber_, options);
      RedisCache::Options cache;
      cache.prefix = prefix;
      cache.max_bytes = 1'000'000;
      cache_.emplace(loop_, *client_, cache);
      pub_sub_.emplace(loop_, *client_, *subscriber_, prefix);
    });
    EXPECT_TRUE(test::Until([this] { return Up(); }));
  }
  ~RedisProcess() {
    Die();
    loop_.Stop();
  }

  /// Without a word to anybody. Workers that are left do nothing any more.
  void Die() {
    loop_.Run([this] {
      tasks_.reset();
      cache_.reset();
      pub_sub_.reset();
      subscriber_.reset();
      client_.reset();
    });
  }
  bool Up() {
    bool up = false;
    loop_.Run([&] { up = client_->up() && subscriber_->up(); });
    return up;
  }
  std::unique_ptr<TestWorker> Work(size_t max_at_once, std::chrono::milliseconds lease) {
    return std::make_unique<TestWorker>(*tasks_, loop_, "update",
                                        TaskQueue::WorkOptions{max_at_once, lease});
  }
  RedisTaskQueue::Counters Counters() {
    RedisTaskQueue::Counters counters;
    loop_.Run([&] { counters = tasks_->counters(); });
    return counters;
  }

  net::Loop& loop() { return loop_; }
  RedisTaskQueue& tasks() { return *tasks_; }
  RedisCache& cache() { return *cache_; }
  RedisPubSub& pub_sub() { return *pub_sub_; }

 private:
  net::Loop loop_;
  std::optional<RedisClient> client_;
  std::optional<RedisSubscriber> subscriber_;
  std::optional<RedisTaskQueue> tasks_;
  std::optional<RedisCache> cache_;
  std::optional<RedisPubSub> pub_sub_;
};

}  // namespace trackwire::broker
