#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trackwire::formats {

/// Takes a CSV file byte by byte and gives its rows, in bounded memory.
///
/// Quotes, doubled quotes, line breaks inside quotes, LF and CRLF, a byte order mark at the start;
/// empty lines are skipped. Spec: RFC 4180.
class CsvScanner {
 public:
  enum class Row {
    kMore,  ///< the row goes on
    kRow,
    kBad,  ///< it broke the grammar or a limit; the next begins after the line where that was seen
  };
  struct Limits {
    size_t max_row_bytes = 65'536;
    size_t max_fields = 256;
  };

  explicit CsvScanner(const Limits& limits) : limits_(limits) {}

  Row Take(char c);
  /// The file ends here: the last row when it has no line break, kMore when there is none.
  Row End();
  /// The fields of the row, after kRow; borrowed until the next Take().
  const std::vector<std::string_view>& fields() const { return fields_; }
  /// Line on which the last row began, from 1.
  size_t line() const { return row_line_; }

 private:
  enum class State { kFieldStart, kPlain, kQuoted, kQuoteInQuoted, kSkip };

  void Begin();
  /// True when the byte ends the row.
  bool TakeInRow(char c);
  void EndField();
  void Append(char c);
  void Fail();
  Row Finish();

  const Limits limits_;
  size_t line_ = 1;
  size_t row_line_ = 1;
  bool first_ = true;   ///< nothing but a byte order mark has been read
  bool begun_ = false;  ///< a row has
  State state_ = State::kFieldStart;
  bool bad_ = false;
  std::string text_;
  std::vector<size_t> ends_;  ///< of the fields in text_
  std::vector<std::string_view> fields_;
};

}  // namespace trackwire::formats
