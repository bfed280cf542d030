#include "notify/warm_up.h"

#include <utility>

namespace trackwire::notify {
namespace {

using broker::LogOffset;

constexpr std::chrono::milliseconds kFirstSpan{5'000};
constexpr size_t kBatchBytes = 2u << 20;

/// One reading: spans of the log, each twice as long as the one after it. Within a span in order.
class Reading : public std::enable_shared_from_this<Reading> {
 public:
  Reading(broker::NotificationLog& log, Dispatch& dispatch, WarmUpOptions options,
          std::function<void()> done)
      : log_(log), dispatch_(dispatch), options_(options), done_(std::move(done)) {}

  void Start() {
    last_ = log_.tail_offset();
    const auto window = static_cast<uint64_t>(options_.window.count());
    oldest_ms_ = last_.ms > window ? last_.ms - window : 0;
    Span();
  }

 private:
  void Span() {
    if (last_.ms <= oldest_ms_ || entries_ >= options_.max_entries) return done_();
    const auto span = static_cast<uint64_t>(span_.count());
    first_ = LogOffset{last_.epoch, last_.ms > oldest_ms_ + span ? last_.ms - span : oldest_ms_, 0};
    span_ *= 2;
    Batch(first_);
  }

  void Batch(const LogOffset& after) {
    log_.Read(after, last_, options_.batch_entries, kBatchBytes,
              [self = shared_from_this()](Result<std::vector<broker::LogEntryPtr>> entries) {
                self->OnRead(std::move(entries));
              });
  }

  void OnRead(Result<std::vector<broker::LogEntryPtr>> entries) {
    // Trimmed, or not to be had now: what was found is all there is.
    if (!entries) return done_();
    for (const broker::LogEntryPtr& entry : *entries) dispatch_.Learn(*entry);
    entries_ += entries->size();
    if (!entries->empty() && entries->back()->offset < last_ && entries_ < options_.max_entries) {
      return Batch(entries->back()->offset);
    }
    last_ = first_;
    Span();
  }

  broker::NotificationLog& log_;
  Dispatch& dispatch_;
  const WarmUpOptions options_;
  std::function<void()> done_;
  LogOffset first_;  // of the span under way, left out
  LogOffset last_;
  uint64_t oldest_ms_ = 0;
  size_t entries_ = 0;
  std::chrono::milliseconds span_ = kFirstSpan;
};

}  // namespace

void WarmUp(broker::NotificationLog& log, Dispatch& dispatch, WarmUpOptions options,
            std::function<void()> done) {
  std::make_shared<Reading>(log, dispatch, options, std::move(done))->Start();
}

}  // namespace trackwire::notify
