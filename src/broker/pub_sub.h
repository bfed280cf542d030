#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace trackwire::broker {

/// Messages to whoever listens right now, in every process of the deployment, this one too.
///
/// At most once; nothing is kept. Messages of one sender on one channel arrive in their order.
class PubSub {
 public:
  /// Borrowed during the call. On the broker's loop.
  using Handler = std::function<void(std::string_view message)>;

  /// Ends the subscription when destroyed, on the broker's loop.
  class Subscription {
   public:
    virtual ~Subscription() = default;
  };

  virtual ~PubSub() = default;
  /// Any thread. Dropped (counted) while there is no way to the others.
  virtual void Publish(std::string channel, std::string message) = 0;
  /// The broker's loop. Any number for a channel; comes back after a lost link by itself.
  virtual std::unique_ptr<Subscription> Subscribe(std::string channel, Handler handler) = 0;
};

}  // namespace trackwire::broker
