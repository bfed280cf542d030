#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "geocoding/geocoder.h"

namespace trackwire::geocoding {

/// Providers that count, and answer at once or when told. Any thread.
class TestChain final : public Geocoder {
 public:
  using Answer = std::function<Result<Found, LookupError>(const Place&)>;

  explicit TestChain(Answer answer = {}) : answer_(std::move(answer)) {}

  /// A street whose name is where it was looked up, 10 m north of it.
  static Result<Found, LookupError> Street(const Place& place) {
    Found found;
    found.address.display_name =
        "street at " + std::to_string(place.latitude) + " " + std::to_string(place.longitude);
    found.address.road = "street";
    found.provider = "test";
    found.address.distance_m = 10;
    found.address.bearing = 180;
    return found;
  }

  void Look(Place place, Done done) override {
    Answer answer;
    {
      const std::lock_guard lock(mutex_);
      looked_.push_back(place);
      if (!answer_) {
        held_.emplace_back(std::move(place), std::move(done));
        return;
      }
      answer = answer_;
    }
    done(answer(place));
  }

  /// From now on it answers at once, with what it holds to begin with.
  void Let(const Answer& answer) {
    std::vector<std::pair<Place, Done>> held;
    {
      const std::lock_guard lock(mutex_);
      answer_ = answer;
      held = std::exchange(held_, {});
    }
    for (const auto& [place, done] : held) done(answer(place));
  }
  void Hold() {
    const std::lock_guard lock(mutex_);
    answer_ = nullptr;
  }
  std::vector<Place> looked() const {
    const std::lock_guard lock(mutex_);
    return looked_;
  }
  size_t count() const { return looked().size(); }

 private:
  mutable std::mutex mutex_;
  Answer answer_;
  std::vector<Place> looked_;
  std::vector<std::pair<Place, Done>> held_;
};

}  // namespace trackwire::geocoding
