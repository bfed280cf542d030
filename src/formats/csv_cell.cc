#include "formats/csv_cell.h"

namespace trackwire::formats {
namespace {

/// How a cell begins that spreadsheets do not take as text.
constexpr std::string_view kFormulaStarts = "=+-@\t\r\n";

bool NeedsGuard(std::string_view text) {
  return !text.empty() && (text[0] == '\'' || kFormulaStarts.find(text[0]) != text.npos);
}

}  // namespace

void AppendCsvText(std::string& out, std::string_view text) {
  const bool quoted = text.find_first_of(",\"\r\n") != text.npos;
  if (quoted) out += '"';
  if (NeedsGuard(text)) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  if (quoted) out += '"';
}

std::string_view CsvText(std::string_view cell) {
  if (!cell.empty() && cell[0] == '\'' && NeedsGuard(cell.substr(1))) cell.remove_prefix(1);
  return cell;
}

}  // namespace trackwire::formats
