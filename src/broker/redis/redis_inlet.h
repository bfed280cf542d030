#pragma once

#include <memory>
#include <string>
#include <vector>

#include "broker/inlet.h"
#include "broker/redis/append_pipeline.h"
#include "broker/redis/hearings.h"
#include "broker/redis/inbox_reader.h"
#include "broker/redis/redis_context.h"
#include "broker/redis/redis_subscriber.h"
#include "broker/redis/ticket_book.h"
#include "net/timer.h"

namespace trackwire::broker {

struct RedisInletCounters {
  uint64_t heard = 0;      ///< on the channel
  uint64_t own = 0;        ///< marked: they come through the inbox too
  uint64_t too_long = 0;
  uint64_t overflow = 0;   ///< heard while too much waited for Redis: dropped
  uint64_t unnumbered = 0; ///< heard on a link before its first tick: others store them
  uint64_t taken = 0;      ///< from the inbox
};

/// Hears the channel and drains the inbox. Belongs to the loop.
class RedisInlet {
 public:
  RedisInlet(RedisContext& context, AppendPipeline& pipeline, TicketBook& book);

  void Open(net::Loop& handler_loop, Inlet::Handler handler);
  void Refuse(Incoming incoming, std::string reason);
  void Close(std::function<void()> done);
  /// After Close(): nothing that is still under way from the inbox counts any more.
  void Leave(std::function<void()> done) { inbox_.Leave(std::move(done)); }
  /// Now and then.
  void Tend(Steady::time_point now);

  bool opened() const { return opened_; }
  bool listening() const { return !opened_ || closed_ || hearings_.counting(); }
  const RedisInletCounters& counters() const { return counters_; }

 private:
  void OnLink(bool up);
  void OnTick(std::string_view message);
  void Tick(std::chrono::milliseconds least_age);
  void Hear(std::string_view message);
  void Enter(std::string_view message, const std::string& window, std::string field);
  void OnInbox(std::vector<InboxReader::Entry> entries);
  void RefuseEntry(const InboxReader::Entry& entry);
  void Hand(Incoming incoming);
  void Flush();
  bool HasRoom(size_t bytes);

  RedisContext& context_;
  AppendPipeline& pipeline_;
  TicketBook& book_;
  RedisSubscriber subscriber_;
  InboxReader inbox_;
  Hearings hearings_;
  net::Loop* handler_loop_ = nullptr;
  std::shared_ptr<const Inlet::Handler> handler_;
  std::vector<Incoming> batch_;
  std::vector<std::string> early_;  ///< heard before the link's first tick
  size_t early_bytes_ = 0;
  bool opened_ = false;
  bool closed_ = false;
  bool flush_posted_ = false;
  bool overflowing_ = false;
  Steady::time_point ticked_at_{};
  Steady::time_point asked_at_{};
  RedisInletCounters counters_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace trackwire::broker
