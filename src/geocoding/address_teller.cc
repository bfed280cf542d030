#include "geocoding/address_teller.h"

#include <utility>

#include "geocoding/address_events.h"
#include "geocoding/address_look.h"

namespace trackwire::geocoding {
namespace {

using namespace std::chrono_literals;

/// Who asked is looked for, and the log is written, for so many at a time.
constexpr size_t kAtOnce = 256;
constexpr auto kAgainAfter = 500ms;

}  // namespace

AddressTeller::AddressTeller(std::shared_ptr<DeskParts> parts, Done done)
    : parts_(std::move(parts)),
      done_(std::move(done)),
      tick_([](void* self) { static_cast<AddressTeller*>(self)->Pump(); }, this) {}

void AddressTeller::Stop() {
  stopped_ = true;
  tick_.Cancel();
  ready_.clear();
  outbox_.clear();
  again_.clear();
}

void AddressTeller::Tell(Telling telling) {
  if (stopped_) return;
  ready_.push_back(std::move(telling));
  Pump();
}

void AddressTeller::Again(Telling telling) {
  again_.push_back(std::move(telling));
  if (!tick_.armed()) tick_.Start(parts_->control.timers(), kAgainAfter);
}

void AddressTeller::Pump() {
  if (stopped_) return;
  if (!tick_.armed()) {
    for (Telling& telling : std::exchange(again_, {})) ready_.push_back(std::move(telling));
  }
  while (under_way_ < kAtOnce && !ready_.empty()) {
    Telling next = std::move(ready_.front());
    ready_.pop_front();
    ++under_way_;
    const std::string& socket = next.batch->askers[next.index].request.socket_id;
    parts_->broker.sessions().Find(socket, [weak = weak_from_this(), next](const auto& found) {
      auto self = weak.lock();
      if (self && !self->stopped_) self->OnSession(next, found);
    });
  }
}

void AddressTeller::OnSession(const Telling& telling,
                              const Result<std::optional<broker::SessionEntry>>& found) {
  if (found && found->has_value()) {
    outbox_.push_back(telling);
    if (std::exchange(flush_posted_, true)) return;
    // The next turn of the loop: those who were found at the same time are one append.
    parts_->control.Post([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Flush();
    });
    return;
  }
  --under_way_;
  if (!found) {
    Again(telling);
  } else {
    DeskParts::Count(parts_->counters.dropped);
    done_(telling);
  }
  Pump();
}

void AddressTeller::Flush() {
  flush_posted_ = false;
  if (stopped_ || outbox_.empty()) return;
  auto tellings = std::exchange(outbox_, {});
  std::vector<broker::AppendRequest> requests;
  requests.reserve(tellings.size());
  for (const Telling& telling : tellings) {
    const std::string& socket = telling.batch->askers[telling.index].request.socket_id;
    requests.push_back({EnvelopeOf(Compose(telling), socket), telling.batch->LogKey(telling.index),
                        parts_->clock.Now()});
  }
  parts_->broker.log().Append(
      std::move(requests),
      [weak = weak_from_this(), told = std::move(tellings)](const auto& appended) {
        auto self = weak.lock();
        if (self && !self->stopped_) self->OnAppended(told, appended.has_value());
      });
}

void AddressTeller::OnAppended(std::vector<Telling> tellings, bool appended) {
  under_way_ -= tellings.size();
  for (Telling& telling : tellings) {
    if (appended) {
      done_(telling);
    } else {
      Again(std::move(telling));
    }
  }
  Pump();
}

AddressEvent AddressTeller::Compose(const Telling& telling) const {
  const AddressRequest& request = telling.batch->askers[telling.index].request;
  const PlaceEnd& end = *telling.end;
  if (!end.answer) return ErrorEvent(request, ErrorOf(end.fault, end.retry_after));
  const auto answer = AnswerFor(*parts_, *end.answer, request.place, false);
  return answer ? ResultEvent(request, *answer) : ErrorEvent(request, answer.error());
}

}  // namespace trackwire::geocoding
