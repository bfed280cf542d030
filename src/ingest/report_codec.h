#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/fix_report.h"

namespace trackwire::ingest {

/// Reports as they wait in a queue between processes: a JSON array.
std::string EncodeReports(const std::vector<FixReport>& reports);
/// What EncodeReports() wrote, by whatever version; members that are not known are passed over.
/// Errors: `bad_json`, `bad_report`.
Result<std::vector<FixReport>> DecodeReports(std::string_view json);

}  // namespace trackwire::ingest
