#include "socketio/pending_acks.h"

#include <charconv>
#include <utility>

#include "socketio/guard.h"

namespace trackwire::socketio {

PendingAcks::Waiting::Waiting(PendingAcks& all, uint64_t number, AckResult done)
    : owner(all),
      id(number),
      result(std::move(done)),
      timer(
          [](void* context) {
            auto* self = static_cast<Waiting*>(context);
            self->owner.OnTimeout(self->id);
          },
          this) {}

void PendingAcks::Add(uint64_t id, net::TimerWheel& timers, std::chrono::milliseconds timeout,
                      AckResult result) {
  auto waiting = std::make_unique<Waiting>(*this, id, std::move(result));
  if (timeout.count() > 0) waiting->timer.Start(timers, timeout);
  waiting_.emplace(id, std::move(waiting));
}

void PendingAcks::Resolve(std::string_view id, std::string_view args_json,
                          const std::vector<std::string_view>& attachments) {
  uint64_t number = 0;
  const auto parsed = std::from_chars(id.data(), id.data() + id.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != id.data() + id.size()) return;
  const auto found = waiting_.find(number);
  if (found == waiting_.end()) return;
  const auto waiting = std::move(found->second);
  waiting_.erase(found);
  waiting->timer.Cancel();
  Finish(*waiting, false, args_json, attachments);
}

void PendingAcks::OnTimeout(uint64_t id) {
  const auto found = waiting_.find(id);
  const auto waiting = std::move(found->second);
  waiting_.erase(found);
  Finish(*waiting, true, "[]", {});
}

void PendingAcks::Finish(Waiting& waiting, bool timed_out, std::string_view args_json,
                         const std::vector<std::string_view>& attachments) const {
  Guarded("ack", sid_, [&] { waiting.result(timed_out, args_json, attachments); });
}

void PendingAcks::FailAll() {
  const auto all = std::move(waiting_);
  waiting_.clear();
  for (const auto& [id, waiting] : all) {
    waiting->timer.Cancel();
    Finish(*waiting, true, "[]", {});
  }
}

}  // namespace trackwire::socketio
