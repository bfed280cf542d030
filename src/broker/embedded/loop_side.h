#pragma once

#include <memory>
#include <string>
#include <vector>

#include "broker/embedded/journal.h"
#include "broker/embedded/log_window.h"

namespace trackwire::broker {

/// The part of the embedded broker that belongs to its loop: the tails, the newest entries, the
/// figures. Tasks on their way hold it, so that it outlives a broker that is taken down.
struct LoopSide {
  LoopSide(std::string log_epoch, LogId last, size_t max_memory_bytes)
      : epoch(std::move(log_epoch)), window(last, max_memory_bytes) {}

  /// What the writer made durable, or failed to.
  struct Outcome {
    std::vector<AppendJob> jobs;
    std::vector<TaskChange> tasks;
    std::vector<RevocationChange> revocations;
    Result<void> written;
    LogId trimmed_through = 0;
    uint64_t log_entries = 0;
    uint64_t log_bytes = 0;
  };

  /// Hands new entries to the tails, then answers the appends and those who changed tasks or
  /// revoked something. Does nothing once closed.
  void Deliver(Outcome outcome);

  std::string epoch;
  LogWindow window;
  std::vector<NotificationLog::TailFn> tails;
  uint64_t log_entries = 0;
  uint64_t log_bytes = 0;
  bool failing = false;
  std::string failure;
  bool closed = false;
};

}  // namespace trackwire::broker
