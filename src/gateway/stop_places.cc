#include "gateway/stop_places.h"

#include <utility>

#include "base/json_scanner.h"
#include "ingest/envelope.h"

namespace trackwire::gateway {
namespace {

/// What was accepted was checked; its size is no longer a question.
constexpr size_t kAnySize = ~size_t{0};
constexpr std::string_view kEvent = "tracker_status_change";

bool Says(base::JsonValue object, const char* name, std::string_view word) {
  const auto member = base::FindMember(object, name);
  return member && member->is_string() && base::DecodeJsonString(member->text) == word;
}

}  // namespace

std::optional<tracking::Id> StoppedBy(std::string_view envelope) {
  // Nearly all of the log are positions, which are not worth a closer look.
  if (envelope.find(kEvent) == std::string_view::npos) return std::nullopt;
  const auto parsed = ingest::ParseEnvelope(envelope, kAnySize);
  // What is meant for one socket or one client is no news about the tracker.
  if (!parsed || parsed->message_type != kEvent || !parsed->tracker_id || parsed->socket_id ||
      parsed->client_id) {
    return std::nullopt;
  }
  const auto object = base::ScanJson(parsed->notification);
  const bool stopped = object && object->is_object() && Says(*object, "axis", "motion") &&
                       Says(*object, "status", "stopped") &&
                       Says(*object, "previous_status", "moving");
  return stopped ? parsed->tracker_id : std::nullopt;
}

StopPlaces::StopPlaces(net::Loop& loop, broker::NotificationLog& log, Where where, Take take)
    : state_(new State{loop, std::move(where), std::move(take)}) {
  log.Tail([state = state_](const std::vector<broker::LogEntryPtr>& entries) {
    if (state->ended) return;
    for (const broker::LogEntryPtr& entry : entries) Hear(state, entry->envelope);
  });
}

StopPlaces::~StopPlaces() {
  state_->ended = true;
  state_->waiting.clear();
}

void StopPlaces::Hear(const std::shared_ptr<State>& state, std::string_view envelope) {
  const auto tracker = StoppedBy(envelope);
  if (!tracker) return;
  const auto place = state->where(*tracker);
  if (!place) return;
  if (state->waiting.size() >= kMaxWaiting) {
    state->dropped.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  state->waiting.push_back(*place);
  if (state->waiting.size() == 1) state->loop.Post([state] { Step(state); });
}

void StopPlaces::Step(const std::shared_ptr<State>& state) {
  if (state->ended || state->waiting.empty()) return;
  state->take(state->waiting.front());
  state->waiting.pop_front();
  if (!state->waiting.empty()) state->loop.Post([state] { Step(state); });
}

}  // namespace trackwire::gateway
