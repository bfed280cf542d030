#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "broker/redis/redis_client.h"
#include "broker/redis/redis_subscriber.h"
#include "net/loop.h"
#include "tests/support/await.h"
#include "tests/support/redis_server.h"

namespace trackwire::broker {

/// Short time-outs, for tests that wait until they have passed.
inline RedisLinkOptions QuickOptions(const std::string& url) {
  RedisLinkOptions options;
  auto target = ParseRedisUrl(url);
  CHECK(target.has_value());
  options.target = *target;
  options.connect_timeout = std::chrono::milliseconds(2'000);
  options.reply_timeout = std::chrono::milliseconds(2'000);
  options.ping_every = std::chrono::milliseconds(200);
  options.backoff_first = std::chrono::milliseconds(5);
  options.backoff_max = std::chrono::milliseconds(50);
  return options;
}

inline std::string Text(const Result<RespValue>& reply) {
  if (!reply) return "!" + reply.error().code;
  if (reply->is_nil()) return "nil";
  if (reply->is_integer()) return std::to_string(reply->integer);
  if (!reply->items.empty() || reply->is_array()) {
    std::string text = "[";
    for (const RespValue& item : reply->items) text += Text(item) + " ";
    return text + "]";
  }
  return reply->text;
}

/// A client with a loop of its own, driven from the test's thread.
class TestClient {
 public:
  explicit TestClient(RedisLinkOptions options) {
    loop_.Start();
    loop_.Run([&] {
      client_ = std::make_unique<RedisClient>(loop_, std::move(options));
      client_->Start([this](bool up) {
        ++changes_;
        up_ = up;
      });
    });
  }
  ~TestClient() {
    loop_.Run([&] { client_ = nullptr; });
    loop_.Stop();
  }

  bool WaitUntil(bool up) const {
    return test::Until([&] { return up_ == up; });
  }
  int changes() const { return changes_; }
  bool up() const { return up_; }
  net::Loop& loop() { return loop_; }
  /// On the loop only.
  RedisClient& client() { return *client_; }

  std::string Run(std::vector<std::string> arguments) {
    return test::Await<std::string>([&](auto done) {
      loop_.Post([this, arguments, done] {
        client_->Send(arguments, [done](const Result<RespValue>& reply) { done(Text(reply)); });
      });
    });
  }
  std::string Eval(const std::string& script, const std::vector<std::string>& keys,
                   const std::vector<std::string>& arguments) {
    return test::Await<std::string>([&](auto done) {
      loop_.Post([=, this] {
        client_->Eval(script, keys, arguments,
                      [done](const Result<RespValue>& reply) { done(Text(reply)); });
      });
    });
  }
  RedisClientCounters Counters() {
    RedisClientCounters counters;
    loop_.Run([&] { counters = client_->counters(); });
    return counters;
  }
  RedisMode Mode() {
    RedisMode mode{};
    loop_.Run([&] { mode = client_->mode(); });
    return mode;
  }
  std::string LastError() {
    std::string error;
    loop_.Run([&] { error = client_->last_error(); });
    return error;
  }

 private:
  net::Loop loop_{"redis"};
  std::unique_ptr<RedisClient> client_;
  std::atomic<bool> up_{false};
  std::atomic<int> changes_{0};
};

}  // namespace trackwire::broker
