#include "broker/embedded/loop_side.h"

#include <utility>

namespace trackwire::broker {

void LoopSide::Deliver(Outcome outcome) {
  if (closed) return;
  failing = !outcome.written.has_value();
  failure = failing ? outcome.written.error().detail : std::string();
  log_entries = outcome.log_entries;
  log_bytes = outcome.log_bytes;
  window.DropThrough(outcome.trimmed_through);
  if (!failing) {
    std::vector<LogEntryPtr> entries;
    for (const AppendJob& job : outcome.jobs) {
      entries.insert(entries.end(), job.entries.begin(), job.entries.end());
    }
    if (!entries.empty()) {
      window.Add(entries);
      for (size_t i = 0; i < tails.size() && !closed; ++i) tails[i](entries);
    }
  }
  for (AppendJob& job : outcome.jobs) {
    if (closed || !job.done) continue;
    if (failing) {
      job.done(Err("unavailable", failure));
    } else {
      job.done(std::move(job.appended));
    }
  }
  for (TaskChange& change : outcome.tasks) {
    if (!closed && change.done) change.done(!failing);
  }
  for (RevocationChange& change : outcome.revocations) {
    if (closed) return;
    change.done(failing ? Result<void>(Err("unavailable", failure)) : Ok());
  }
}

}  // namespace trackwire::broker
