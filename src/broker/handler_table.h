#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "broker/pub_sub.h"

namespace trackwire::broker {

/// Who listens to what in this process. Belongs to the broker's loop.
class HandlerTable {
 public:
  /// Told when a channel gets its first handler and when it has lost its last one.
  using OnChange = std::function<void(const std::string& channel, bool wanted)>;

  explicit HandlerTable(OnChange on_change = {}) : on_change_(std::move(on_change)) {}

  /// The subscription may outlive the table.
  static std::unique_ptr<PubSub::Subscription> Add(const std::shared_ptr<HandlerTable>& table,
                                                   std::string channel, PubSub::Handler handler);
  /// Calls the channel's handlers in the order of their subscriptions. A handler may end any
  /// subscription, which is not called any more then, and make new ones, which are not called yet.
  void Deliver(std::string_view channel, std::string_view message);
  bool Has(std::string_view channel) const { return channels_.find(channel) != channels_.end(); }

 private:
  class Seat;
  using Handlers = std::map<uint64_t, std::shared_ptr<const PubSub::Handler>>;

  void Remove(const std::string& channel, uint64_t no);

  std::map<std::string, Handlers, std::less<>> channels_;
  OnChange on_change_;
  uint64_t last_no_ = 0;
};

}  // namespace trackwire::broker
