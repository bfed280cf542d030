#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "broker/redis/redis_client.h"
#include "net/loop.h"

namespace trackwire::broker {

/// Runs scripts that may be run twice, and runs them again until Redis has answered.
///
/// For steps that find out by themselves whether they were done before, so that a link that broke
/// before the answer does no harm. Belongs to the loop of `client`, both outlive it; callbacks on
/// it, dropped unrun when the runner is destroyed. Scripts may overtake each other after a loss.
class ScriptRunner {
 public:
  /// Errors: `unavailable`: no answer in time, too much waits, or the script failed.
  using Done = std::function<void(Result<RespValue>)>;
  struct Job {
    const std::string* script = nullptr;  ///< of static life
    std::vector<std::string> keys;
    std::vector<std::string> arguments;
    std::chrono::milliseconds patience{10'000};
    Done done;
  };

  ScriptRunner(net::Loop& loop, RedisClient& client);
  ~ScriptRunner();
  ScriptRunner(const ScriptRunner&) = delete;
  ScriptRunner& operator=(const ScriptRunner&) = delete;

  void Run(Job job);
  /// `done` runs once nothing waits for an answer; at once when that is so already.
  void WhenIdle(std::function<void()> done);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// Whether an error reply tells of a state that passes: loading, failing over, out of memory.
bool IsPassing(const RespValue& error);

}  // namespace trackwire::broker
