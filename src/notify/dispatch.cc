#include "notify/dispatch.h"

#include <algorithm>

#include "base/log.h"

namespace trackwire::notify {

Dispatch::Dispatch(broker::Broker& broker, socketio::Namespace& nsp, tracking::Board& board,
                   const Choices& choices, const Clock& clock, VisibilityRules rules,
                   const Views& views, EncodeOptions options)
    : broker_(broker),
      nsp_(nsp),
      board_(board),
      choices_(choices),
      clock_(clock),
      rules_(std::move(rules)),
      views_(views),
      options_(std::move(options)) {}

void Dispatch::Start() {
  broker_.log().Tail(
      [this](const std::vector<broker::LogEntryPtr>& entries) { OnEntries(entries); });
}

const VisibilityRules& Dispatch::RulesFor(const ingest::Envelope& envelope,
                                          const tracking::Tracker* tracker) const {
  // What was said of one that was hidden does not become everybody's when that is removed.
  const bool unknown = envelope.tracker_id && tracker == nullptr;
  return unknown && board_.WasHidden(*envelope.tracker_id) ? hiding_rules_ : rules_;
}

Audience Dispatch::AudienceOf(const ingest::Envelope& envelope, bool with_place) const {
  const tracking::Tracker* tracker =
      envelope.tracker_id ? board_.Find(*envelope.tracker_id) : nullptr;
  Audience audience = notify::AudienceOf(envelope, tracker, RulesFor(envelope, tracker));
  if (!with_place || !audience.subject) return audience;
  auto& place = audience.subject->place;
  if (envelope.message_type == "tracker_location_updated") {
    place = tracking::ReadPlace(envelope.notification);
  }
  if (!place) place = board_.PlaceOf(*envelope.tracker_id);
  return audience;
}

void Dispatch::OnEntries(const std::vector<broker::LogEntryPtr>& entries) {
  socketio::DeliveryBatch batch;
  batch.reserve(entries.size());
  for (const broker::LogEntryPtr& entry : entries) {
    auto envelope = ingest::ParseEnvelope(entry->envelope, kAnySize);
    if (!envelope) {
      ++counters_.unreadable;
      base::LogError("notify", "an entry of the log is no envelope",
                     {{"offset", entry->offset.ToString()}, {"reason", envelope.error().code}});
      continue;
    }
    Remember(*entry, *envelope);
    const ChoiceCounts& counts = choices_.counts();
    const auto audience =
        std::make_shared<const Audience>(AudienceOf(*envelope, counts.boxes > 0));
    for (auto& made : MakeDeliveries(*entry, *envelope, audience, views_, counts, options_)) {
      batch.push_back(std::move(made.delivery));
    }
    ++counters_.dispatched;
  }
  if (!batch.empty()) nsp_.Deliver(std::move(batch));
}

void Dispatch::Learn(const broker::LogEntry& entry) {
  auto envelope = ingest::ParseEnvelope(entry.envelope, kAnySize);
  if (envelope) Remember(entry, *envelope);
}

void Dispatch::Remember(const broker::LogEntry& entry, const ingest::Envelope& envelope) {
  // What is meant for one socket or one client is no news about the tracker for all others.
  if (!envelope.tracker_id || envelope.socket_id || envelope.client_id) return;
  const WallTime now = clock_.WallNow();
  if (envelope.message_type == "tracker_location_updated") {
    RememberLocation(entry, envelope, now);
  } else if (envelope.message_type == "tracker_status_change") {
    if (rules_.unknown_trackers_public) {
      board_.LearnStatus(*envelope.tracker_id, envelope.notification, now, kMaxLearnedTrackers);
    } else {
      board_.ApplyStatus(*envelope.tracker_id, envelope.notification, now);
    }
  }
}

void Dispatch::RememberLocation(const broker::LogEntry& entry, const ingest::Envelope& envelope,
                                WallTime now) {
  const WallTime told_at = std::min(WallTime{std::chrono::milliseconds(entry.offset.ms)}, now);
  const std::string read = read_form_ ? read_form_(envelope.notification, told_at) : std::string();
  const std::string_view location = read.empty() ? envelope.notification : std::string_view(read);
  if (rules_.unknown_trackers_public) {
    board_.LearnLocation(*envelope.tracker_id, location, told_at, now, kMaxLearnedTrackers);
  } else {
    board_.ApplyLocation(*envelope.tracker_id, location, now);
  }
}

}  // namespace trackwire::notify
