#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger.h"
#include "offset.h"

namespace trackwire::exact {

/// What went wrong with one client; all zero when nothing did.
struct Faults {
  uint64_t missing = 0;    ///< entries of the log, within what it must have
  uint64_t doubled = 0;    ///< deliveries beyond those
  uint64_t backwards = 0;  ///< an offset that did not rise
  uint64_t unordered = 0;  ///< a tracker's events in another order than published
  uint64_t altered = 0;    ///< other bytes than other clients got under the offset
  uint64_t foreign = 0;    ///< events without mark or of another epoch
  uint64_t refused = 0;    ///< not recovered although back within the window
  uint64_t connect_errors = 0;

  Faults& operator+=(const Faults& other);
  bool none() const { return *this == Faults{}; }
  friend bool operator==(const Faults&, const Faults&) = default;
};

struct FaultyClient {
  size_t client = 0;
  Faults faults;
  std::string first;  ///< the first thing that was noticed, for people
};

/// How often a content was published for certain, and at most (when an answer got lost).
struct Expectation {
  uint32_t content = 0;
  uint32_t least = 1;
  uint32_t most = 1;
};

struct Verdict {
  Faults total;
  std::vector<FaultyClient> faulty;  ///< the first few
  size_t faulty_clients = 0;
  uint64_t deliveries = 0;
  uint64_t entries = 0;      ///< of the log, seen by anybody
  uint64_t unpublished = 0;  ///< entries more than were published
  uint64_t lost = 0;         ///< published and seen by nobody
  std::string first_lost;
  uint64_t resumed = 0;
  uint64_t expired = 0;  ///< not recovered, and away for longer than the window
  size_t uncovered = 0;  ///< clients that never had a session

  bool exact() const { return total.none() && unpublished == 0 && lost == 0 && uncovered == 0; }
};

/// Keeps the books of all clients: what each got, and what it has to have got. One thread.
///
/// A client has to get every entry of the log after the offset of its first `session`. One that was
/// refused after the window begins anew: what it had up to its loss and what follows the new
/// `session` count.
class Checker {
 public:
  Checker(size_t clients, size_t contents, size_t trackers);

  /// The `session` event of a connection that was not recovered (`fresh`) or was.
  void OnSession(size_t client, const FullOffset& at, bool fresh);
  /// Any other packet of an event.
  void OnEvent(size_t client, std::string_view packet);
  /// CONNECT was answered with the same private id, or with another.
  void OnResumed(size_t client);
  void OnRefused(size_t client, bool within_window);
  void OnConnectError(size_t client, std::string_view packet);

  /// What the client says when it comes back; empty when it has no session yet.
  const std::string& offset_text(size_t client) const { return clients_[client].offset_text; }
  uint64_t deliveries() const { return deliveries_; }
  uint64_t entries() const { return ledger_.size(); }
  bool has(size_t client, uint32_t content) const {
    return counts_[client * contents_ + content] > 0;
  }

  /// All contents that are not among `expected` must not have come.
  Verdict Judge(const std::vector<Expectation>& expected) const;

 private:
  struct Span {
    Offset after;
    Offset upto;  ///< included; of the open span the end of the log
    bool open = true;
  };
  struct State {
    Faults faults;
    std::string first;
    std::vector<Span> spans;
    Offset last;
    std::string offset_text;
    Ledger::Entry* previous = nullptr;
    uint64_t resumed = 0;
    uint64_t expired = 0;
  };

  void Blame(State& state, uint64_t& fault, const char* what, std::string_view detail);
  void Deliver(size_t client, Ledger::Entry& entry);
  void Compare(size_t client, const std::vector<const Ledger::Entry*>& log,
               const std::vector<uint32_t>& due, FaultyClient& out) const;
  std::vector<uint32_t> DueOf(const State& state,
                              const std::vector<const Ledger::Entry*>& log) const;
  void JudgePublication(const std::vector<Expectation>& expected, Verdict& verdict) const;

  size_t contents_;
  size_t trackers_;
  Ledger ledger_;
  std::vector<State> clients_;
  std::vector<uint8_t> counts_;     ///< by client and content; stays at its greatest value
  std::vector<uint32_t> sequence_;  ///< by client and tracker: the last one
  uint64_t deliveries_ = 0;
};

}  // namespace trackwire::exact
