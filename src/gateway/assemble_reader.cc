// What of trackers and their history can be asked for.
#include <algorithm>

#include "gateway/parts.h"

namespace trackwire::gateway {
namespace {

constexpr int64_t kMaxReaders = 4;
/// Reads that wait for one of these; each holds little more than its question.
constexpr size_t kMaxWaitingReads = 1'000;

}  // namespace

Result<void> Gateway::Parts::OpenReader() {
  // What is in memory cannot be read beside who writes it.
  if (config.database_url != "sqlite::memory:") {
    const auto count = std::clamp<int64_t>(static_cast<int64_t>(shards.size()), 2, kMaxReaders);
    std::vector<std::unique_ptr<store::HistoryReader>> readers;
    for (int64_t i = 0; i < count; ++i) {
      auto reader = store::OpenHistory(config.database_url);
      if (!reader) return Err(reader.error().code, "database.url: " + reader.error().detail);
      readers.push_back(std::move(*reader));
    }
    history = std::make_unique<api::BoardReader::HistoryPool>(std::move(readers), kMaxWaitingReads);
  }
  tracker_reader = std::make_unique<api::BoardReader>(control, board, views, broker->log(),
                                                      history.get(), clock);
  return Ok();
}

}  // namespace trackwire::gateway
