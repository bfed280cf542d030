#pragma once

#include <string>
#include <string_view>

namespace trackwire::formats {

/// Appends text as one cell: quoted where RFC 4180 asks for it, and with an apostrophe in front of
/// what a spreadsheet would run as a formula (and of an apostrophe that could be taken for ours).
void AppendCsvText(std::string& out, std::string_view text);

/// The text of a cell without the apostrophe that AppendCsvText() put there.
std::string_view CsvText(std::string_view cell);

}  // namespace trackwire::formats
