#pragma once

#include <memory>
#include <utility>

#include "geocoding/desk_parts.h"
#include "geocoding/place_table.h"
#include "net/timer.h"

namespace trackwire::geocoding {

/// One GeocodingDesk::Look(): waits for its place, but not for longer than its patience. Belongs to
/// the broker's loop.
class AddressLook final : public PlaceWaiter {
 public:
  using Done = GeocodingDesk::LookDone;
  /// Called once with the look, when it has its end.
  using Ended = std::function<void(AddressLook&)>;

  AddressLook(std::shared_ptr<DeskParts> parts, Place place, Done done, Ended ended);

  void Hear(uint32_t index, const std::shared_ptr<const PlaceEnd>& end) override;
  bool Waits(uint32_t index) const override;

  /// The final answer. The first of all ends counts.
  void End(Result<AddressAnswer, AddressError> answer);
  /// It cannot be answered now: the index's answer, provisional, else the error.
  void Fail(const AddressError& error);

  const Place& place() const { return place_; }

 private:
  const std::shared_ptr<DeskParts> parts_;
  const Place place_;
  Done done_;
  Ended ended_;
  net::Timer patience_;
};

/// What is told of a place's answer to somebody within its cell; when no provider knows it, what
/// the index knows.
Result<AddressAnswer, AddressError> AnswerFor(DeskParts& parts, const PlaceAnswer& answer,
                                              const Place& asker, bool cached);

}  // namespace trackwire::geocoding
