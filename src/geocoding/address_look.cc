#include "geocoding/address_look.h"

#include "geocoding/place_key.h"

namespace trackwire::geocoding {

AddressLook::AddressLook(std::shared_ptr<DeskParts> parts, Place place, Done done, Ended ended)
    : parts_(std::move(parts)),
      place_(std::move(place)),
      done_(std::move(done)),
      ended_(std::move(ended)),
      patience_(
          [](void* self) {
            static_cast<AddressLook*>(self)->Fail(ErrorOf(LookupFault::kUnavailable, std::nullopt));
          },
          this) {
  patience_.Start(parts_->control.timers(), parts_->options.patience);
}

void AddressLook::Hear(uint32_t, const std::shared_ptr<const PlaceEnd>& end) {
  if (!end->answer) return Fail(ErrorOf(end->fault, end->retry_after));
  End(AnswerFor(*parts_, *end->answer, place_, false));
}

bool AddressLook::Waits(uint32_t) const { return done_ != nullptr; }

void AddressLook::End(Result<AddressAnswer, AddressError> answer) {
  const Done done = std::exchange(done_, nullptr);
  if (!done) return;
  patience_.Cancel();
  const Ended ended = std::exchange(ended_, nullptr);
  done(std::move(answer));
  // At last: it may be the end of this object.
  ended(*this);
}

void AddressLook::Fail(const AddressError& error) {
  if (!Waits(0)) return;
  if (auto offline = parts_->Offline(place_, true)) {
    DeskParts::Count(parts_->counters.provisional);
    return End(std::move(*offline));
  }
  End(Err(error));
}

Result<AddressAnswer, AddressError> AnswerFor(DeskParts& parts, const PlaceAnswer& answer,
                                              const Place& asker, bool cached) {
  if (answer.found) {
    const Place centre = CellCentre(asker, parts.options.decimals);
    return AddressAnswer{FoundFor(*answer.found, centre, asker), cached, false};
  }
  if (auto offline = parts.Offline(asker, false)) {
    DeskParts::Count(parts.counters.offline);
    offline->cached = cached;
    return std::move(*offline);
  }
  return Err(ErrorOf(LookupFault::kNotFound, std::nullopt));
}

}  // namespace trackwire::geocoding
