// What publishers put on the channel and into the inbox, on its way to the log.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "ingest/envelope.h"
#include "net/timer_wheel.h"
#include "notify/intake.h"

namespace trackwire::notify {

using From = broker::InletTicket::From;

Intake::Counts& Intake::CountsOf(From from) {
  if (from == From::kChannel) return channel_;
  return from == From::kInbox ? inbox_ : http_;
}

void Intake::Follow(broker::Inlet& inlet) {
  loop_.Post([this, &inlet] {
    inlet_ = &inlet;
    inlet.Open(loop_, [this](std::vector<broker::Incoming> incoming) { Hear(std::move(incoming)); });
  });
}

void Intake::Settle(std::function<void()> done) {
  loop_.Post([this, done = std::move(done)] {
    if (heard_.empty()) return done();
    settled_.push_back(done);
  });
}

void Intake::Hear(std::vector<broker::Incoming> incoming) {
  for (broker::Incoming& one : incoming) HearOne(std::move(one));
  if (storing_ == 0) StoreHeard();
}

void Intake::HearOne(broker::Incoming incoming) {
  Counts& counts = CountsOf(incoming.ticket.from);
  auto envelope = ingest::ParseEnvelope(incoming.envelope, options_.max_envelope_bytes);
  if (!envelope) {
    counts.rejected.fetch_add(1);
    base::LogWarn("notify", "a notification was refused",
                  {{"reason", envelope.error().code},
                   {"detail", envelope.error().detail},
                   {"from", incoming.ticket.from == From::kChannel ? "channel" : "inbox"}});
    inlet_->Refuse(std::move(incoming), envelope.error().code);
    return;
  }
  const uint64_t size = incoming.envelope.size();
  // The inbox keeps what is not taken, and its inlet holds back. What was heard on the channel
  // waits here while it cannot be stored: for long, but not without end.
  if (incoming.ticket.from == From::kChannel &&
      waiting_bytes_.load() + size > options_.max_waiting_bytes) {
    counts.unavailable.fetch_add(1);
    if (!told_full_) {
      base::LogError("notify", "too much waits to be stored, so what the channel brings is refused",
                     {{"waiting_bytes", waiting_bytes_.load()}});
    }
    told_full_ = true;
    inlet_->Refuse(std::move(incoming), "queue_full");
    return;
  }
  waiting_bytes_.fetch_add(size);
  // Without an id, the key that may stand beside an envelope in the inbox is the broker's to know.
  heard_.push_back({std::move(incoming.envelope), std::move(envelope->id), incoming.heard_at,
                    std::move(incoming.ticket)});
}

void Intake::StoreHeard() {
  storing_ = std::min(heard_.size(), options_.max_batch);
  if (storing_ == 0) {
    told_full_ = false;
    for (const auto& done : std::exchange(settled_, {})) done();
    return;
  }
  // Copies: what cannot be stored is tried again, before anything that came later.
  std::vector<broker::AppendRequest> batch(heard_.begin(),
                                           heard_.begin() + static_cast<ptrdiff_t>(storing_));
  broker_.log().Append(std::move(batch), [this](Result<std::vector<broker::Appended>> appended) {
    loop_.Post([this, held = std::move(appended)] { OnHeardStored(held); });
  });
}

void Intake::OnHeardStored(const Result<std::vector<broker::Appended>>& appended) {
  if (!appended) {
    if (retries_.fetch_add(1) % 100 == 0) {
      base::LogError("notify", "notifications could not be stored, trying again",
                     {{"reason", appended.error().code}, {"waiting", heard_.size()}});
    }
    retry_.Start(loop_.timers(), options_.retry_after);
    return;
  }
  for (size_t i = 0; i < storing_; ++i) {
    const broker::AppendRequest& request = heard_.front();
    Counts& counts = CountsOf(request.ticket.from);
    ((*appended)[i].duplicate ? counts.duplicates : counts.accepted).fetch_add(1);
    waiting_bytes_.fetch_sub(request.envelope.size());
    heard_.pop_front();
  }
  StoreHeard();
}

void Intake::RetryHeard() { StoreHeard(); }

}  // namespace trackwire::notify
