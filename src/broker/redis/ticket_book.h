#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>

#include "broker/inlet.h"

namespace trackwire::broker {

/// What the tickets stand for that this process has handed out and not seen again. The loop's.
class TicketBook {
 public:
  struct Ticket {
    InletTicket::From from = InletTicket::From::kChannel;
    size_t bytes = 0;
    std::string window;     ///< heard: the key of its window
    std::string field;      ///< heard: content and number in that window
    std::string window_ms;  ///< heard: when the window began
    std::string entry_id;   ///< inbox
    std::string lease;      ///< inbox: under which it was taken
    std::string key;        ///< inbox: idempotency key beside the envelope
  };
  struct Load {
    size_t entries = 0;
    size_t bytes = 0;
  };

  InletTicket Add(Ticket ticket) {
    InletTicket handed{ticket.from, ++last_, ticket.entry_id};
    Load& load = LoadOf(ticket.from);
    ++load.entries;
    load.bytes += ticket.bytes;
    tickets_.emplace(last_, std::move(ticket));
    return handed;
  }
  const Ticket* Find(const InletTicket& ticket) const {
    const auto found = tickets_.find(ticket.hearing);
    return found == tickets_.end() ? nullptr : &found->second;
  }
  /// It is dealt with.
  void Settle(const InletTicket& ticket) {
    const auto found = tickets_.find(ticket.hearing);
    if (found == tickets_.end()) return;
    Load& load = LoadOf(found->second.from);
    --load.entries;
    load.bytes -= found->second.bytes;
    tickets_.erase(found);
    if (on_settled) on_settled();
  }
  const Load& heard() const { return heard_; }
  const Load& inbox() const { return inbox_; }

  std::function<void()> on_settled;

 private:
  Load& LoadOf(InletTicket::From from) {
    return from == InletTicket::From::kInbox ? inbox_ : heard_;
  }

  std::unordered_map<uint64_t, Ticket> tickets_;
  uint64_t last_ = 0;
  Load heard_;
  Load inbox_;
};

}  // namespace trackwire::broker
