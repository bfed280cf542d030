#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/tracker_reader.h"
#include "formats/track_writer.h"

namespace trackwire::api {

/// `{"positions":[…],"next":text|null}`; an empty `next` is null.
std::string PositionsJson(const std::vector<TrackerReader::PastPosition>& past,
                          std::string_view next);

/// The same positions as a document of another format. Those of which the place was left out are not
/// in it.
std::string PositionsFile(const std::vector<TrackerReader::PastPosition>& past,
                          const tracking::Tracker& tracker, formats::TrackFormat format);

/// A name for such a file that every system takes: `bus-7.gpx`.
std::string FileName(const tracking::Id& tracker, formats::TrackFormat format);

/// What is left of a position of tracking::ToJson() of which members may have been left out; nothing
/// without a place and a fix time.
std::optional<tracking::Position> ReadPosition(std::string_view json);

}  // namespace trackwire::api
