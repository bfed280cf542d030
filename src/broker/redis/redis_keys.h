#pragma once

#include <string>

namespace trackwire::broker {

/// The names that processes of one deployment share in Redis. All of one prefix, so that with a hash
/// tag in it what one script touches lies in one slot.
struct RedisKeys {
  std::string prefix;

  std::string channel() const { return prefix + "socket:notifications"; }
  std::string inbox() const { return prefix + "socket:notification:inbox"; }
  /// Who drains the inbox.
  std::string inbox_lease() const { return prefix + "socket:notification:inbox:lease"; }
  std::string log() const { return prefix + "socket:notification:log"; }
  std::string epoch() const { return prefix + "socket:notification:log:epoch"; }
  /// The newest entry that expired.
  std::string trimmed() const { return prefix + "socket:notification:log:trimmed"; }
  std::string rejected() const { return prefix + "socket:notification:rejected"; }
  std::string idempotency(const std::string& key) const {
    return prefix + "socket:notification:key:" + key;
  }
  /// What was stored of the contents heard after one tick.
  std::string heard(const std::string& tick) const {
    return prefix + "socket:notification:heard:" + tick;
  }
  /// Both the channel of the ticks and where the last one is kept.
  std::string tick() const { return prefix + "socket:notification:tick"; }
  /// What one process has sent and been answered.
  std::string run(const std::string& run) const {
    return prefix + "socket:notification:run:" + run;
  }
  std::string session(const std::string& key) const { return prefix + "socket:session:" + key; }
  /// The keys of session records in their order.
  std::string sessions() const { return prefix + "socket:sessions"; }
};

/// The consumer group of the inbox. All processes are one consumer in it: they take turns.
inline constexpr const char* kInboxGroup = "trackwire";
inline constexpr const char* kInboxConsumer = "intake";

}  // namespace trackwire::broker
