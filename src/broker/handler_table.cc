#include "broker/handler_table.h"

#include <utility>

namespace trackwire::broker {

class HandlerTable::Seat final : public PubSub::Subscription {
 public:
  Seat(std::weak_ptr<HandlerTable> table, std::string channel, uint64_t no)
      : table_(std::move(table)), channel_(std::move(channel)), no_(no) {}
  ~Seat() override {
    if (auto table = table_.lock()) table->Remove(channel_, no_);
  }

 private:
  std::weak_ptr<HandlerTable> table_;
  std::string channel_;
  uint64_t no_;
};

std::unique_ptr<PubSub::Subscription> HandlerTable::Add(const std::shared_ptr<HandlerTable>& table,
                                                        std::string channel,
                                                        PubSub::Handler handler) {
  const uint64_t no = ++table->last_no_;
  Handlers& handlers = table->channels_[channel];
  const bool first = handlers.empty();
  handlers.emplace(no, std::make_shared<const PubSub::Handler>(std::move(handler)));
  if (first && table->on_change_) table->on_change_(channel, true);
  return std::make_unique<Seat>(table, std::move(channel), no);
}

void HandlerTable::Deliver(std::string_view channel, std::string_view message) {
  const uint64_t newest = last_no_;
  uint64_t called = 0;
  for (;;) {
    // Looked up anew each time, because the last handler may have changed everything.
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return;
    const auto next = found->second.upper_bound(called);
    if (next == found->second.end() || next->first > newest) return;
    called = next->first;
    const std::shared_ptr<const PubSub::Handler> handler = next->second;
    (*handler)(message);
  }
}

void HandlerTable::Remove(const std::string& channel, uint64_t no) {
  const auto found = channels_.find(channel);
  if (found == channels_.end()) return;
  found->second.erase(no);
  if (!found->second.empty()) return;
  channels_.erase(found);
  if (on_change_) on_change_(channel, false);
}

}  // namespace trackwire::broker
