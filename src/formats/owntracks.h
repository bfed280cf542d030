#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/report.h"

namespace trackwire::formats {

/// Reads one OwnTracks message, as the app posts it or the Recorder gives it. Nothing for a kind
/// that says nothing of where or whether it is (waypoints, cards, commands and the like).
///
/// `external_id` is `user/device` of the topic, or of `username` and `device`; empty without both.
/// Speeds km/h become m/s. A ping that repeats the last place is the caller's to recognise: its
/// `attributes` have `"trigger":"p"`, the letter of `t`. What may name a network, a vehicle or a
/// phone is left out. A sign of life without a time of its own has the epoch as `fix_time`.
///
/// An `lwt` is what its broker says of a device whose line broke: `last_will`. Its time is when a
/// Recorder received it (`isorcv`), else its `tst`, of which the whole second counts; else the
/// epoch.
/// Errors: `bad_json`, `bad_message` (the detail names the member), `encrypted`.
/// Spec: https://owntracks.org/booklet/tech/json/
Result<std::optional<Report>> ReadOwntracks(std::string_view json);

/// What a Recorder's `/api/0/last` held.
struct OwntracksList {
  std::vector<Report> reports;
  uint64_t bad = 0;  ///< entries that could not be read, that are encrypted or of nobody
};

/// Errors: `bad_json`, `bad_message`, `too_many` (entries).
Result<OwntracksList> ReadOwntracksList(std::string_view json);

}  // namespace trackwire::formats
