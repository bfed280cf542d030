#include "load/board.h"

#include <algorithm>

namespace trackwire::bench {

Board::Board(size_t workers, size_t publishers)
    : publishers_(publishers), progress_(workers * publishers), workers_(workers), done_(workers) {}

bool Board::AllFinished() const {
  return std::all_of(publishers_.begin(), publishers_.end(),
                     [](const PublisherState& p) { return p.finished.load(); });
}

uint64_t Board::CompleteEverywhere(size_t publisher) const {
  uint64_t complete = progress_[publisher].complete.load();
  for (size_t worker = 1; worker < workers_; ++worker) {
    complete =
        std::min(complete, progress_[worker * publishers_.size() + publisher].complete.load());
  }
  return complete;
}

void Board::BeginPhase() {
  for (PublisherState& publisher : publishers_) publisher.finished = false;
  const std::lock_guard lock(mutex_);
  std::fill(done_.begin(), done_.end(), false);
}

void Board::MarkDone(size_t worker) {
  const std::lock_guard lock(mutex_);
  done_[worker] = true;
  news_.notify_one();
}

void Board::Fail(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = reason;
  news_.notify_one();
}

bool Board::AwaitDone(std::chrono::nanoseconds limit) {
  std::unique_lock lock(mutex_);
  const auto all_done = [this] {
    return std::find(done_.begin(), done_.end(), false) == done_.end();
  };
  news_.wait_for(lock, limit, [&] { return failure_.has_value() || all_done(); });
  return !failure_ && all_done();
}

std::optional<std::string> Board::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace trackwire::bench
