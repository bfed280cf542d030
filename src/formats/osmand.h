#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "formats/report.h"

namespace trackwire::formats {

/// The parameters of a query or form, decoded, in their order.
using OsmandFields = std::vector<std::pair<std::string, std::string>>;

struct OsmandOptions {
  WallTime now{};                           ///< the time of what does not say its own
  double speed_unit_mps = 1852.0 / 3600.0;  ///< what 1 of a field `speed` is; of JSON it is 1
};

/// Reads one message of the OsmAnd protocol as parameters: what OsmAnd, the Traccar Client before
/// version 9 and many others send. One without a place is a sign of life.
///
/// Unknown is absent: negative numbers where none can be, an accuracy of 0, a course of 0 of what
/// stands still, what is no number. Keys that nobody knows become attributes; what names a network,
/// and secrets, are left out. A time without a zone is UTC.
/// Errors: `bad_message`; the detail names the field. Linear; bounded by AttributeList.
Result<Report> ReadOsmandFields(const OsmandFields& fields, const OsmandOptions& options);

/// The same as JSON, as the Traccar Client from version 9 on sends it, or with the members of
/// `coords` in `location` itself. Errors also: `bad_json`.
Result<Report> ReadOsmandJson(std::string_view json, WallTime now);

}  // namespace trackwire::formats
