#include "checker.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

namespace trackwire::exact {
namespace {

constexpr size_t kShownClients = 10;
constexpr size_t kShownBytes = 160;
constexpr uint8_t kMostCounted = std::numeric_limits<uint8_t>::max();

std::string Name(const Ledger::Entry& entry) {
  return "content " + std::to_string(entry.mark.content) + " of tracker " +
         std::to_string(entry.mark.tracker) + " at " + entry.offset.ToString();
}

}  // namespace

Faults& Faults::operator+=(const Faults& other) {
  missing += other.missing;
  doubled += other.doubled;
  backwards += other.backwards;
  unordered += other.unordered;
  altered += other.altered;
  foreign += other.foreign;
  refused += other.refused;
  connect_errors += other.connect_errors;
  return *this;
}

Checker::Checker(size_t clients, size_t contents, size_t trackers)
    : contents_(contents),
      trackers_(trackers),
      ledger_(contents, trackers),
      clients_(clients),
      counts_(clients * contents),
      sequence_(clients * trackers) {}

void Checker::Blame(State& state, uint64_t& fault, const char* what, std::string_view detail) {
  ++fault;
  if (state.first.empty()) {
    state.first = std::string(what) + ": " + std::string(detail.substr(0, kShownBytes));
  }
}

void Checker::OnSession(size_t client, const FullOffset& at, bool fresh) {
  State& state = clients_[client];
  if (!ledger_.IsOurs(at.epoch)) {
    return Blame(state, state.faults.foreign, "a session of another epoch", at.epoch);
  }
  if (fresh) {
    state.spans.push_back({at.place, {}, true});
    state.previous = nullptr;
  } else if (at.place < state.last) {
    Blame(state, state.faults.backwards, "a session older than the last event",
          at.place.ToString() + " after " + state.last.ToString());
  }
  state.last = at.place;
  state.offset_text = std::string(at.epoch) + "." + at.place.ToString();
}

void Checker::OnEvent(size_t client, std::string_view packet) {
  State& state = clients_[client];
  const auto event = ParseEvent(packet);
  if (!event) return Blame(state, state.faults.foreign, "an event without offset", packet);
  const Ledger::Noted noted = ledger_.Note(*event, state.previous);
  switch (noted.sight) {
    case Ledger::Sight::kAltered:
      return Blame(state, state.faults.altered, "other bytes than others got", packet);
    case Ledger::Sight::kForeign:
      return Blame(state, state.faults.foreign, "another epoch", packet);
    case Ledger::Sight::kUnmarked:
      return Blame(state, state.faults.foreign, "not of this test", packet);
    case Ledger::Sight::kKnown:
      break;
  }
  state.offset_text.assign(event->offset_text);
  Deliver(client, *noted.entry);
}

void Checker::Deliver(size_t client, Ledger::Entry& entry) {
  State& state = clients_[client];
  ++deliveries_;
  if (entry.offset <= state.last) {
    Blame(state, state.faults.backwards, "an offset that did not rise",
          Name(entry) + " after " + state.last.ToString());
  }
  state.last = std::max(state.last, entry.offset);
  state.previous = &entry;
  uint8_t& count = counts_[client * contents_ + entry.mark.content];
  if (count < kMostCounted) ++count;
  if (entry.mark.sequence == 0) return;
  uint32_t& sequence = sequence_[client * trackers_ + entry.mark.tracker];
  if (entry.mark.sequence < sequence) {
    Blame(state, state.faults.unordered, "later than its successor",
          Name(entry) + ", number " + std::to_string(entry.mark.sequence) + " after " +
              std::to_string(sequence));
  }
  sequence = std::max(sequence, entry.mark.sequence);
}

void Checker::OnResumed(size_t client) { ++clients_[client].resumed; }

void Checker::OnRefused(size_t client, bool within_window) {
  State& state = clients_[client];
  if (!state.spans.empty() && state.spans.back().open) {
    state.spans.back().upto = state.last;
    state.spans.back().open = false;
  }
  state.offset_text.clear();
  if (!within_window) {
    ++state.expired;
    return;
  }
  Blame(state, state.faults.refused, "not recovered", "back within the window");
}

void Checker::OnConnectError(size_t client, std::string_view packet) {
  State& state = clients_[client];
  Blame(state, state.faults.connect_errors, "CONNECT was refused", packet);
}

std::vector<uint32_t> Checker::DueOf(const State& state,
                                     const std::vector<const Ledger::Entry*>& log) const {
  std::vector<uint32_t> due(contents_);
  for (const Ledger::Entry* entry : log) {
    const bool covered = std::any_of(state.spans.begin(), state.spans.end(), [&](const Span& span) {
      return entry->offset > span.after && (span.open || entry->offset <= span.upto);
    });
    if (covered) ++due[entry->mark.content];
  }
  return due;
}

void Checker::Compare(size_t client, const std::vector<const Ledger::Entry*>& log,
                      const std::vector<uint32_t>& due, FaultyClient& out) const {
  std::optional<uint32_t> missing;
  std::optional<uint32_t> doubled;
  for (uint32_t content = 0; content < contents_; ++content) {
    const uint32_t got = counts_[client * contents_ + content];
    const uint32_t must = std::min<uint32_t>(due[content], kMostCounted);
    if (got < must) {
      out.faults.missing += must - got;
      if (!missing) missing = content;
    } else if (got > must) {
      out.faults.doubled += got - must;
      if (!doubled) doubled = content;
    }
  }
  const auto where = [&](uint32_t content) {
    const auto entry = std::find_if(
        log.begin(), log.end(), [&](const Ledger::Entry* e) { return e->mark.content == content; });
    return entry == log.end() ? "content " + std::to_string(content) : Name(**entry);
  };
  if (!out.first.empty()) return;
  if (missing) out.first = "missing: " + where(*missing);
  if (!missing && doubled) out.first = "doubled: " + where(*doubled);
}

void Checker::JudgePublication(const std::vector<Expectation>& expected, Verdict& verdict) const {
  std::vector<uint64_t> seen(contents_);
  for (const Ledger::Entry* entry : ledger_.InOrder()) ++seen[entry->mark.content];
  std::vector<Expectation> all(contents_);
  for (uint32_t content = 0; content < contents_; ++content) all[content] = {content, 0, 0};
  for (const Expectation& e : expected) {
    if (e.content < contents_) all[e.content] = e;
  }
  for (const Expectation& e : all) {
    const uint64_t got = seen[e.content];
    if (got > e.most) verdict.unpublished += got - e.most;
    if (got >= e.least) continue;
    verdict.lost += e.least - got;
    if (verdict.first_lost.empty()) {
      verdict.first_lost = "content " + std::to_string(e.content) + ": " + std::to_string(got) +
                           " of " + std::to_string(e.least);
    }
  }
}

Verdict Checker::Judge(const std::vector<Expectation>& expected) const {
  Verdict verdict;
  verdict.deliveries = deliveries_;
  verdict.entries = ledger_.size();
  JudgePublication(expected, verdict);
  const std::vector<const Ledger::Entry*> log = ledger_.InOrder();
  // Most clients came at the same place of the log and never began anew: one sum for all of them.
  std::map<Offset, std::vector<uint32_t>> by_start;
  for (size_t client = 0; client < clients_.size(); ++client) {
    const State& state = clients_[client];
    verdict.resumed += state.resumed;
    verdict.expired += state.expired;
    if (state.spans.empty()) ++verdict.uncovered;
    FaultyClient found{client, state.faults, state.first};
    if (state.spans.size() == 1 && state.spans[0].open) {
      auto& due = by_start[state.spans[0].after];
      if (due.empty()) due = DueOf(state, log);
      Compare(client, log, due, found);
    } else {
      Compare(client, log, DueOf(state, log), found);
    }
    if (found.faults.none()) continue;
    verdict.total += found.faults;
    ++verdict.faulty_clients;
    if (verdict.faulty.size() < kShownClients) verdict.faulty.push_back(std::move(found));
  }
  return verdict;
}

}  // namespace trackwire::exact
