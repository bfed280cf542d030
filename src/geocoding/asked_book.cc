#include "geocoding/asked_book.h"

#include <utility>

#include "base/text.h"

namespace trackwire::geocoding {
namespace {

/// A batch is one entry of the queue, and is told of to the end by one desk.
constexpr size_t kMaxBatch = 64;
constexpr size_t kIdBytes = 15;

}  // namespace

AskedBook::AskedBook(std::shared_ptr<DeskParts> parts, std::shared_ptr<AskedWatches> watches,
                     std::string desk)
    : parts_(std::move(parts)), watches_(std::move(watches)), desk_(std::move(desk)) {}

void AskedBook::Leave(Asked asked, Done done) {
  if (stopped_) return done(Err("unavailable", "the server is stopping"));
  gathered_.push_back({std::move(asked), std::move(done)});
  if (std::exchange(sending_, true)) return;
  // The next turn of the loop: those of a burst come together.
  parts_->control.Post([weak = weak_from_this()] {
    if (auto self = weak.lock()) self->Send();
  });
}

void AskedBook::Send() {
  if (gathered_.empty()) {
    sending_ = false;
    return;
  }
  AskedBatch batch;
  batch.id = base::Base64UrlEncode(base::RandomBytes(kIdBytes));
  batch.origin = desk_;
  batch.deadline = parts_->clock.WallNow() + parts_->options.deadline;
  auto dones = std::make_shared<Dones>();
  while (!gathered_.empty() && dones->size() < kMaxBatch) {
    batch.askers.push_back(std::move(gathered_.front().asked));
    dones->push_back(std::move(gathered_.front().done));
    gathered_.pop_front();
  }
  watches_->Leaving(batch.id);
  // What is durable is answered though the desk was stopped or is gone.
  parts_->broker.tasks().Add(kAsked, batch.id, ToJson(batch), parts_->options.max_waiting,
                             [weak = weak_from_this(), id = batch.id,
                              dones](const Result<broker::TaskQueue::Added>& added) {
                               for (const Done& done : *dones) {
                                 if (added) {
                                   done(Ok());
                                 } else {
                                   done(Err(added.error().code, added.error().detail));
                                 }
                               }
                               if (auto self = weak.lock()) self->OnAdded(id, added);
                             });
}

void AskedBook::OnAdded(const std::string& batch, const Result<broker::TaskQueue::Added>& added) {
  watches_->Left(batch, added.has_value());
  // Each would wait as long for a broker that is away.
  if (!added) FailGathered(added.error());
  Send();
}

void AskedBook::FailGathered(const Error& error) {
  for (const Waiting& waiting : std::exchange(gathered_, {})) {
    waiting.done(Err(error.code, error.detail));
  }
}

void AskedBook::Stop() {
  stopped_ = true;
  FailGathered({"unavailable", "the server is stopping"});
}

}  // namespace trackwire::geocoding
