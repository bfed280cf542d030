#pragma once

#include <functional>
#include <string>
#include <vector>

#include "broker/redis/redis_context.h"
#include "broker/redis/ticket_book.h"
#include "net/timer.h"

namespace trackwire::broker {

/// Takes entries out of the durable inbox, while this process is the one that may.
///
/// One process at a time holds the lease, so that the order of the inbox becomes the order of the
/// log. A new holder begins with what its predecessor took and did not finish. What a holder does
/// after it lost the lease has no effect: the scripts compare it. Belongs to the loop.
class InboxReader {
 public:
  struct Entry {
    enum class State : char { kGood = 'e', kNoEnvelope = 'm', kTooLong = 'h', kGone = 'g' };
    std::string id;
    State state = State::kGood;
    std::string envelope;
    std::string key;
    std::string lease;
  };
  using OnEntries = std::function<void(std::vector<Entry>)>;

  InboxReader(RedisContext& context, const TicketBook& book, OnEntries on_entries);

  void Start();
  /// Takes no more, and lets another go on once what it took is stored.
  void Close();
  /// Gives the lease back, whatever is under way: that will have no effect. `done` when it is, or
  /// when Redis does not answer.
  void Leave(std::function<void()> done);
  /// Something it took has been dealt with.
  void OnSettled();
  /// Another process gave the lease back.
  void OnLeaseFree();
  bool holding() const { return held_; }

 private:
  void Hold();
  void OnHeld(Result<RespValue> answer);
  void LoseLease();
  void Pump();
  void OnTaken(Result<RespValue> answer);
  void Wait();
  void Release(std::function<void()> done = {});
  std::string Lease() const { return context_.run + ":" + std::to_string(generation_); }

  RedisContext& context_;
  const TicketBook& book_;
  OnEntries on_entries_;
  RedisClient bell_;  ///< blocks until the inbox has something new
  std::string last_id_ = "0-0";  ///< handed over up to here
  std::string rung_id_ = "0-0";  ///< what the bell has shown
  uint64_t generation_ = 1;      ///< of the lease: tells what was taken under an earlier one
  bool started_ = false;
  bool held_ = false;
  bool fresh_ = false;      ///< waits until nothing of an earlier lease is under way
  bool again_ = true;       ///< reads what was taken before, not what is new
  bool taking_ = false;
  bool waiting_ = false;
  bool asking_ = false;
  bool closing_ = false;
  net::Timer hold_;
  net::Timer pump_;
};

}  // namespace trackwire::broker
